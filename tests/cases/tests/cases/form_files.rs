//! Forms with files whose parts stand anywhere: behind references, beside the properties.

use std::collections::BTreeMap;

use diptych_cases::form_files::models::{
    ExtraFilesRequest, FilesRequest, PartsRequest, PartsRequestMeta,
};
use diptych_runtime::File;
use serde_json::json as value;

use crate::{both, nothing, parts_of};

#[test]
fn files_behind_references_are_files() {
    let request = FilesRequest::new([File::new(vec![0xff, 0]).name("a"), File::new("2")]).one("3");
    let (_, sent) = both!(form_files, nothing(), client => client.files(&request));
    let text = String::from_utf8_lossy(&sent[0].body);
    assert_eq!(
        text.matches("name=\"files\"; filename=").count(),
        2,
        "{text}"
    );
    assert!(text.contains(
        "name=\"one\"; filename=\"one\"\r\ncontent-type: application/octet-stream\r\n\r\n3\r\n"
    ));
    assert!(sent[0].body.windows(2).any(|bytes| bytes == [0xff, 0]));
}

#[test]
fn files_of_any_name() {
    let mut request = ExtraFilesRequest::new().title("t");
    request.additional = BTreeMap::from([(
        "x".to_owned(),
        File::new("1").name("x.png").media_type("image/png"),
    )]);
    let (_, sent) = both!(form_files, nothing(), client => client.extra_files(&request));
    assert_eq!(
        parts_of(&sent),
        [
            "\"title\"\r\n\r\nt",
            "\"x\"; filename=\"x.png\"\r\ncontent-type: image/png\r\n\r\n1",
        ]
    );
}

#[test]
fn values_of_every_kind_are_parts() {
    let request = PartsRequest::new(PartsRequestMeta::new().a("m"), "f")
        .count(3)
        .flag(true)
        .nums([1.5, 2.0])
        .any(value!({"b": null}))
        .kind("b")
        .wei_rd_näme("w");
    let (_, sent) = both!(form_files, nothing(), client => client.parts(&request));
    assert_eq!(
        parts_of(&sent),
        [
            "\"any\"\r\ncontent-type: application/json\r\n\r\n{\"b\":null}",
            "\"count\"\r\ncontent-type: text/plain; charset=utf-8\r\n\r\n3",
            "\"file\"; filename=\"file\"\r\ncontent-type: application/octet-stream\r\n\r\nf",
            "\"flag\"\r\n\r\ntrue",
            "\"kind\"\r\n\r\nb",
            "\"meta\"\r\ncontent-type: application/vnd.meta+json\r\n\r\n{\"a\":\"m\"}",
            "\"nums\"\r\n\r\n1.5,2.0",
            "\"wei%22rd näme\"\r\n\r\nw",
        ]
    );
}

#[test]
fn an_object_of_anything_is_a_form() {
    let (_, sent) =
        both!(form_files, nothing(), client => client.free(&value!({"a": 1, "b": [true, null]})));
    assert_eq!(parts_of(&sent), ["\"a\"\r\n\r\n1", "\"b\"\r\n\r\ntrue"]);
}
