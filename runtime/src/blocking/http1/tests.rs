use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method};

use super::*;

const LIMIT: u64 = 64 * 1024;

/// What came of an answer: status, body, whether the connection can be used again, and how many bytes were not its own.
type Outcome = Result<(u16, Vec<u8>, bool, usize), Unreadable>;

/// Reads an answer that comes in pieces, after which the connection ends.
fn read<'a>(asks_for_head: bool, pieces: impl IntoIterator<Item = &'a [u8]>) -> Outcome {
    let mut reading = Reading::new(asks_for_head, LIMIT);
    let mut buffer = Vec::new();
    let mut whole = None;
    for piece in pieces {
        buffer.extend_from_slice(piece);
        if whole.is_none() {
            let (used, now) = reading.take(&buffer)?;
            buffer.drain(..used);
            whole = now;
        }
    }
    let whole = match whole {
        Some(whole) => whole,
        None => reading.end()?,
    };
    let status = whole.answer.status().as_u16();
    Ok((
        status,
        whole.answer.body().to_vec(),
        whole.keeps_alive,
        buffer.len(),
    ))
}

/// Reads an answer at once, and cut in two at every byte, and byte by byte: it must make no difference.
fn read_in_all_ways(asks_for_head: bool, answer: &[u8]) -> Outcome {
    let at_once = read(asks_for_head, [answer]);
    for at in 0..=answer.len() {
        let (front, back) = answer.split_at(at);
        assert_eq!(read(asks_for_head, [front, back]), at_once, "cut at {at}");
    }
    assert_eq!(read(asks_for_head, answer.chunks(1)), at_once);
    at_once
}

fn get(answer: &str) -> Outcome {
    read_in_all_ways(false, answer.as_bytes())
}

#[expect(clippy::unnecessary_wraps, reason = "it stands beside errors")]
fn whole(status: u16, body: &str, keeps_alive: bool) -> Outcome {
    Ok((status, body.as_bytes().to_vec(), keeps_alive, 0))
}

#[test]
fn a_body_ends_where_its_framing_says() {
    let cases = [
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab",
            whole(200, "ab", true),
        ),
        (
            "HTTP/1.1 200\r\nContent-Length: 2, 2\r\nCONTENT-LENGTH:2\r\n\r\nab",
            whole(200, "ab", true),
        ),
        (
            "HTTP/1.1 200 OK\ncontent-length: 2\n\nab",
            whole(200, "ab", true),
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
            whole(200, "", true),
        ),
        ("HTTP/1.1 200 OK\r\n\r\nab\r\n", whole(200, "ab\r\n", false)),
        ("HTTP/1.1 204 No\r\n\r\n", whole(204, "", true)),
        (
            "HTTP/1.1 304 No\r\ncontent-length: 9\r\n\r\n",
            whole(304, "", true),
        ),
        (
            "HTTP/1.1 101 Up\r\nconnection: upgrade\r\n\r\n",
            whole(101, "", false),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n00A ;x=\"y\"\r\n0123456789\r\n0\r\n\r\n",
            whole(200, "a0123456789", true),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n0\r\na: b\r\nc: d\r\n\r\n",
            whole(200, "", true),
        ),
        (
            "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nab",
            whole(200, "ab", false),
        ),
    ];
    for (answer, outcome) in cases {
        assert_eq!(get(answer), outcome, "{answer:?}");
    }
    let to_head = read_in_all_ways(true, b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n");
    assert_eq!(to_head, whole(200, "", true));
}

#[test]
fn informational_answers_are_passed_over() {
    let answer = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n\
                  HTTP/1.1 201 Created\r\ncontent-length: 1\r\n\r\na";
    assert_eq!(get(answer), whole(201, "a", true));
    let flood = "HTTP/1.1 100 Continue\r\n\r\n".repeat(MAX_HEAD / 25 + 1);
    assert_eq!(
        read(false, [flood.as_bytes()]),
        Err(Unreadable::HeadTooLarge)
    );
    let drip = flood.as_bytes().chunks(7);
    assert_eq!(read(false, drip), Err(Unreadable::HeadTooLarge));
}

#[test]
fn a_connection_goes_on_unless_something_speaks_against_it() {
    let cases = [
        ("HTTP/1.1 200 OK\r\nconnection: close\r\n", false),
        (
            "HTTP/1.1 200 OK\r\nconnection: keep-alive, Close\r\n",
            false,
        ),
        (
            "HTTP/1.1 200 OK\r\nconnection: close\r\nconnection: keep-alive\r\n",
            false,
        ),
        ("HTTP/1.0 200 OK\r\n", false),
        ("HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\n", true),
        ("HTTP/1.1 200 OK\r\nconnection: closed\r\n", true),
    ];
    for (head, keeps_alive) in cases {
        let answer = format!("{head}content-length: 1\r\n\r\na");
        assert_eq!(get(&answer), whole(200, "a", keeps_alive), "{head:?}");
    }
    let both =
        "HTTP/1.1 200 OK\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(get(both), whole(200, "", false));
    let more = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nabc";
    assert_eq!(get(more), Ok((200, b"a".to_vec(), true, 2)));
}

#[test]
fn what_is_cut_short_or_no_answer_is_an_error() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let cases = [
        ("", "", Unreadable::CutShort),
        ("HTTP/1.1 200 OK\r\nconte", "", Unreadable::CutShort),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n",
            "a",
            Unreadable::CutShort,
        ),
        ("HTTP/1.1 100 Continue\r\n\r\n", "", Unreadable::CutShort),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
            "a",
            Unreadable::Length,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\n",
            "a",
            Unreadable::Length,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: \r\n\r\n",
            "a",
            Unreadable::Length,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\n",
            "",
            Unreadable::Length,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551615\r\n\r\n",
            "",
            Unreadable::Length,
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 18446744073709551613\r\n\r\n",
            "",
            Unreadable::BodyTooLarge(LIMIT),
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 65537\r\n\r\n",
            "",
            Unreadable::BodyTooLarge(LIMIT),
        ),
        (
            "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "0\r\n\r\n",
            Unreadable::TransferEncoding,
        ),
        (
            "HTTP/2.0 200 OK\r\n\r\n",
            "",
            Unreadable::Head(httparse::Error::Version),
        ),
        (
            "ICY 200 OK\r\n\r\n",
            "",
            Unreadable::Head(httparse::Error::Version),
        ),
        (
            "HTTP/1.1 099 OK\r\n\r\n",
            "",
            Unreadable::Head(httparse::Error::Status),
        ),
        (
            "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
            "",
            Unreadable::Head(httparse::Error::HeaderName),
        ),
        (chunked, "1\r\n", Unreadable::CutShort),
        (chunked, "0\r\n", Unreadable::CutShort),
        (chunked, "0\r\n\r", Unreadable::CutShort),
        (chunked, "\r\n", Unreadable::Chunk),
        (chunked, "x\r\n", Unreadable::Chunk),
        (chunked, "1;\n", Unreadable::Chunk),
        (chunked, "1 1\r\n", Unreadable::Chunk),
        (chunked, "1\r\nab\r\n", Unreadable::Chunk),
        (chunked, "1\na\n0\n\n", Unreadable::Chunk),
        (chunked, "11111111111111111\r\n", Unreadable::Chunk),
        (chunked, "0\r\nno trailer\r\n\r\n", Unreadable::Trailers),
        (chunked, "0\r\na: b\rc\r\n\r\n", Unreadable::Chunk),
    ];
    for (head, body, error) in cases {
        assert_eq!(
            get(&format!("{head}{body}")),
            Err(error),
            "{head:?} {body:?}"
        );
    }
}

#[test]
fn nothing_grows_without_bound() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let (too_large, many) = (usize::try_from(LIMIT).unwrap() + 1, 40_000);
    let cases = [
        (
            format!("HTTP/1.1 200 OK\r\na: {}", "b".repeat(many)),
            Unreadable::HeadTooLarge,
        ),
        (
            format!("HTTP/1.1 200 OK\r\n{}", "a: b\r\n".repeat(101)),
            Unreadable::Head(httparse::Error::TooManyHeaders),
        ),
        (
            format!("{chunked}1;{}", "x".repeat(many)),
            Unreadable::Chunk,
        ),
        (
            format!("{chunked}{}", "1;xxxx\r\na\r\n".repeat(many)),
            Unreadable::Chunk,
        ),
        (
            format!("{chunked}0\r\na: {}", "b".repeat(many)),
            Unreadable::Trailers,
        ),
        (
            format!("{chunked}{}", "1\r\na\r\n".repeat(too_large)),
            Unreadable::BodyTooLarge(LIMIT),
        ),
        (
            format!("HTTP/1.1 200 OK\r\n\r\n{}", "a".repeat(too_large)),
            Unreadable::BodyTooLarge(LIMIT),
        ),
    ];
    for (answer, error) in cases {
        let outcome = read(false, answer.as_bytes().chunks(1000));
        assert_eq!(outcome, Err(error), "{:?}", answer.get(..60));
    }
}

/// The headers of an answer are put into a map once somebody asks for them, and nothing may fail then.
#[test]
fn every_header_that_is_read_is_one_of_the_map() {
    for byte in 1..=u8::MAX {
        let heads: [&[&[u8]]; 2] = [
            &[
                b"HTTP/1.1 204 No\r\nx",
                &[byte],
                b"y: 1\r\nz: 2\r\nz: 3\r\n\r\n",
            ],
            &[
                b"HTTP/1.1 204 No\r\nx: 1",
                &[byte],
                b"1\r\nz: 2\r\nz: 3\r\n\r\n",
            ],
        ];
        for head in heads.map(<[&[u8]]>::concat) {
            let Ok((_, Some(whole))) = Reading::new(false, LIMIT).take(&head) else {
                continue;
            };
            let headers = whole.answer.headers();
            let lines = head
                .split(|byte| *byte == b'\n')
                .filter(|line| line.contains(&b':'));
            assert_eq!(headers.len(), lines.count(), "{byte}");
            assert_eq!(headers.get_all("z").iter().count(), 2);
        }
    }
}

fn written(request: &http::Request<Bytes>, target: Target) -> String {
    let (name, value) = (
        HeaderName::from_static("x-extra"),
        HeaderValue::from_static("e"),
    );
    let mut out = Vec::new();
    write_head(
        &mut out,
        request,
        Length::of(request.body()),
        target,
        Some((&name, &value)),
    );
    String::from_utf8(out).unwrap()
}

#[test]
fn a_request_is_written_for_the_server_or_a_proxy() {
    let request = http::Request::builder()
        .uri("http://host:80/a?b=c")
        .header("x-one", "1")
        .header("transfer-encoding", "chunked")
        .body(Bytes::new())
        .unwrap();
    assert_eq!(
        written(&request, Target::Path),
        "GET /a?b=c HTTP/1.1\r\nhost: host\r\nx-one: 1\r\nx-extra: e\r\n\r\n"
    );
    let request = http::Request::builder()
        .method(Method::POST)
        .uri("http://user:s3cret@[::1]:8080")
        .header("content-length", "7")
        .body(Bytes::from_static(b"abc"))
        .unwrap();
    assert_eq!(
        written(&request, Target::Address),
        "POST http://[::1]:8080/ HTTP/1.1\r\nhost: [::1]:8080\r\nx-extra: e\r\ncontent-length: 3\r\n\r\n"
    );
    let request = http::Request::builder()
        .uri("https://host:443/")
        .header("host", "other")
        .body(Bytes::new())
        .unwrap();
    assert!(!written(&request, Target::Path).contains("host: host"));
}
