//! A server that misbehaves, through both faces: every call ends with the same typed error, no POST is sent twice, and
//! the next call is as good as if nothing had been.

mod connections;
mod idle;
mod redirects;
mod retries;
mod scenario;

use std::time::Duration;

use prefect_conformance::Fallible;
use prefect_conformance::fault::{Ending, good};
use scenario::{all_end_with, run, scenario};
use test_server::{Answer, End, Endless, Fault, Malformed};

/// The deadline of a call that is to reach it, and of one that is not.
const SHORT: Duration = Duration::from_millis(1500);
const LONG: Duration = Duration::from_secs(30);

#[test]
fn a_connection_that_breaks_is_an_interruption() {
    let whole = good().bytes().len();
    let head = good().head().len();
    let mut scenarios = Vec::new();
    for end in [End::Close, End::Reset] {
        scenarios.push(scenario(
            format!("unread, {end:?}"),
            Fault::Unread(end),
            Ending::BrokeOff,
        ));
        for at in [0, 1, 12, head - 1, head, head + 1, whole - 1] {
            let fault = Fault::CutAt(at, good(), end);
            scenarios.push(scenario(
                format!("{end:?} at {at}"),
                fault,
                Ending::BrokeOff,
            ));
        }
    }
    run(&scenarios, LONG);
}

#[test]
fn a_stall_in_any_phase_ends_at_the_deadline() {
    let head = good().head().len();
    let stall = |at| Fault::CutAt(at, good(), End::Stall);
    let faults = [
        ("unread", Fault::Unread(End::Stall)),
        ("before the head", stall(0)),
        ("in the status line", stall(12)),
        ("in the head", stall(head - 2)),
        ("before the body", stall(head)),
        ("in the body", stall(head + 1)),
        ("a dripping head", Fault::Endless(Endless::DrippingHead)),
        ("a dripping body", Fault::Endless(Endless::DrippingBody)),
        (
            "informational answers",
            Fault::Endless(Endless::DrippingInformational),
        ),
        (
            "too long a length",
            Fault::Malformed(Malformed::LengthTooLong, End::Stall),
        ),
    ];
    run(&all_end_with(&Ending::TimedOut, faults), SHORT);
}

#[test]
fn what_is_not_http_is_an_interruption() {
    let bad = |malformed| {
        (
            format!("{malformed:?}"),
            Fault::Malformed(malformed, End::Close),
        )
    };
    let faults = [
        Malformed::Garbage,
        Malformed::LengthTooLong,
        Malformed::ConflictingLengths,
        Malformed::LengthOfWords,
        Malformed::LengthOverflow,
        Malformed::ChunkGarbage,
        Malformed::ChunkOverflow,
        Malformed::ChunksCut,
    ];
    run(&all_end_with(&Ending::BrokeOff, faults.map(bad)), LONG);
}

#[test]
fn an_answer_without_end_is_refused() {
    let endless = |endless| (format!("{endless:?}"), Fault::Endless(endless));
    let heads = [
        Endless::Headers,
        Endless::HeaderLine,
        Endless::ChunkExtension,
    ];
    let bodies = [Endless::Body, Endless::Chunks];
    let mut scenarios = all_end_with(&Ending::BrokeOff, heads.map(endless));
    scenarios.extend(all_end_with(&Ending::TooLarge, bodies.map(endless)));
    run(&scenarios, LONG);
}

#[test]
fn a_whole_answer_that_cannot_be_read_is_a_decode_error() -> Fallible<()> {
    let deep = |before: &str| Fault::Whole(Answer::deep_json(200, before, 900_000));
    let faults = [
        ("nesting", deep("")),
        ("nesting in a field", deep(r#"{"labels":{"a":"#)),
        ("nesting in an unknown field", deep(r#"{"later":"#)),
        ("a gzip bomb", Fault::Whole(Answer::gzip_bomb(256)?)),
        (
            "a length too short",
            Fault::Malformed(Malformed::LengthTooShort, End::Keep),
        ),
        ("no JSON", Fault::Whole(Answer::json(200, "<html>"))),
        ("nothing", Fault::Whole(Answer::json(200, ""))),
    ];
    run(&all_end_with(&Ending::Unreadable, faults), LONG);
    Ok(())
}

#[test]
fn an_answer_that_is_no_success_is_its_status() {
    let nested = Fault::Whole(Answer::deep_json(500, r#"{"detail":"#, 900_000));
    let unchanged = Fault::Whole(Answer::json(304, ""));
    let switch = Fault::Malformed(Malformed::Switch, End::Close);
    let of_status =
        |name: &str, fault, status| scenario(name.to_owned(), fault, Ending::Refused(status));
    run(
        &[
            of_status("nesting in an error", nested, 500),
            of_status("not modified", unchanged, 304),
            of_status("another protocol", switch, 101),
        ],
        LONG,
    );
}
