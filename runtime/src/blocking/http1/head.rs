//! The head of an answer: its status and headers, where its body ends, and whether the connection can be used again.

use std::mem::MaybeUninit;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use httparse::{Header, ParserConfig, Response};

use super::Unreadable;

/// More headers are refused, as hyper does.
const MOST_HEADERS: usize = 100;

type Room<'b> = [MaybeUninit<Header<'b>>; MOST_HEADERS];

pub(super) struct Head {
    pub(super) status: StatusCode,
    /// As they came: see [`headers`].
    pub(super) bytes: Bytes,
    pub(super) framing: Framing,
    pub(super) keeps_alive: bool,
}

/// Where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length(u64),
    Chunked,
    UntilClose,
}

/// Reads a head, and says how many bytes it has; `None` where more of it must come.
pub(super) fn parse(
    bytes: &[u8],
    asks_for_head: bool,
) -> Result<Option<(usize, Head)>, Unreadable> {
    let mut room = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let Some((length, response)) = lines(bytes, &mut room)? else {
        return Ok(None);
    };
    let is_1_1 = response.version == Some(1);
    let status = StatusCode::from_u16(response.code.unwrap_or_default())
        .map_err(|_| Unreadable::Head(httparse::Error::Status))?;
    let headers = &*response.headers;
    let framing = framing(status, headers, is_1_1, asks_for_head)?;
    let is_ambiguous = values(headers, TRANSFER_ENCODING).count() > 0
        && values(headers, CONTENT_LENGTH).count() > 0;
    let head = Head {
        status,
        bytes: Bytes::copy_from_slice(bytes.get(..length).unwrap_or_default()),
        keeps_alive: keeps_alive(headers, is_1_1)
            && framing != Framing::UntilClose
            && status != StatusCode::SWITCHING_PROTOCOLS
            && !is_ambiguous,
        framing,
    };
    Ok(Some((length, head)))
}

/// The headers of a head that was [parsed](parse), apart from it: few who have an answer look at them. The values share
/// its bytes, as each of them would be a piece of memory of its own.
pub(super) fn headers(head: &Bytes) -> HeaderMap {
    let mut room = [const { MaybeUninit::uninit() }; MOST_HEADERS];
    let Ok(Some((_, response))) = lines(head, &mut room) else {
        return HeaderMap::new();
    };
    let mut headers = HeaderMap::with_capacity(response.headers.len());
    for header in &*response.headers {
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let value = HeaderValue::from_maybe_shared(within(head, header.value));
        // What httparse takes, both of these do.
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}

/// The first line and the headers, and how many bytes they have.
fn lines<'r, 'b>(
    bytes: &'b [u8],
    room: &'r mut Room<'b>,
) -> Result<Option<(usize, Response<'r, 'b>)>, Unreadable> {
    let mut response = Response::new(&mut []);
    let parsed =
        ParserConfig::default().parse_response_with_uninit_headers(&mut response, bytes, room);
    match parsed.map_err(Unreadable::Head)? {
        httparse::Status::Complete(length) => Ok(Some((length, response))),
        httparse::Status::Partial => Ok(None),
    }
}

/// A part of the head that shares its bytes.
fn within(head: &Bytes, part: &[u8]) -> Bytes {
    let at = part.as_ptr().addr().wrapping_sub(head.as_ptr().addr());
    let range = at..at.saturating_add(part.len());
    if head.get(range.clone()).is_some() {
        head.slice(range)
    } else {
        Bytes::copy_from_slice(part)
    }
}

const CONNECTION: &str = "connection";
const CONTENT_LENGTH: &str = "content-length";
const TRANSFER_ENCODING: &str = "transfer-encoding";

/// The values of the headers of a name; `None` for one that is no text.
fn values<'b>(
    headers: &[Header<'b>],
    name: &str,
) -> impl DoubleEndedIterator<Item = Option<&'b str>> {
    let those = headers
        .iter()
        .filter(move |header| header.name.eq_ignore_ascii_case(name));
    those.map(|header| {
        std::str::from_utf8(header.value)
            .ok()
            .filter(|text| text.is_ascii())
    })
}

/// RFC 9112, section 6.3.
fn framing(
    status: StatusCode,
    headers: &[Header<'_>],
    is_1_1: bool,
    asks_for_head: bool,
) -> Result<Framing, Unreadable> {
    let never_has_body = status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if asks_for_head || never_has_body {
        return Ok(Framing::Length(0));
    }
    if let Some(last) = values(headers, TRANSFER_ENCODING).next_back() {
        return match (is_1_1, last.is_some_and(is_chunked)) {
            (false, _) => Err(Unreadable::TransferEncoding),
            (true, true) => Ok(Framing::Chunked),
            (true, false) => Ok(Framing::UntilClose),
        };
    }
    let length = content_length(headers)?;
    Ok(length.map_or(Framing::UntilClose, Framing::Length))
}

/// Whether the last coding of a `transfer-encoding` is `chunked`.
fn is_chunked(codings: &str) -> bool {
    let last = codings.rsplit(',').next();
    last.is_some_and(|coding| coding.trim().eq_ignore_ascii_case("chunked"))
}

/// The length that is told, once or several times alike.
fn content_length(headers: &[Header<'_>]) -> Result<Option<u64>, Unreadable> {
    let mut length = None;
    for text in values(headers, CONTENT_LENGTH) {
        for told in text.ok_or(Unreadable::Length)?.split(',').map(str::trim) {
            let told = digits(told).ok_or(Unreadable::Length)?;
            if length.is_some_and(|length| length != told) {
                return Err(Unreadable::Length);
            }
            length = Some(told);
        }
    }
    Ok(length)
}

/// More than hyper counts is no length, as it has a meaning of its own for the last two numbers.
const LONGEST: u64 = u64::MAX - 2;

/// A number without a sign, which `parse` would take.
fn digits(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_number.then(|| text.parse().ok())?;
    number.filter(|number| *number <= LONGEST)
}

/// HTTP/1.1 goes on unless it is told to close; HTTP/1.0 the other way round.
fn keeps_alive(headers: &[Header<'_>], is_1_1: bool) -> bool {
    let says = |what: &str| {
        let options = values(headers, CONNECTION).flatten();
        let mut options = options.flat_map(|text| text.split(','));
        options.any(|option| option.trim().eq_ignore_ascii_case(what))
    };
    !says("close") && (is_1_1 || says("keep-alive"))
}
