//! The text of a file: YAML may be in UTF-8, UTF-16 or UTF-32, with a byte order mark or without (YAML 1.2, section 5.2).

use std::io;

/// Turns bytes into text. A mark at the beginning is no part of it.
pub(crate) fn text(bytes: Vec<u8>) -> io::Result<String> {
    let (width, is_big, mark) = match bytes.as_slice() {
        [0, 0, 0xFE, 0xFF, ..] => (4, true, 4),
        [0xFF, 0xFE, 0, 0, ..] => (4, false, 4),
        [0xFE, 0xFF, ..] => (2, true, 2),
        [0xFF, 0xFE, ..] => (2, false, 2),
        // What a description begins with is ASCII.
        [0, 0, 0, 1..=255, ..] => (4, true, 0),
        [1..=255, 0, 0, 0, ..] => (4, false, 0),
        [0, 1..=255, ..] => (2, true, 0),
        [1..=255, 0, ..] => (2, false, 0),
        _ => {
            let text = String::from_utf8(bytes);
            return text.map_err(|error| invalid(Some(error.utf8_error().valid_up_to())));
        }
    };
    let units = bytes[mark..].chunks(width).map(|unit| {
        let ordered = unit.iter().map(|byte| u32::from(*byte));
        let add = |sum: u32, byte: u32| sum << 8 | byte;
        if is_big {
            ordered.fold(0, add)
        } else {
            ordered.rev().fold(0, add)
        }
    });
    let text: Option<String> = if !(bytes.len() - mark).is_multiple_of(width) {
        None
    } else if width == 4 {
        units.map(char::from_u32).collect()
    } else {
        let units = units.map(|unit| u16::try_from(unit).unwrap_or_default());
        char::decode_utf16(units).collect::<Result<_, _>>().ok()
    };
    text.ok_or_else(|| invalid(None))
}

fn invalid(at: Option<usize>) -> io::Error {
    let place = at.map_or_else(String::new, |at| format!(", at byte {at}"));
    let text = format!("it is no text in UTF-8, UTF-16 or UTF-32{place}; save it in UTF-8");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

#[cfg(test)]
mod tests {
    use super::text;

    const WORDS: &str = "openapi: ä🦀";

    #[test]
    fn text_is_found_in_every_encoding() {
        assert_eq!(text(WORDS.as_bytes().to_vec()).unwrap(), WORDS);
        for mark in ["", "\u{feff}"] {
            let marked = format!("{mark}{WORDS}");
            let wide: Vec<u16> = marked.encode_utf16().collect();
            let bytes = |to: fn(u16) -> [u8; 2]| wide.iter().copied().flat_map(to).collect();
            assert_eq!(text(bytes(u16::to_le_bytes)).unwrap(), WORDS);
            assert_eq!(text(bytes(u16::to_be_bytes)).unwrap(), WORDS);
            let wide: Vec<u32> = marked.chars().map(u32::from).collect();
            let bytes = |to: fn(u32) -> [u8; 4]| wide.iter().copied().flat_map(to).collect();
            assert_eq!(text(bytes(u32::to_le_bytes)).unwrap(), WORDS);
            assert_eq!(text(bytes(u32::to_be_bytes)).unwrap(), WORDS);
        }
        assert_eq!(text(Vec::new()).unwrap(), "");
        assert_eq!(text(vec![b'a']).unwrap(), "a");
    }

    #[test]
    fn what_is_no_text_is_said() {
        let said = text(b"caf\xe9: 1".to_vec()).unwrap_err().to_string();
        assert!(said.contains("at byte 3"), "{said}");
        for bytes in [
            &[b'a', 0, b'b'][..],
            &[0xFF, 0xFE, 0, 0xD8],
            &[b'a', 0, 0, 0, 0, 0, 0x11, 0xFF],
        ] {
            assert!(text(bytes.to_vec()).is_err(), "{bytes:?}");
        }
    }
}
