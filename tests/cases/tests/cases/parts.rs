//! Bodies of several parts that are no plain forms: related ones, lists, and parts with styles.

use diptych_cases::parts::models::{
    RelatedRequest, RelatedRequestMeta, Row, StyledRequest, StyledRequestDeep, StyledRequestFlat,
};
use diptych_runtime::File;

use crate::{body, both, header, nothing, parts_of};

/// The parts as they stand, without the lines between them.
fn raw_parts(body: &str) -> Vec<&str> {
    let parts = body.strip_suffix("--B--\r\n").unwrap();
    let parts = parts.split("--B\r\n").skip(1);
    parts
        .map(|part| part.strip_suffix("\r\n").unwrap())
        .collect()
}

#[test]
fn related_parts_have_ids_and_the_one_that_refers_to_files_is_first() {
    let request = RelatedRequest::new("<b>é</b>", RelatedRequestMeta::new().title("t"))
        .images([File::new("1").name("a.png"), File::new("2")])
        .note("ü");
    let (_, sent) = both!(parts, nothing(), client => client.related(&request));
    assert_eq!(
        header(&sent, "content-type"),
        Some("multipart/related; type=\"application/ld+json\"; boundary=B")
    );
    assert_eq!(
        raw_parts(body(&sent)),
        [
            "content-id: <meta>\r\ncontent-type: application/ld+json\r\n\r\n{\"title\":\"t\"}",
            "content-id: <note>\r\ncontent-type: text/plain; charset=utf-8\r\n\r\nü",
            "content-id: <content>\r\ncontent-type: application/octet-stream\r\n\r\n<b>é</b>",
            "content-id: <images>\r\ncontent-disposition: attachment; filename=\"a.png\"\r\n\
             content-type: image/png\r\n\r\n1",
            "content-id: <images-2>\r\ncontent-type: image/png\r\n\r\n2",
        ]
    );
}

#[test]
fn items_of_a_list_are_parts_without_names() {
    let rows = [Row::new().a(1), Row::new()];
    let json = |text: &str| format!("content-type: application/json\r\n\r\n{text}");
    let expected = [json("{\"a\":1}"), json("{}")];
    let (_, sent) = both!(parts, nothing(), client => client.mixed(&rows.to_vec()));
    assert_eq!(
        header(&sent, "content-type"),
        Some("multipart/mixed; boundary=B")
    );
    assert_eq!(raw_parts(body(&sent)), expected);
    let (_, sent) = both!(parts, nothing(), client => client.related_list(&rows));
    assert_eq!(
        header(&sent, "content-type"),
        Some("multipart/related; type=\"application/json\"; boundary=B")
    );
    assert_eq!(raw_parts(body(&sent)), expected);
    let pair = (Row::new().a(1), 2);
    let (_, sent) = both!(parts, nothing(), client => client.mixed_pair(&pair));
    let text = "content-type: text/plain; charset=utf-8\r\n\r\n2";
    assert_eq!(raw_parts(body(&sent)), [json("{\"a\":1}").as_str(), text]);
    let (_, sent) = both!(parts, nothing(), client => client.mixed(&Vec::new()));
    assert_eq!(body(&sent), "--B--\r\n");
}

#[test]
fn files_and_encoded_texts_of_a_list() {
    let files = [
        File::new("1").name("a.png"),
        File::new("2").media_type("image/gif"),
    ];
    let (_, sent) = both!(parts, nothing(), client => client.mixed_files(&files));
    assert_eq!(
        raw_parts(body(&sent)),
        [
            "content-disposition: attachment; filename=\"a.png\"\r\ncontent-type: image/png\r\n\r\n1",
            "content-type: image/gif\r\n\r\n2",
        ]
    );
    let (_, sent) = both!(parts, nothing(), client => client.item_schema(&["1".into()]));
    let octets = "content-type: application/octet-stream\r\n\r\n1";
    assert_eq!(raw_parts(body(&sent)), [octets]);
    let texts = ["AQ==".to_owned()];
    let (_, sent) = both!(parts, nothing(), client => client.mixed_texts(&texts));
    assert_eq!(
        raw_parts(body(&sent)),
        ["content-type: image/png\r\ncontent-transfer-encoding: base64\r\n\r\nAQ=="]
    );
}

#[test]
fn parts_of_a_form_have_the_styles_that_are_described() {
    let request = StyledRequest::new()
        .comma(["a=b", "c,d"])
        .space([1, 2])
        .pipe(["x|y", "é"])
        .each([3, 4])
        .deep(StyledRequestDeep::new().a(1).b(["p", "q"]))
        .flat(StyledRequestFlat::new().x("f&g").y(5))
        .row(StyledRequestFlat::new().x("r").y(6))
        .file("f");
    let (_, sent) = both!(parts, nothing(), client => client.styled(&request));
    let mut expected = [
        ("comma", "a=b,c,d"),
        ("space", "1 2"),
        ("pipe", "x|y|é"),
        ("each", "3"),
        ("each", "4"),
        ("deep[a]", "1"),
        ("deep[b]", "p"),
        ("deep[b]", "q"),
        ("x", "f&g"),
        ("y", "5"),
        ("row", "x,r,y,6"),
    ]
    .map(|(name, text)| format!("\"{name}\"\r\n\r\n{text}"))
    .to_vec();
    expected.push(
        "\"file\"; filename=\"file\"\r\ncontent-type: application/octet-stream\r\n\r\nf".to_owned(),
    );
    expected.sort();
    assert_eq!(parts_of(&sent), expected);
    let (_, sent) = both!(parts, nothing(), client => client.styled(&StyledRequest::new()));
    assert_eq!(body(&sent), "--B--\r\n");
}
