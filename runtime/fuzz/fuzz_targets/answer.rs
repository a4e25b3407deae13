//! Any bytes as an answer: reading them never panics, takes no more than it was given, keeps to the limit of the body,
//! and comes to the same however they are cut.
//!
//! `cargo +nightly fuzz run answer runtime/fuzz/corpus/answer runtime/fuzz/seeds/answer --fuzz-dir runtime/fuzz`, with
//! cargo-fuzz installed. The first byte of an input says how it is cut and whether the request was a `HEAD`.
#![no_main]

use libfuzzer_sys::fuzz_target;

/// What the code under test calls an answer.
mod call {
    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    #[derive(Debug, PartialEq)]
    pub(crate) struct Answer {
        status: StatusCode,
        headers: HeaderMap,
        pub(crate) body: Vec<u8>,
    }

    impl Answer {
        pub(crate) fn with_head(
            status: StatusCode,
            head: Bytes,
            read: fn(&Bytes) -> HeaderMap,
            body: Vec<u8>,
        ) -> Self {
            Self {
                status,
                headers: read(&head),
                body,
            }
        }
    }
}

// Its files are found from here, as there is no folder of its name.
#[path = "."]
mod blocking {
    #[path = "../../src/blocking/http1/mod.rs"]
    #[allow(dead_code, unused_imports)]
    mod http1;

    use http1::Reading;

    use crate::call::Answer;

    const MAX_BODY: u64 = 4096;

    /// Reads bytes in pieces of this size, after which the connection ends: the answer, whether the connection may be
    /// used again, and how many bytes are left over.
    pub(crate) fn read(
        bytes: &[u8],
        piece: usize,
        asks_for_head: bool,
    ) -> Result<(Answer, bool, usize), String> {
        let mut reading = Reading::new(asks_for_head, MAX_BODY);
        let (mut begin, mut end) = (0, 0);
        while end < bytes.len() {
            end = (end + piece).min(bytes.len());
            let (used, whole) = reading.take(&bytes[begin..end]).map_err(|why| why.to_string())?;
            assert!(used <= end - begin, "more was taken than given");
            begin += used;
            if let Some(whole) = whole {
                return Ok((checked(whole.answer), whole.keeps_alive, bytes.len() - begin));
            }
        }
        let whole = reading.end().map_err(|why| why.to_string())?;
        Ok((checked(whole.answer), whole.keeps_alive, bytes.len() - begin))
    }

    fn checked(answer: Answer) -> Answer {
        assert!(answer.body.len() as u64 <= MAX_BODY, "the body is too large");
        answer
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((first, answer)) = data.split_first() else {
        return;
    };
    let asks_for_head = first & 1 == 1;
    let piece = usize::from(first >> 1) + 1;
    let at_once = blocking::read(answer, usize::MAX - answer.len(), asks_for_head);
    let in_pieces = blocking::read(answer, piece, asks_for_head);
    // Which of several faults is found first depends on what is there.
    assert_eq!(at_once.ok(), in_pieces.ok());
});
