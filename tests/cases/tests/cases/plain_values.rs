//! Numbers and flags as plain text have their types.

use diptych_cases::plain_values::models::{SetStateAnswer, State};
use diptych_cases::plain_values::requests::{SetRatio, SetState};

use crate::{body, both, header, nothing, reply};

fn text(body: &str) -> test_server::Answer {
    reply(200, "text/plain; charset=utf-8", body)
}

#[test]
fn numbers_and_flags_are_values() {
    let (got, sent) = both!(plain_values, text("42\n"), client => client.count());
    assert_eq!(got.unwrap(), 42);
    assert_eq!(header(&sent, "accept"), Some("text/plain"));
    let (got, sent) = both!(plain_values, text("true"), client => client.set_count(u64::MAX));
    assert!(got.unwrap());
    assert_eq!(body(&sent), "18446744073709551615");
    assert_eq!(
        header(&sent, "content-type"),
        Some("text/plain; charset=utf-8")
    );
}

#[test]
fn they_may_be_left_out_and_what_is_none_is_an_error() {
    let request = SetRatio::new().body(1.5);
    let (got, sent) = both!(plain_values, text(" 2.5 "), client => client.set_ratio_with(&request));
    assert_eq!((got.unwrap(), body(&sent)), (Some(2.5), "1.5"));
    assert_eq!(header(&sent, "content-type"), Some("text/plain"));
    let (got, sent) = both!(plain_values, nothing(), client => client.set_ratio());
    assert_eq!((got.unwrap(), body(&sent)), (None, ""));
    let (got, _) = both!(plain_values, text("many"), client => client.count());
    assert!(got.is_err());
    let request = SetRatio::new().body(f64::NAN);
    let (got, sent) = both!(plain_values, nothing(), client => client.set_ratio_with(&request));
    assert_eq!((got.is_err(), sent.len()), (true, 0));
}

#[test]
fn texts_stay_texts_beside_json() {
    let (got, sent) = both!(plain_values, text("007"), client => client.name_count_from_text("x"));
    assert_eq!((got.unwrap().as_str(), body(&sent)), ("007", "x"));
}

#[test]
fn texts_are_read_in_the_encoding_that_is_said() {
    let read = |charset: &str, bytes: &[u8]| {
        let media_type = format!("text/plain; charset={charset}");
        let answer = test_server::Answer::new(200, &media_type, bytes);
        both!(plain_values, answer, client => client.name_count_from_text("x")).0
    };
    let little: Vec<u8> = "é€𝄞".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = "é€𝄞".encode_utf16().flat_map(u16::to_be_bytes).collect();
    let marked = |mark: [u8; 2], text: &[u8]| [&mark[..], text].concat();
    for (charset, bytes) in [
        ("utf-16", marked([0xff, 0xfe], &little)),
        ("UTF-16", marked([0xfe, 0xff], &big)),
        ("utf-16le", little.clone()),
        ("\"utf-16be\"", big),
        ("utf-8", "é€𝄞".into()),
    ] {
        assert_eq!(read(charset, &bytes).unwrap(), "é€𝄞", "{charset}");
    }
    assert_eq!(read("windows-1252", b"\x80 \xe9\x9f").unwrap(), "€ éŸ");
    assert_eq!(read("ISO-8859-1", b"\xe9").unwrap(), "é");
    assert!(read("utf-16le", &little[..3]).is_err());
    assert!(read("ebcdic", b"\xe9").is_err());
}

#[test]
fn texts_with_a_type_of_their_own_have_it() {
    let day: Vec<u8> = "\u{feff}2026-11-27\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let answer = test_server::Answer::new(200, "text/plain; charset=utf-16", day);
    let (got, _) = both!(plain_values, answer, client => client.day());
    assert_eq!(got.unwrap().to_string(), "2026-11-27");
    let id = uuid::Uuid::from_u128(7);
    let (got, sent) = both!(plain_values, text("true"), client => client.set_id(id));
    assert_eq!(got.unwrap(), Some(State::True));
    assert_eq!(body(&sent), id.to_string());
    assert_eq!(header(&sent, "content-type"), Some("text/plain"));
    let (got, _) = both!(plain_values, nothing(), client => client.set_id(id));
    assert_eq!(got.unwrap(), None);
    let (got, _) = both!(plain_values, text("yesterday"), client => client.day());
    assert!(got.is_err());
}

#[test]
fn components_and_outcomes_of_plain_text_have_their_types() {
    let request = SetState::new().body(State::Open);
    let (got, sent) = both!(plain_values, text("3"), client => client.set_state_with(&request));
    assert_eq!((got.unwrap(), body(&sent)), (SetStateAnswer::Ok(3), "open"));
    let created = reply(201, "text/plain", "1\n");
    let (got, _) = both!(plain_values, created, client => client.set_state());
    let SetStateAnswer::Created(state) = got.unwrap() else {
        panic!("not the outcome of 201");
    };
    assert_eq!(state.as_str(), "1");
    let (_, sent) =
        both!(plain_values, nothing(), client => client.set_count_by_name(&State::Open));
    assert_eq!(sent[0].body, b"o\0p\0e\0n\0");
}
