//! Files that are only known by where they stand.

use std::collections::BTreeMap;

use diptych_cases::open_files::models::{ConstantRequest, EmptyRequest, OpenRequest, Several};
use diptych_runtime::File;
use serde_json::json;

use crate::{body, both, header, nothing, parts_of};

#[test]
fn a_part_of_which_nothing_is_said_is_a_file() {
    let logo = File::new("P").name("l.png").media_type("image/png");
    let files = [File::new("1").name("a"), File::new("2").name("b")];
    let form = OpenRequest::new(logo, files);
    let form = form.note(json!("n")).rule(json!({ "a": 1 })).name("x");
    let (_, sent) = both!(open_files, nothing(), client => client.open(&form));
    assert_eq!(
        parts_of(&sent),
        [
            "\"files\"; filename=\"a\"\r\ncontent-type: application/octet-stream\r\n\r\n1",
            "\"files\"; filename=\"b\"\r\ncontent-type: application/octet-stream\r\n\r\n2",
            "\"logo\"; filename=\"l.png\"\r\ncontent-type: image/png\r\n\r\nP",
            "\"name\"\r\n\r\nx",
            "\"note\"\r\ncontent-type: text/plain\r\n\r\nn",
            "\"rule\"\r\ncontent-type: application/json\r\n\r\n{\"a\":1}",
        ]
    );
}

#[test]
fn one_file_or_several_are_files() {
    let file = |text: &'static str| File::new(text).name(text);
    let form = Several::new([file("a"), file("b")]).mask(file("m"));
    let (_, sent) = both!(open_files, nothing(), client => client.several(&form));
    let part = |name, text| {
        format!(
            "\"{name}\"; filename=\"{text}\"\r\ncontent-type: application/octet-stream\r\n\r\n{text}"
        )
    };
    let parts = [part("image", "a"), part("image", "b"), part("mask", "m")];
    assert_eq!(parts_of(&sent), parts);
}

#[test]
fn the_parts_of_a_form_that_is_described_as_a_file_are_named_by_the_caller() {
    let files = BTreeMap::from([("report".to_owned(), File::new("r").name("r.csv"))]);
    let (_, sent) = both!(open_files, nothing(), client => client.nameless(&files));
    assert_eq!(
        parts_of(&sent),
        ["\"report\"; filename=\"r.csv\"\r\ncontent-type: application/octet-stream\r\n\r\nr"]
    );
}

#[test]
fn a_form_that_is_described_as_a_text_is_the_callers() {
    let (_, sent) = both!(open_files, nothing(), client => client.written("a=b&c=d+e"));
    assert_eq!(
        header(&sent, "content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(body(&sent), "a=b&c=d+e");
}

#[test]
fn a_form_may_have_nothing_of_the_callers() {
    let made = ConstantRequest::new();
    let (_, sent) = both!(open_files, nothing(), client => client.constant(&made));
    assert_eq!(parts_of(&sent), ["\"kind\"\r\n\r\nk"]);
    let made = EmptyRequest::new();
    let (_, sent) = both!(open_files, nothing(), client => client.empty(&made));
    assert_eq!(body(&sent), "--B--\r\n");
}
