//! Texts in other encodings than UTF-8, as the parameter `charset` of their media type says.

use std::borrow::Cow;

use http::header::CONTENT_TYPE;

use super::answer::Answer;
use super::read_error::ReadError;

/// The text of an answer.
///
/// # Errors
/// The body is not in the encoding that its media type says, or that is none of UTF-8, UTF-16, ISO 8859-1, Windows 1252 and
/// ASCII.
pub(super) fn text(answer: &Answer) -> Result<String, ReadError> {
    let body = answer.body();
    let charset = charset(answer);
    match charset.as_deref() {
        None | Some("utf-8" | "utf8" | "us-ascii" | "ascii") => utf_8(body),
        // What is called by the first name is the second one everywhere: its controls are letters there.
        Some("iso-8859-1" | "latin1" | "windows-1252" | "cp1252") => {
            Ok(body.iter().map(|byte| windows_1252(*byte)).collect())
        }
        Some("utf-16" | "utf-16le") if body.starts_with(&[0xff, 0xfe]) => {
            utf_16(&body[2..], LITTLE)
        }
        Some("utf-16" | "utf-16be") if body.starts_with(&[0xfe, 0xff]) => utf_16(&body[2..], BIG),
        Some("utf-16le") => utf_16(body, LITTLE),
        Some("utf-16" | "utf-16be") => utf_16(body, BIG),
        Some(other) => {
            let text = format!("a text in the encoding {other:?}, which is not supported");
            Err(ReadError::without_source(text))
        }
    }
}

/// The text as a body of this media type.
///
/// # Errors
/// The encoding that the media type says is not supported, or has no place for a character; it names either.
pub(super) fn bytes<'t>(media_type: &str, text: &'t str) -> Result<Cow<'t, [u8]>, String> {
    let units =
        |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> { text.encode_utf16().flat_map(bytes).collect() };
    let charset = of_media_type(media_type);
    Ok(match charset.as_deref() {
        None | Some("utf-8" | "utf8") => Cow::Borrowed(text.as_bytes()),
        Some("us-ascii" | "ascii") => {
            let byte = |c: char| u8::try_from(c).ok().filter(u8::is_ascii);
            Cow::Owned(each(text, byte)?)
        }
        Some("iso-8859-1" | "latin1") => Cow::Owned(each(text, |c| u8::try_from(c).ok())?),
        Some("windows-1252" | "cp1252") => {
            let byte = |c| (0..=u8::MAX).find(|byte| windows_1252(*byte) == c);
            Cow::Owned(each(text, byte)?)
        }
        Some("utf-16le") => Cow::Owned(units(u16::to_le_bytes)),
        Some("utf-16be") => Cow::Owned(units(u16::to_be_bytes)),
        Some("utf-16") => {
            let mut bytes = vec![0xfe, 0xff];
            bytes.extend(units(u16::to_be_bytes));
            Cow::Owned(bytes)
        }
        Some(other) => return Err(format!("the charset {other:?} is not supported")),
    })
}

fn each(text: &str, byte: impl Fn(char) -> Option<u8>) -> Result<Vec<u8>, String> {
    let bytes = text.chars().map(|c| {
        byte(c).ok_or_else(|| format!("the charset of its media type has no place for {c:?}"))
    });
    bytes.collect()
}

fn charset(answer: &Answer) -> Option<String> {
    of_media_type(answer.headers().get(CONTENT_TYPE)?.to_str().ok()?)
}

fn of_media_type(media_type: &str) -> Option<String> {
    media_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"').to_ascii_lowercase())
    })
}

fn utf_8(body: &[u8]) -> Result<String, ReadError> {
    match std::str::from_utf8(body) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => Err(ReadError::new("not a text in UTF-8", error)),
    }
}

/// The number of two bytes.
type Order = fn([u8; 2]) -> u16;

const LITTLE: Order = u16::from_le_bytes;
const BIG: Order = u16::from_be_bytes;

fn utf_16(body: &[u8], order: Order) -> Result<String, ReadError> {
    let (pairs, rest) = body.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| order(*pair)).collect();
    match String::from_utf16(&units) {
        Ok(text) if rest.is_empty() => Ok(text),
        Ok(_) => Err(ReadError::without_source(
            "not a text in UTF-16: it ends within a character".to_owned(),
        )),
        Err(error) => Err(ReadError::new("not a text in UTF-16", error)),
    }
}

fn windows_1252(byte: u8) -> char {
    /// From 0x80 on. The five that have no letter are controls.
    const LETTERS: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž',
        '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}',
        'ž', 'Ÿ',
    ];
    let letter = byte
        .checked_sub(0x80)
        .and_then(|index| LETTERS.get(usize::from(index)));
    letter.copied().unwrap_or_else(|| char::from(byte))
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, StatusCode};

    use super::*;

    fn read(media_type: &'static str, body: &[u8]) -> Result<String, String> {
        let headers = [(CONTENT_TYPE, HeaderValue::from_static(media_type))];
        let headers = HeaderMap::from_iter(headers);
        let answer = Answer::new(StatusCode::OK, headers, body.to_vec());
        text(&answer).map_err(|error| error.to_string())
    }

    #[test]
    fn a_text_is_in_the_encoding_that_its_media_type_says() {
        let cases: [(&str, &[u8]); 8] = [
            ("text/plain", "é €".as_bytes()),
            ("text/plain; charset=\"UTF-8\"", "é €".as_bytes()),
            ("text/plain;charset=ISO-8859-1", b"\xe9 \x80"),
            (
                "text/plain; format=flowed; Charset=windows-1252",
                b"\xe9 \x80",
            ),
            ("text/plain; charset=utf-16le", b"\xe9\0 \0\xac\x20"),
            ("text/plain; charset=utf-16be", b"\0\xe9\0 \x20\xac"),
            ("text/plain; charset=utf-16", b"\xff\xfe\xe9\0 \0\xac\x20"),
            ("text/plain; charset=utf-16", b"\0\xe9\0 \x20\xac"),
        ];
        for (media_type, body) in cases {
            assert_eq!(read(media_type, body).as_deref(), Ok("é €"), "{media_type}");
        }
    }

    #[test]
    fn what_is_no_text_is_an_error() {
        let message = |media_type, body: &[u8]| read(media_type, body).unwrap_err();
        assert_eq!(message("text/plain", b"\xff"), "not a text in UTF-8");
        assert!(message("text/plain; charset=utf-16", b"\0").contains("ends within"));
        assert!(message("text/plain; charset=utf-16", b"\xd8\0").contains("UTF-16"));
        assert!(message("text/plain; charset=Shift_JIS", b"").contains("\"shift_jis\""));
    }
}
