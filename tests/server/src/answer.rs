//! Answers that are good HTTP, whatever is in them.

use std::io::{self, Write as _};

use flate2::Compression;
use flate2::write::DeflateEncoder;

/// What one block of a gzip bomb unpacks to, in bytes.
const BLOCK: usize = 1024 * 1024;

/// A whole answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, without the length of the body, which is always said.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer in JSON.
    #[must_use]
    pub fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::new(status, "application/json", body)
    }

    /// An answer with this media type.
    #[must_use]
    pub fn new(status: u16, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type", media_type.to_owned())],
            body: body.into(),
        }
    }

    /// The same with one more header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A redirect. To a path that gives the same answer, it is one in a circle.
    #[must_use]
    pub fn redirect(status: u16, location: &str) -> Self {
        Self {
            status,
            headers: vec![("location", location.to_owned())],
            body: Vec::new(),
        }
    }

    /// JSON that is nested until it has this many bytes: `before`, and then one `[` after the other.
    #[must_use]
    pub fn deep_json(status: u16, before: &str, bytes: usize) -> Self {
        let mut body = before.as_bytes().to_vec();
        body.resize(bytes.max(before.len()), b'[');
        Self::json(status, body)
    }

    /// A gzip stream that unpacks to this many MiB of zeros, and says that it is JSON.
    ///
    /// # Errors
    ///
    /// When it can't be packed.
    pub fn gzip_bomb(mebibytes: usize) -> io::Result<Self> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&vec![0; BLOCK])?;
        // A flush ends the block at a whole byte, so that the same bytes can follow it any number of times.
        encoder.flush()?;
        let block = encoder.get_ref();
        let mut body = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
        for _ in 0..mebibytes {
            body.extend_from_slice(block);
        }
        let mut answer = Self::json(200, body);
        answer.headers.push(("content-encoding", "gzip".to_owned()));
        Ok(answer)
    }

    /// The bytes of the head.
    #[must_use]
    pub fn head(&self) -> Vec<u8> {
        let mut head = format!("HTTP/1.1 {} Test\r\n", self.status);
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        // A 204 has neither body nor length.
        if self.status != 204 {
            head.extend(["content-length: ", &self.body.len().to_string(), "\r\n"]);
        }
        head.push_str("\r\n");
        head.into_bytes()
    }

    /// All bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head();
        if self.status != 204 {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_gzip_bomb_unpacks_to_what_it_says() {
        let bomb = Answer::gzip_bomb(3).unwrap();
        let mut unpacked = flate2::read::GzDecoder::new(&bomb.body[..]);
        let mut block = vec![1; 3 * BLOCK];
        unpacked.read_exact(&mut block).unwrap();
        assert!(block.iter().all(|&byte| byte == 0));
        assert!(bomb.body.len() < 3 * BLOCK / 500, "{}", bomb.body.len());
    }
}
