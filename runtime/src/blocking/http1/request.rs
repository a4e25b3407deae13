//! A request as bytes.

use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::uri::{Authority, Scheme};
use http::{HeaderName, HeaderValue, Uri};

/// What stands in the first line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::blocking) enum Target {
    /// The path alone, for the server itself.
    Path,
    /// The whole address, for a proxy.
    Address,
}

/// How the end of a body is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::blocking) enum Length {
    /// By its length.
    Bytes(u64),
    /// By its last chunk.
    Chunked,
}

impl Length {
    /// The length of a body that is in memory.
    pub(in crate::blocking) fn of(body: &[u8]) -> Self {
        // No memory holds more than `u64` counts.
        Self::Bytes(u64::try_from(body.len()).unwrap_or(u64::MAX))
    }
}

/// Appends the head of a request, up to and with the empty line. `extra`: a header that isn't the request's own.
pub(in crate::blocking) fn write_head(
    out: &mut Vec<u8>,
    request: &http::Request<impl Sized>,
    length: Length,
    target: Target,
    extra: Option<(&HeaderName, &HeaderValue)>,
) {
    let uri = request.uri();
    out.extend_from_slice(request.method().as_str().as_bytes());
    out.push(b' ');
    if target == Target::Address {
        out.extend_from_slice(uri.scheme_str().unwrap_or("http").as_bytes());
        out.extend_from_slice(b"://");
        write_host(out, uri);
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    out.extend_from_slice(path.as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\n");
    let headers = request.headers();
    // There are few of them: to look at each takes less than to hash a name.
    let has = |name: HeaderName| headers.keys().any(|known| *known == name);
    if !has(HOST) {
        out.extend_from_slice(b"host: ");
        write_host(out, uri);
        out.extend_from_slice(b"\r\n");
    }
    let own = headers.iter();
    for (name, value) in own
        .filter(|(name, _)| **name != CONTENT_LENGTH)
        .chain(extra)
    {
        if *name != TRANSFER_ENCODING {
            write_header(out, name.as_str(), value.as_bytes());
        }
    }
    match length {
        Length::Bytes(0) if !has(CONTENT_LENGTH) => {}
        Length::Bytes(length) => {
            write_header(out, "content-length", length.to_string().as_bytes());
        }
        Length::Chunked => write_header(out, "transfer-encoding", b"chunked"),
    }
    out.extend_from_slice(b"\r\n");
}

fn write_header(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b": ");
    out.extend_from_slice(value);
    out.extend_from_slice(b"\r\n");
}

/// The host, and the port unless it is the usual one.
fn write_host(out: &mut Vec<u8>, uri: &Uri) {
    let authority = uri.authority().map_or("", Authority::as_str);
    let user = authority.bytes().rposition(|byte| byte == b'@');
    let host = authority.get(user.map_or(0, |at| at + 1)..);
    let host = host.unwrap_or_default();
    let usual = if uri.scheme() == Some(&Scheme::HTTPS) {
        ":443"
    } else {
        ":80"
    };
    let host = host.strip_suffix(usual).unwrap_or(host);
    out.extend_from_slice(host.as_bytes());
}
