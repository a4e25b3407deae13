//! What a fault sends.

use std::io::{self, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use crate::{Answer, End, Endless, Fault, Malformed};

/// How long a dripping answer waits between two bytes.
const DRIP: Duration = Duration::from_millis(20);
const OPENING: &[u8] = b"HTTP/1.1 200 Test\r\ncontent-type: application/json\r\n";
const CHUNKED: &[u8] = b"transfer-encoding: chunked\r\n\r\n";

/// Sends what the fault says. An endless one ends with the error of a client that has gone.
pub(super) fn send(stream: &TcpStream, fault: &Fault) -> io::Result<End> {
    let (bytes, end) = match fault {
        Fault::Unread(end) => (Vec::new(), *end),
        Fault::Whole(answer) | Fault::CloseIdleAfter(answer, _) => (answer.bytes(), End::Keep),
        Fault::CutAt(count, answer, end) => (cut(answer, *count), *end),
        Fault::Malformed(malformed, end) => (malformed.bytes(), *end),
        Fault::Endless(endless) => return endless.send(stream),
    };
    (&*stream).write_all(&bytes)?;
    Ok(end)
}

fn cut(answer: &Answer, count: usize) -> Vec<u8> {
    let mut bytes = answer.bytes();
    bytes.truncate(count);
    bytes
}

impl Malformed {
    fn bytes(self) -> Vec<u8> {
        let framing: &[u8] = match self {
            Self::Garbage => return b"\x16\x03\x01 this is not HTTP\r\n\r\n\0\xff".to_vec(),
            Self::Switch => {
                return b"HTTP/1.1 101 Test\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n".to_vec();
            }
            Self::LengthTooLong => b"content-length: 9\r\n\r\n{}",
            Self::LengthTooShort => {
                b"content-length: 2\r\n\r\n{}HTTP/1.1 299 Unasked\r\ncontent-length: 0\r\n\r\n"
            }
            Self::ConflictingLengths => b"content-length: 2\r\ncontent-length: 4\r\n\r\n{}  ",
            Self::LengthOfWords => b"content-length: two\r\n\r\n{}",
            Self::LengthOverflow => b"content-length: 99999999999999999999\r\n\r\n{}",
            Self::ChunkGarbage => b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
            Self::ChunkOverflow => b"transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n{}",
            Self::ChunksCut => b"transfer-encoding: chunked\r\n\r\n1\r\n{\r\n",
        };
        [OPENING, framing].concat()
    }
}

impl Endless {
    fn send(self, mut stream: &TcpStream) -> io::Result<End> {
        let (start, again) = self.bytes();
        stream.write_all(&start)?;
        loop {
            stream.write_all(&again)?;
            if self.is_dripping() {
                thread::sleep(DRIP);
            }
        }
    }

    fn is_dripping(self) -> bool {
        matches!(
            self,
            Self::DrippingHead | Self::DrippingBody | Self::DrippingInformational
        )
    }

    /// How it begins, and what is then repeated.
    fn bytes(self) -> (Vec<u8>, Vec<u8>) {
        let (framing, again): (&[u8], Vec<u8>) = match self {
            Self::InformationalFlood => return (Vec::new(), informational(4096)),
            Self::DrippingInformational => return (Vec::new(), informational(1)),
            Self::Headers => (b"", b"x-more: 1\r\n".repeat(100)),
            Self::HeaderLine => (b"x-long: ", b"x".repeat(8192)),
            Self::Body => (
                b"content-length: 9223372036854775807\r\n\r\n",
                b" ".repeat(65536),
            ),
            Self::Chunks => (
                CHUNKED,
                [&b"10000\r\n"[..], &b" ".repeat(65536), b"\r\n"].concat(),
            ),
            Self::ChunkExtension => (b"transfer-encoding: chunked\r\n\r\n1;", b"x".repeat(8192)),
            Self::DrippingHead => (b"x-long: ", b"x".to_vec()),
            Self::DrippingBody => (b"content-length: 9000\r\n\r\n", b" ".to_vec()),
        };
        ([OPENING, framing].concat(), again)
    }
}

/// An informational answer with a header of this length.
fn informational(length: usize) -> Vec<u8> {
    let link = "x".repeat(length);
    format!("HTTP/1.1 103 Test\r\nlink: </{link}>\r\n\r\n").into_bytes()
}
