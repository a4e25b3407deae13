//! What is said of the parts of a body beside their schemas.

use diptych_cases::headed_parts::models::{FormRequest, FormRequestRow, PairsRequest};
use diptych_runtime::File;

use crate::{body, both, header, nothing, parts_of};

#[test]
fn each_item_of_a_list_is_a_part_with_what_is_said_of_it() {
    let rows = [FormRequestRow::new().a(1), FormRequestRow::new()];
    let scan = File::new("S").header("x-free", "f");
    let request = FormRequest::new(rows, scan).tags(["a", "b"]).mail("m");
    let (_, sent) = both!(headed_parts, nothing(), client => client.form(&request));
    let row = "\"rows\"\r\ncontent-type: application/vnd.row+json\r\nx-kind: row\r\n\r\n";
    let tag = "\"tags\"\r\ncontent-type: application/json\r\n\r\n";
    let expected = [
        "\"mail\"\r\ncontent-transfer-encoding: quoted-printable\r\n\r\nm".to_owned(),
        format!("{row}{{\"a\":1}}"),
        format!("{row}{{}}"),
        "\"scan\"; filename=\"scan\"\r\ncontent-type: image/png\r\nx-rate: 4\r\nx-free: f\r\n\r\nS"
            .to_owned(),
        format!("{tag}\"a\""),
        format!("{tag}\"b\""),
    ];
    assert_eq!(parts_of(&sent), expected);
    let rows = [FormRequestRow::new().a(1), FormRequestRow::new()];
    let request = PairsRequest::new().rows(rows).tags(["a"]);
    let (_, sent) = both!(headed_parts, nothing(), client => client.pairs(&request));
    let text = "rows=%7B%22a%22%3A1%7D&rows=%7B%7D&tags=%22a%22";
    assert_eq!(body(&sent), text);
}

#[test]
fn parts_by_position_may_be_files() {
    let scan = File::new("S").name("s.png");
    let tuple = (FormRequestRow::new().a(1), scan, vec![1, 2], None);
    let (_, sent) = both!(headed_parts, nothing(), client => client.tuple(&tuple));
    assert_eq!(
        body(&sent),
        "--B\r\ncontent-type: application/ld+json\r\n\r\n{\"a\":1}\r\n\
         --B\r\ncontent-type: image/png\r\ncontent-disposition: inline\r\n\r\nS\r\n\
         --B\r\ncontent-type: application/json\r\n\r\n[1,2]\r\n--B--\r\n"
    );
    let tuple = (FormRequestRow::new(), "".into(), vec![], Some("G".into()));
    let (_, sent) = both!(headed_parts, nothing(), client => client.tuple(&tuple));
    let last = "--B\r\ncontent-type: image/gif\r\n\r\nG\r\n--B--\r\n";
    assert!(body(&sent).ends_with(last), "{}", body(&sent));
}

#[test]
fn the_files_of_a_page_say_where_they_are() {
    let page = File::new("<p>").media_type("text/html");
    let picture = File::new("P").media_type("image/png");
    let picture = picture.header("Content-Location", "a.png");
    let parts = [page, picture];
    let (_, sent) = both!(headed_parts, nothing(), client => client.page(&parts));
    assert_eq!(
        header(&sent, "content-type"),
        Some("multipart/related; type=\"text/html\"; boundary=B")
    );
    assert_eq!(
        body(&sent),
        "--B\r\ncontent-type: text/html\r\nx-part: 1\r\n\r\n<p>\r\n\
         --B\r\ncontent-type: image/png\r\nx-part: 1\r\nContent-Location: a.png\r\n\r\nP\r\n--B--\r\n"
    );
}

#[test]
fn a_header_that_would_end_the_head_is_refused() {
    let page = File::new("x").header("x-a", "b\r\nc: d");
    let parts = [page];
    let (got, sent) = both!(headed_parts, nothing(), client => client.page(&parts));
    assert_eq!((got.unwrap_err().is_request(), sent.len()), (true, 0));
}
