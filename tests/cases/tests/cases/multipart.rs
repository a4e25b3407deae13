//! Forms with files: each part as the specification has it, alike in both faces.

use std::collections::BTreeMap;

use diptych_cases::multipart::models::{
    AddPictureRequest, AddPictureRequestSize, AttachRequest, Attachment, Backup, ReportRequest,
    ReportRequestAddress, ScanRequest,
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
        part("name=\"tags\"\r\ncontent-type: application/json", "\"x\""),
        part("name=\"tags\"\r\ncontent-type: application/json", "\"y\""),
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

#[test]
fn parts_of_a_mixed_body_are_named_alike() {
    let id = "00000000-0000-0000-0000-000000000001".parse().unwrap();
    let report = || ReportRequest::new(id, "png").address(ReportRequestAddress::new("s"));
    let (_, sent) = both!(multipart, nothing(), client => client.report(&report()));
    assert_eq!(
        header(&sent, "content-type"),
        Some("multipart/mixed; boundary=B")
    );
    assert_eq!(
        crate::body(&sent),
        "--B\r\ncontent-disposition: form-data; name=\"id\"\r\n\r\n00000000-0000-0000-0000-000000000001\r\n\
         --B\r\ncontent-disposition: form-data; name=\"scan\"; filename=\"scan\"\r\ncontent-type: image/png\r\n\r\npng\r\n\
         --B\r\ncontent-disposition: form-data; name=\"address\"\r\ncontent-type: application/json\r\n\r\n\
         {\"street\":\"s\"}\r\n--B--\r\n"
    );
}

/// A reader of so many bytes, that fails after some where it is to.
struct Zeros {
    left: usize,
    fails: bool,
}

impl std::io::Read for Zeros {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.fails && self.left == 0 {
            return Err(std::io::Error::other("the disk is gone"));
        }
        let read = out.len().min(self.left);
        out[..read].fill(b'0');
        self.left -= read;
        Ok(read)
    }
}

fn zeros(left: usize) -> File {
    File::from_reader(Zeros { left, fails: false })
}

#[test]
fn a_file_is_read_while_it_is_sent() {
    const SIZE: usize = 1 << 20;
    for length in [None, Some(SIZE)] {
        let file = || match length {
            None => zeros(SIZE),
            Some(length) => zeros(SIZE + 5).length(length as u64),
        };
        let picture = || AddPictureRequest::new(file(), "t");
        let (got, sent) = both!(multipart, nothing(), client => client.add_picture(&picture()));
        got.unwrap();
        assert_eq!(header(&sent, "content-length").is_some(), length.is_some());
        let chunked = header(&sent, "transfer-encoding");
        assert_eq!(chunked, length.is_none().then_some("chunked"));
        let parts = parts(&sent);
        assert_eq!(parts[0].1.len(), SIZE);
        assert_eq!(parts[1], part("name=\"title\"", "t"));
    }
}

#[test]
fn a_source_that_fails_is_named_and_nothing_looks_whole() {
    let broken = || {
        File::from_reader(Zeros {
            left: 100_000,
            fails: true,
        })
    };
    let picture = || AddPictureRequest::new(broken(), "t");
    let (got, sent) = both!(multipart, nothing(), client => client.add_picture(&picture()));
    let error = got.unwrap_err().to_string();
    assert!(error.contains("the disk is gone"), "{error}");
    assert_eq!(sent, []);
    let short = || zeros(10).length(11);
    let picture = || AddPictureRequest::new(short(), "t");
    let (got, _) = both!(multipart, nothing(), client => client.add_picture(&picture()));
    let error = got.unwrap_err().to_string();
    assert!(error.contains("1 bytes before its length"), "{error}");
}

#[test]
fn what_was_read_is_not_sent_again() {
    use diptych_runtime::StandardRetry;
    let busy = || json(503, "{}").header("retry-after", "0");
    let picture = || AddPictureRequest::new(zeros(100), "t");
    let (server, config) = crate::server(&busy());
    let config = config.retry_policy(StandardRetry::new(3));
    let client = diptych_cases::multipart::Client::from_config(config).unwrap();
    let picture = picture();
    let error = client
        .restore_with(&Restore::new().body(Backup::new().file(zeros(5))))
        .unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("no attempt follows, as its body is read from a source"),
        "{error}"
    );
    assert_eq!(server.take().len(), 1);
    let _ = client.add_picture(&picture);
    let again = client.add_picture(&picture).unwrap_err();
    assert!(again.is_request(), "{again}");
    assert_eq!(server.take().len(), 1);
}

/// Gives three bytes, and then panics.
struct Falls(bool);

impl tokio::io::AsyncRead for Falls {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        _context: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        assert!(!self.0, "the source has fallen");
        self.0 = true;
        buffer.put_slice(b"abc");
        std::task::Poll::Ready(Ok(()))
    }
}

#[test]
fn a_source_that_panics_ends_no_body_as_if_it_were_whole() {
    let (server, config) = crate::server(&nothing());
    let outcome = crate::on_tokio(async {
        let client = diptych_cases::multipart::AsyncClient::from_config(config).unwrap();
        let picture = AddPictureRequest::new(File::from_async_reader(Falls(false)), "t");
        client.add_picture(&picture).await
    });
    assert!(outcome.is_err());
    assert_eq!(server.take().len(), 0);
}

#[test]
fn the_async_face_reads_what_is_async() {
    let reader = || std::io::Cursor::new(b"abc".to_vec());
    let (server, config) = crate::server(&nothing());
    crate::on_tokio(async {
        let client = diptych_cases::multipart::AsyncClient::from_config(config).unwrap();
        let picture = AddPictureRequest::new(File::from_async_reader(reader()).length(3), "t");
        client.add_picture(&picture).await.unwrap();
    });
    let sent = crate::plain(server.take());
    assert_eq!(parts(&sent)[0].1, "abc");
    let (_server, config) = crate::server(&nothing());
    let client = diptych_cases::multipart::Client::from_config(config).unwrap();
    let picture = AddPictureRequest::new(File::from_async_reader(reader()), "t");
    let error = client.add_picture(&picture).unwrap_err().to_string();
    assert!(error.contains("by the async client"), "{error}");
}

#[test]
fn a_part_says_of_what_media_type_it_is_and_how_it_is_encoded() {
    let scan = || {
        ScanRequest::new()
            .a_page("1")
            .b_pages([File::new("2").media_type("image/x-own"), File::new("3")])
            .c_thumb("R0lG")
            .d_thumbs(["AA", "__"])
            .e_index(r#"{"a": 1}"#)
            .f_page("4")
            .g_other("NQ==")
            .h_other("6")
    };
    let (_, sent) = both!(multipart, nothing(), client => client.scan(&scan()));
    let file = |name: &str, media_type: &str, content: &str| {
        let head = format!("name=\"{name}\"; filename=\"{name}\"\r\ncontent-type: {media_type}");
        part(&head, content)
    };
    let text = |name: &str, media_type: &str, content: &str| {
        part(
            &format!("name=\"{name}\"\r\ncontent-type: {media_type}"),
            content,
        )
    };
    let encoded = "\r\ncontent-transfer-encoding: base64";
    let url = "application/octet-stream\r\ncontent-transfer-encoding: base64url";
    assert_eq!(
        parts(&sent),
        [
            file("a_page", "image/png", "1"),
            file("b_pages", "image/x-own", "2"),
            file("b_pages", "image/tiff", "3"),
            text("c_thumb", &format!("image/gif{encoded}"), "R0lG"),
            text("d_thumbs", url, "AA"),
            text("d_thumbs", url, "__"),
            text("e_index", "application/json", r#"{"a": 1}"#),
            file("f_page", "application/pdf", "4"),
            text("g_other", &format!("image/webp{encoded}"), "NQ=="),
            file("h_other", "image/webp", "6"),
        ]
    );
}
