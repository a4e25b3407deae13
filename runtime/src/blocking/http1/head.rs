//! The head of an answer: its status and headers, where its body ends, and whether the connection can be used again.

use std::mem::MaybeUninit;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use super::Unreadable;

/// More headers are refused, as hyper does.
const MOST_HEADERS: usize = 100;

pub(super) struct Head {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
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
    let mut response = httparse::Response::new(&mut []);
    let parsed = httparse::ParserConfig::default().parse_response_with_uninit_headers(
        &mut response,
        bytes,
        &mut room,
    );
    let httparse::Status::Complete(length) = parsed.map_err(Unreadable::Head)? else {
        return Ok(None);
    };
    let is_1_1 = response.version == Some(1);
    let status = StatusCode::from_u16(response.code.unwrap_or_default())
        .map_err(|_| Unreadable::Head(httparse::Error::Status))?;
    let headers = headers(response.headers, bytes.get(..length).unwrap_or_default())?;
    let framing = framing(status, &headers, is_1_1, asks_for_head)?;
    let is_ambiguous =
        headers.contains_key(TRANSFER_ENCODING) && headers.contains_key(CONTENT_LENGTH);
    let head = Head {
        status,
        keeps_alive: keeps_alive(&headers, is_1_1)
            && framing != Framing::UntilClose
            && status != StatusCode::SWITCHING_PROTOCOLS
            && !is_ambiguous,
        framing,
        headers,
    };
    Ok(Some((length, head)))
}

/// The values share one copy of the head, as each of them would be a piece of memory of its own.
fn headers(parsed: &[httparse::Header<'_>], head: &[u8]) -> Result<HeaderMap, Unreadable> {
    let copy = Bytes::copy_from_slice(head);
    let mut headers = HeaderMap::with_capacity(parsed.len());
    for header in parsed {
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|_| Unreadable::Head(httparse::Error::HeaderName))?;
        let value = HeaderValue::from_maybe_shared(within(&copy, head, header.value))
            .map_err(|_| Unreadable::Head(httparse::Error::HeaderValue))?;
        headers.append(name, value);
    }
    Ok(headers)
}

/// A part of the head, as a part of its copy.
fn within(copy: &Bytes, head: &[u8], part: &[u8]) -> Bytes {
    let at = part.as_ptr().addr().wrapping_sub(head.as_ptr().addr());
    let range = at..at.saturating_add(part.len());
    if head.get(range.clone()).is_some() {
        copy.slice(range)
    } else {
        Bytes::copy_from_slice(part)
    }
}

/// RFC 9112, section 6.3.
fn framing(
    status: StatusCode,
    headers: &HeaderMap,
    is_1_1: bool,
    asks_for_head: bool,
) -> Result<Framing, Unreadable> {
    let never_has_body = status.is_informational()
        || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
    if asks_for_head || never_has_body {
        return Ok(Framing::Length(0));
    }
    if let Some(last) = headers.get_all(TRANSFER_ENCODING).iter().next_back() {
        return match (is_1_1, is_chunked(last)) {
            (false, _) => Err(Unreadable::TransferEncoding),
            (true, true) => Ok(Framing::Chunked),
            (true, false) => Ok(Framing::UntilClose),
        };
    }
    let length = content_length(headers)?;
    Ok(length.map_or(Framing::UntilClose, Framing::Length))
}

/// Whether the last coding of a `transfer-encoding` is `chunked`.
fn is_chunked(value: &HeaderValue) -> bool {
    let last = value.to_str().ok().and_then(|text| text.rsplit(',').next());
    last.is_some_and(|coding| coding.trim().eq_ignore_ascii_case("chunked"))
}

/// The length that is told, once or several times alike.
fn content_length(headers: &HeaderMap) -> Result<Option<u64>, Unreadable> {
    let mut length = None;
    for value in headers.get_all(CONTENT_LENGTH) {
        let text = value.to_str().map_err(|_| Unreadable::Length)?;
        for told in text.split(',').map(str::trim) {
            let told = digits(told).ok_or(Unreadable::Length)?;
            if length.is_some_and(|length| length != told) {
                return Err(Unreadable::Length);
            }
            length = Some(told);
        }
    }
    Ok(length)
}

/// A number without a sign, which `parse` would take.
fn digits(text: &str) -> Option<u64> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

/// HTTP/1.1 goes on unless it is told to close; HTTP/1.0 the other way round.
fn keeps_alive(headers: &HeaderMap, is_1_1: bool) -> bool {
    let says = |what: &str| {
        headers
            .get_all(CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(','))
            .any(|option| option.trim().eq_ignore_ascii_case(what))
    };
    !says("close") && (is_1_1 || says("keep-alive"))
}
