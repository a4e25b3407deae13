//! Forms with files: each part as the specification has it, alike in both faces.

use std::collections::BTreeMap;

use diptych_cases::multipart::models::{
    AddPictureRequest, AddPictureRequestSize, AttachRequest, Attachment, Backup,
};
use diptych_cases::multipart::requests::Restore;
use diptych_runtime::File;
use test_server::Request;

use crate::{both, header, json, nothing};

/// The parts of the only request: their heads and contents.
fn parts(sent: &[Request]) -> Vec<(String, String)> {
    assert_eq!(
        header(sent, "content-type"),
        Some("multipart/form-data; boundary=B")
    );
    let body = crate::body(sent).strip_suffix("--B--\r\n").unwrap();
    let parts = body.split("--B\r\n").skip(1);
    let parts = parts.map(|part| {
        let (head, content) = part.split_once("\r\n\r\n").unwrap();
        (
            head.to_owned(),
            content.strip_suffix("\r\n").unwrap().to_owned(),
        )
    });
    parts.collect()
}

fn part(head: &str, content: &str) -> (String, String) {
    let head = format!("content-disposition: form-data; {head}");
    (head, content.to_owned())
}

#[test]
fn each_property_is_a_part() {
    let picture = AddPictureRequest::new("P", "a \"b\"\r\n")
        .more([
            File::new("1").name("one\".jpg").media_type("image/jpeg"),
            File::new("2"),
        ])
        .tags(["x", "y"])
        .size(AddPictureRequestSize::new(3));
    let (_, sent) = both!(multipart, nothing(), client => client.add_picture(&picture));
    let expected = [
        part(
            "name=\"picture\"; filename=\"picture\"\r\ncontent-type: image/png",
            "P",
        ),
        part("name=\"title\"", "a \"b\"\r\n"),
        part("name=\"kind\"", "picture"),
        part(
            "name=\"more\"; filename=\"one%22.jpg\"\r\ncontent-type: image/jpeg",
            "1",
        ),
        part(
            "name=\"more\"; filename=\"more\"\r\ncontent-type: application/octet-stream",
            "2",
        ),
        part(
            "name=\"size\"\r\ncontent-type: application/json",
            "{\"width\":3}",
        ),
        part(
            "name=\"tags\"\r\ncontent-type: application/json",
            "[\"x\",\"y\"]",
        ),
    ];
    assert_eq!(sorted(parts(&sent)), sorted(expected.to_vec()));
}

fn sorted(mut parts: Vec<(String, String)>) -> Vec<(String, String)> {
    parts.sort();
    parts
}

#[test]
fn bytes_of_files_come_as_they_are() {
    let bytes: Vec<u8> = (0..=255).collect();
    let body = Backup::new().file(bytes.clone());
    let (_, sent) = both!(
        multipart,
        nothing(),
        client => client.restore_with(&Restore::new().body(body.clone()))
    );
    let content = sent[0].body.windows(256).any(|window| window == bytes);
    assert!(content, "{:?}", sent[0].body);
}

#[test]
fn a_form_that_may_be_left_out_is() {
    let (_, sent) = both!(multipart, nothing(), client => client.restore());
    assert_eq!(header(&sent, "content-type"), None);
    assert_eq!(sent[0].body, b"");
    let body = Backup::new();
    let (_, sent) = both!(
        multipart,
        nothing(),
        client => client.restore_with(&Restore::new().body(body.clone()))
    );
    assert!(parts(&sent).is_empty());
}

#[test]
fn names_that_are_not_known_are_parts_too() {
    let fields = BTreeMap::from([("a".to_owned(), 1), ("b".to_owned(), 2)]);
    let (_, sent) = both!(multipart, nothing(), client => client.send(&fields));
    let expected = [part("name=\"a\"", "1"), part("name=\"b\"", "2")];
    assert_eq!(parts(&sent), expected);
}

#[test]
fn what_is_answered_too_has_its_files_in_the_form_alone() {
    let attachment = AttachRequest::new(File::new("text").name("a.txt"));
    let (got, sent) = both!(
        multipart,
        json(200, r#"{"content": "kept"}"#),
        client => client.attach(&attachment)
    );
    let head = "name=\"content\"; filename=\"a.txt\"\r\ncontent-type: application/octet-stream";
    assert_eq!(parts(&sent), [part(head, "text")]);
    assert_eq!(got.unwrap().content, "kept");
    // Without files, a form carries the text that JSON does.
    let attachment = Attachment::new("text");
    let (_, sent) = both!(
        multipart,
        json(200, r#"{"content": "kept"}"#),
        client => client.attach_from_form(&attachment)
    );
    assert_eq!(crate::body(&sent), "content=text");
}

#[test]
fn what_would_end_a_head_is_refused_before_anything_is_sent() {
    let file = File::new("x").media_type("text/plain\r\nx-evil: 1");
    let body = Backup::new().file(file);
    let (got, sent) = both!(
        multipart,
        nothing(),
        client => client.restore_with(&Restore::new().body(body.clone()))
    );
    let error = got.unwrap_err();
    assert!(error.to_string().contains("`file`"), "{error}");
    assert!(sent.is_empty());
}

#[test]
fn a_file_shows_neither_content_nor_form() {
    let file = File::new("secret").name("a.txt");
    assert_eq!(
        format!("{file:?}"),
        "File { name: Some(\"a.txt\"), media_type: None, bytes: 6 }"
    );
    assert!(serde_json::to_string(&file).is_err());
}
