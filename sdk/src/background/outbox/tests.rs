use std::collections::BTreeMap;

use super::*;
use crate::background::{Described, Verdict};

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, PartialEq)]
pub(in crate::background) struct Number(pub(in crate::background) u32);

impl Item for Number {
    const PLURAL: &'static str = "numbers";
    const OPTIONS: &'static str = "SendNumbers";
    const MAX_ITEMS: &'static str = "max_numbers";
    const PATH: &'static str = "/numbers";

    type Trace = u32;

    fn operation() -> &'static str {
        "create_numbers"
    }

    fn describe(&self) -> Described {
        Described {
            id: None,
            name: format!("number {}", self.0),
        }
    }

    fn trace(&self) -> u32 {
        self.0
    }
}

pub(in crate::background) fn limits() -> Limits {
    Limits {
        interval: SECOND * 2,
        batch_items: 8,
        batch_bytes: 100,
        max_items: 50,
        max_bytes: 200,
        storing: Storing::WithAnswer,
        address: "http://host/numbers".to_owned(),
    }
}

/// Holds these, each of two bytes.
fn holding(numbers: impl IntoIterator<Item = u32>, now: Instant) -> Outbox<Number> {
    let mut outbox = Outbox::new(limits());
    for number in numbers {
        outbox.push(Number(number), 2, now).unwrap();
    }
    outbox
}

fn batch(outbox: &mut Outbox<Number>, now: Instant) -> Batch<Number> {
    match outbox.next(now, false) {
        Errand::Post(batch) => batch,
        other => panic!("nothing is sent: {other:?}"),
    }
}

fn numbers(batch: &Batch<Number>) -> Vec<u32> {
    batch.items().iter().map(|number| number.0).collect()
}

fn passing(cause: &str, wait: Option<Duration>) -> Verdict {
    let cause = cause.to_owned();
    Verdict::Passing {
        cause,
        wait,
        is_away: false,
    }
}

/// What a server does with a batch.
type Server = dyn Fn(&[u32]) -> Verdict;

/// Sends everything that is wanted to a server, however long it takes. What was taken, in order, and what was rejected.
fn deliver(outbox: &mut Outbox<Number>, server: &Server) -> (Vec<u32>, Vec<u32>) {
    let (mut now, mut taken, mut rejected) = (Instant::now(), Vec::new(), Vec::new());
    let mark = outbox.hurry();
    for _ in 0..1000 {
        match outbox.next(now, false) {
            Errand::Post(batch) => {
                let sent = numbers(&batch);
                let verdict = server(&sent);
                if matches!(verdict, Verdict::Taken) {
                    taken.extend(&sent);
                }
                let out = outbox.settled(batch, verdict, now);
                rejected.extend(out.iter().map(|(number, _)| number.0));
            }
            Errand::Idle(Duration::MAX) | Errand::End => break,
            Errand::Idle(left) => now += left,
            Errand::Look(_) | Errand::Count(_) | Errand::Find(_) => {
                panic!("nobody asks what is stored")
            }
        }
    }
    assert_eq!(outbox.missing(mark), 0, "{outbox:?}");
    assert_eq!(outbox.bytes, 0);
    taken.sort_unstable();
    (taken, rejected)
}

fn without(all: std::ops::Range<u32>, bad: &[u32]) -> Vec<u32> {
    all.filter(|number| !bad.contains(number)).collect()
}

#[test]
fn a_batch_is_sent_when_it_is_old_or_large_or_wanted() {
    let now = Instant::now();
    let mut outbox = holding(0..3, now);
    assert!(matches!(outbox.next(now, false), Errand::Idle(left) if left == SECOND * 2));
    let old = batch(&mut outbox, now + SECOND * 2);
    assert_eq!(numbers(&old), [0, 1, 2]);
    assert!(outbox.settled(old, Verdict::Taken, now).is_empty());
    assert!(matches!(
        outbox.next(now, false),
        Errand::Idle(Duration::MAX)
    ));

    let mut outbox = holding(0..20, now);
    let many = batch(&mut outbox, now);
    assert_eq!(numbers(&many), [0, 1, 2, 3, 4, 5, 6, 7]);
    outbox.settled(many, Verdict::Taken, now);
    let mut outbox = holding([], now);
    for number in 0..2 {
        outbox.push(Number(number), 60, now).unwrap();
    }
    assert_eq!(numbers(&batch(&mut outbox, now)), [0], "two don't fit");

    let mut outbox = holding(0..2, now);
    outbox.hurry();
    assert_eq!(numbers(&batch(&mut outbox, now)), [0, 1]);
    // Without others, and for ever.
    let mut outbox = Outbox::new(Limits {
        interval: Duration::MAX,
        ..limits()
    });
    outbox.push(Number(0), 2, now).unwrap();
    assert!(matches!(
        outbox.next(now, false),
        Errand::Idle(Duration::MAX)
    ));
}

#[test]
fn whoever_waits_waits_for_what_was_there_before_and_not_for_others() {
    let now = Instant::now();
    let mut outbox = holding(0..2, now);
    let first = outbox.hurry();
    let sent = batch(&mut outbox, now);
    outbox.push(Number(2), 2, now).unwrap();
    let second = outbox.hurry();
    assert_eq!((outbox.missing(first), outbox.missing(second)), (2, 3));
    assert!(matches!(outbox.delivered(first), Delivered::Not));
    outbox.settled(sent, Verdict::Taken, now);
    assert!(matches!(outbox.delivered(first), Delivered::Yes));
    assert!(matches!(outbox.delivered(second), Delivered::Not));
}

#[test]
fn what_the_server_names_is_rejected_and_nothing_else_wherever_it_stands() {
    for bad in [vec![0], vec![19], vec![3, 7, 8], (0..20).collect()] {
        let mut outbox = holding(0..20, Instant::now());
        let unfit = bad.clone();
        let server = move |sent: &[u32]| {
            let named = sent.iter().enumerate().filter(|(_, it)| unfit.contains(it));
            let named: BTreeMap<usize, String> = named
                .map(|(place, it)| (place, format!("not {it}")))
                .collect();
            if named.is_empty() {
                Verdict::Taken
            } else {
                Verdict::Unfit(named)
            }
        };
        let (taken, rejected) = deliver(&mut outbox, &server);
        assert_eq!((taken, rejected), (without(0..20, &bad), bad));
    }
}

#[test]
fn where_the_server_does_not_say_which_it_is_found() {
    for bad in [vec![0], vec![19], vec![3, 4, 7], (0..20).collect()] {
        let unfit = bad.clone();
        let server = move |sent: &[u32]| {
            if sent.iter().any(|it| unfit.contains(it)) {
                Verdict::Unreadable("no".to_owned())
            } else {
                Verdict::Taken
            }
        };
        let (taken, rejected) = deliver(&mut holding(0..20, Instant::now()), &server);
        assert_eq!((taken, rejected), (without(0..20, &bad), bad));
    }
    // The same where it names what was not sent.
    let mut outbox = holding(0..1, Instant::now());
    let server = |_: &[u32]| Verdict::Unfit(BTreeMap::from([(7, "no".to_owned())]));
    assert_eq!(deliver(&mut outbox, &server), (vec![], vec![0]));
}

#[test]
fn an_item_for_which_the_server_fails_is_rejected_once_others_are_taken() {
    for bad in [vec![0], vec![19], vec![3, 4, 7], (5..15).collect()] {
        let unfit = bad.clone();
        let server = move |sent: &[u32]| {
            if sent.iter().any(|it| unfit.contains(it)) {
                Verdict::Suspicious("500".to_owned())
            } else {
                Verdict::Taken
            }
        };
        let (taken, mut rejected) = deliver(&mut holding(0..20, Instant::now()), &server);
        rejected.sort_unstable();
        assert_eq!((taken, rejected), (without(0..20, &bad), bad));
    }
}

#[test]
fn a_server_that_fails_for_everything_costs_nothing() {
    let mut now = Instant::now();
    let mut outbox = holding(0..20, now);
    let mark = outbox.hurry();
    for _ in 0..200 {
        match outbox.next(now, false) {
            Errand::Post(batch) => {
                let cause = Verdict::Suspicious("500".to_owned());
                assert!(outbox.settled(batch, cause, now).is_empty());
            }
            Errand::Idle(left) => now += left,
            other => panic!("given up: {other:?}"),
        }
    }
    assert_eq!(outbox.missing(mark), 20);
    assert!(
        outbox
            .still_held(mark)
            .contains("20 numbers are still held")
    );
    assert!(
        outbox
            .still_held(mark)
            .ends_with("the last attempt failed: 500")
    );
    let (taken, _) = deliver(&mut outbox, &|_| Verdict::Taken);
    assert_eq!(taken, without(0..20, &[]));
}

#[test]
fn attempts_that_do_not_get_through_come_ever_later_and_end_once_nobody_is_there() {
    let mut now = Instant::now();
    let mut outbox = holding(0..3, now);
    outbox.hurry();
    let mut pauses = Vec::new();
    while pauses.len() < 12 {
        match outbox.next(now, false) {
            Errand::Post(batch) => {
                assert_eq!(numbers(&batch), [0, 1, 2]);
                outbox.settled(batch, passing("refused", None), now);
            }
            Errand::Idle(left) => {
                pauses.push(left);
                now += left;
            }
            other => panic!("given up: {other:?}"),
        }
    }
    assert!(pauses.is_sorted() && pauses[0] == Duration::from_millis(50));
    assert_eq!(pauses.last(), Some(&(SECOND * 10)));
    outbox.give_up();
    assert!(matches!(outbox.next(now, true), Errand::End));
    let lost = outbox.ended().expect("what is lost");
    assert!(
        lost.starts_with("3 numbers are lost") && lost.ends_with("refused"),
        "{lost}"
    );
}

#[test]
fn who_is_refused_is_told_how_many_are_lost() {
    let now = Instant::now();
    let mut outbox = holding(0..10, now);
    let mark = outbox.hurry();
    let sent = batch(&mut outbox, now);
    outbox.settled(sent, Verdict::Refused("401".to_owned()), now);
    assert!(matches!(outbox.next(now, false), Errand::End));
    assert!(outbox.push(Number(1), 2, now).unwrap_err().is_refused());
    let Delivered::Failed(error) = outbox.delivered(mark) else {
        panic!("delivered");
    };
    assert!(error.is_refused());
    assert!(
        error.to_string().starts_with("10 numbers are lost"),
        "{error}"
    );
}

#[test]
fn everybody_who_waits_is_told_of_what_is_rejected_and_later_ones_are_not() {
    let now = Instant::now();
    let mut outbox = holding(0..8, now);
    let (one, other) = (outbox.hurry(), outbox.hurry());
    let sent = batch(&mut outbox, now);
    outbox.settled(
        sent,
        Verdict::Unfit((0..8).map(|it| (it, "bad".to_owned())).collect()),
        now,
    );
    for mark in [one, other] {
        let Delivered::Failed(error) = outbox.delivered(mark) else {
            panic!("delivered");
        };
        assert!(error.is_rejected() && error.rejected().len() == 8);
        let text = error.to_string();
        assert!(
            text.starts_with("8 numbers were not taken by http://host/numbers: number 0: bad;")
        );
        assert!(text.ends_with("and 3 more"), "{text}");
    }
    let later = outbox.hurry();
    assert!(matches!(outbox.delivered(later), Delivered::Yes));
}

#[test]
fn a_full_sender_says_what_helps() {
    let now = Instant::now();
    let text = |error: Error| {
        assert!(error.is_full());
        error.to_string()
    };
    let mut outbox = holding(0..50, now);
    let full = text(outbox.push(Number(50), 2, now).unwrap_err());
    assert!(
        full.contains("flush it, or raise `SendNumbers::max_numbers`"),
        "{full}"
    );
    let mut outbox = holding([], now);
    outbox.push(Number(0), 150, now).unwrap();
    let full = text(outbox.push(Number(1), 100, now).unwrap_err());
    assert!(
        full.contains("flush it, or raise `SendNumbers::max_bytes`"),
        "{full}"
    );
    // No flush makes room for this one.
    let full = text(outbox.push(Number(1), 201, now).unwrap_err());
    assert!(
        !full.contains("flush") && full.contains("raise `SendNumbers::max_bytes`"),
        "{full}"
    );
}

#[test]
fn a_server_that_asks_to_wait_is_left_alone_for_that_long() {
    let now = Instant::now();
    let mut outbox = holding(0..3, now);
    outbox.hurry();
    let sent = batch(&mut outbox, now);
    outbox.settled(sent, passing("429", Some(SECOND * 90)), now);
    assert!(matches!(outbox.next(now, false), Errand::Idle(left) if left == SECOND * 90));
    let again = batch(&mut outbox, now + SECOND * 90);
    assert_eq!(numbers(&again), [0, 1, 2]);
}
