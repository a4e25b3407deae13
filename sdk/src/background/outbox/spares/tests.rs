mod server;

use server::{Server, State};

use super::*;
#[cfg(feature = "flows")]
use crate::background::outbox::Heard;
use crate::background::outbox::{Delivered, Mark, Storing};
use crate::background::{Limits, Verdict};

const SECOND: Duration = Duration::from_secs(1);

/// So many things, each of which has three states.
fn outbox(things: u32, now: Instant) -> Outbox<State> {
    let mut outbox = Outbox::new(Limits {
        interval: SECOND,
        batch_items: 10,
        batch_bytes: 1000,
        max_items: 10_000,
        max_bytes: 100_000,
        storing: Storing::MadeLater(50),
        address: "http://host/states".to_owned(),
    });
    for state in 1..=3 {
        for thing in 1..=things {
            outbox.push(State(thing, state), 2, now).unwrap();
        }
    }
    outbox.hurry();
    outbox
}

fn away() -> Verdict {
    Verdict::Passing {
        cause: "refused".to_owned(),
        wait: None,
        is_away: true,
    }
}

fn step(outbox: &mut Outbox<State>, server: &mut Server, now: &mut Instant) -> bool {
    server.make(*now);
    match outbox.next(*now, false) {
        Errand::Post(batch) => {
            server.take(batch.items());
            assert!(outbox.settled(batch, Verdict::Taken, *now).is_empty());
        }
        Errand::Count(sought) => outbox.counted(Ok(server.count(&sought)), *now),
        Errand::Find(ids) => outbox.found(Ok(server.find(&ids)), *now),
        Errand::Look(_) => panic!("nobody asks what is stored"),
        Errand::Idle(Duration::MAX) | Errand::End => return false,
        Errand::Idle(left) => *now += left,
    }
    assert!(outbox.spares.ahead <= 60, "{}", outbox.spares.ahead);
    true
}

fn run(outbox: &mut Outbox<State>, server: &mut Server, now: &mut Instant) {
    while step(outbox, server, now) {}
}

/// Goes on until everything is seen, or is said not to be, of a server that did not answer once.
fn run_until_seen(
    outbox: &mut Outbox<State>,
    server: &mut Server,
    now: &mut Instant,
) -> Result<(), crate::Error> {
    outbox.contact.lost();
    run_until_sure(outbox, server, now)
}

/// Goes on until everything is taken.
fn run_until_taken(
    outbox: &mut Outbox<State>,
    server: &mut Server,
    now: &mut Instant,
) -> Result<(), crate::Error> {
    let mark = outbox.hurry();
    run_to(mark, outbox, server, now)
}

/// Goes on until everything is taken, and what may be lost then is seen, or is said not to be.
fn run_until_sure(
    outbox: &mut Outbox<State>,
    server: &mut Server,
    now: &mut Instant,
) -> Result<(), crate::Error> {
    run_until_taken(outbox, server, now)?;
    match outbox.hurry_until_sure(*now) {
        Some(mark) => run_to(mark, outbox, server, now),
        None => Ok(()),
    }
}

fn run_to(
    mark: Mark,
    outbox: &mut Outbox<State>,
    server: &mut Server,
    now: &mut Instant,
) -> Result<(), crate::Error> {
    loop {
        match outbox.delivered(mark) {
            Delivered::Yes => return Ok(()),
            Delivered::Failed(error) => return Err(error),
            Delivered::Not => assert!(step(outbox, server, now), "{outbox:?}"),
        }
    }
}

fn is_empty(outbox: &Outbox<State>) -> bool {
    let spares = &outbox.spares;
    let counts = [
        outbox.len(),
        outbox.bytes,
        spares.ahead,
        spares.last.len(),
        spares.unseen.len(),
    ];
    counts == [0; 5]
}

#[test]
fn the_sender_waits_for_what_is_made_and_no_longer() {
    let mut now = Instant::now();
    let begun = now;
    let mut server = Server::new(15, now);
    let mut outbox = outbox(20, now);
    run_until_seen(&mut outbox, &mut server, &mut now).unwrap();
    assert!(server.has(20, 3) && is_empty(&outbox), "{outbox:?}");
    assert_eq!(server.taken, 60);
    assert!(now - begun < SECOND * 5, "{:?}", now - begun);
}

#[test]
fn one_request_tells_that_all_is_there() {
    let mut now = Instant::now();
    let mut server = Server::new(1000, now);
    server.every = Duration::ZERO;
    let mut outbox = outbox(8, now);
    run_until_seen(&mut outbox, &mut server, &mut now).unwrap();
    assert_eq!(server.asked, 1);
}

#[test]
fn a_server_that_answers_all_along_is_not_asked() {
    let mut now = Instant::now();
    let mut server = Server::new(0, now);
    let mut outbox = outbox(8, now);
    run_until_sure(&mut outbox, &mut server, &mut now).unwrap();
    assert_eq!((server.taken, server.asked), (24, 0));
    assert_eq!(outbox.spares.unseen.len(), 8);
}

#[test]
fn after_a_silence_it_is_looked_for_what_was_taken_before() {
    let mut now = Instant::now();
    let mut server = Server::new(1000, now);
    let mut outbox = outbox(8, now);
    run_until_taken(&mut outbox, &mut server, &mut now).unwrap();
    server.restart();
    now += SECOND;
    for thing in 9..=10 {
        outbox.push(State(thing, 3), 2, now).unwrap();
    }
    // Of those it makes nothing so soon.
    server.a_second = 0;
    for thing in 1..=8 {
        server.made.insert(Uuid::from_u128(thing), 3);
    }
    run_until_sure(&mut outbox, &mut server, &mut now).unwrap();
    assert_eq!((server.asked, outbox.spares.unseen.len()), (1, 2));
    // The silence goes on.
    now += SECOND;
    for thing in 9..=10 {
        server.made.insert(Uuid::from_u128(thing), 3);
    }
    run_until_sure(&mut outbox, &mut server, &mut now).unwrap();
    assert_eq!((server.asked, server.taken), (2, 26));
    assert!(is_empty(&outbox));
}

#[test]
fn what_a_server_has_lost_unseen_in_a_silence_is_sent_again() {
    let mut now = Instant::now();
    let mut server = Server::new(1000, now);
    let mut outbox = outbox(8, now);
    run_until_taken(&mut outbox, &mut server, &mut now).unwrap();
    server.restart();
    now += SECOND;
    run_until_sure(&mut outbox, &mut server, &mut now).unwrap();
    assert!(server.has(8, 3) && is_empty(&outbox));
    assert_eq!(server.taken, 48);
}

#[cfg(feature = "flows")]
#[test]
fn what_other_requests_come_to_tells_whether_the_server_is_the_same() {
    let took = SECOND * 3;
    for (heard, asked, taken) in [
        (Heard::Answer, 0, 24),
        (Heard::Failure, 1, 24),
        (Heard::Nothing, 1, 48),
    ] {
        let mut now = Instant::now();
        let mut server = Server::new(1000, now);
        server.every = Duration::ZERO;
        let mut outbox = outbox(8, now);
        run_until_taken(&mut outbox, &mut server, &mut now).unwrap();
        now += took;
        outbox.heard(heard, took, now);
        run_until_sure(&mut outbox, &mut server, &mut now).unwrap();
        assert_eq!((server.asked, server.taken), (asked, taken), "{heard:?}");
    }
}

#[test]
fn nobody_waits_unless_told_to_and_it_is_looked_later() {
    let mut now = Instant::now();
    let mut server = Server::new(1000, now);
    let mut outbox = outbox(8, now);
    let mark = outbox.hurry();
    while !matches!(outbox.delivered(mark), Delivered::Yes) {
        assert!(step(&mut outbox, &mut server, &mut now));
    }
    assert_eq!(server.asked, 0);
    let begun = now;
    run(&mut outbox, &mut server, &mut now);
    assert!(now - begun >= KEPT && server.asked == 1);
    assert!(is_empty(&outbox));
}

#[test]
fn all_that_was_told_is_sent_again_in_its_order_where_the_server_was_away() {
    let mut now = Instant::now();
    let mut server = Server::new(0, now);
    let mut outbox = outbox(8, now);
    while server.taken < 24 {
        assert!(step(&mut outbox, &mut server, &mut now));
    }
    server.restart();
    server.a_second = 1000;
    outbox.push(State(9, 3), 2, now).unwrap();
    outbox.hurry();
    let Errand::Post(batch) = outbox.next(now, false) else {
        panic!("nothing is sent");
    };
    assert!(outbox.settled(batch, away(), now).is_empty());
    assert_eq!((outbox.len(), outbox.bytes), (25, 50));
    let states = outbox.waiting.iter().map(|held| held.item.1);
    assert!(states.is_sorted(), "{outbox:?}");
    run_until_seen(&mut outbox, &mut server, &mut now).unwrap();
    assert!(server.has(9, 3) && server.taken == 24 + 25);
}

#[test]
fn what_is_made_and_may_not_be_stored_is_sent_again_as_well() {
    let mut now = Instant::now();
    let mut server = Server::new(1000, now);
    let mut outbox = outbox(8, now);
    run_until_seen(&mut outbox, &mut server, &mut now).unwrap();
    outbox.doubt();
    assert_eq!(outbox.len(), 24);
    run_until_seen(&mut outbox, &mut server, &mut now).unwrap();
    now += KEPT;
    outbox.push(State(0, 0), 2, now).unwrap();
    outbox.hurry();
    run(&mut outbox, &mut server, &mut now);
    outbox.doubt();
    assert_eq!((outbox.len(), outbox.spares.bytes), (0, 0));
}

#[test]
fn what_a_server_forgot_that_nobody_saw_go_is_sent_again() {
    for is_waited_for in [false, true] {
        let mut now = Instant::now();
        let mut server = Server::new(0, now);
        let mut outbox = outbox(8, now);
        while server.taken < 24 {
            assert!(step(&mut outbox, &mut server, &mut now));
        }
        // It has made some.
        for thing in 1..4 {
            server.made.insert(Uuid::from_u128(thing), 3);
        }
        server.restart();
        server.a_second = 1000;
        if is_waited_for {
            run_until_seen(&mut outbox, &mut server, &mut now).unwrap();
        } else {
            run(&mut outbox, &mut server, &mut now);
        }
        assert!(server.has(8, 3) && is_empty(&outbox));
        // Those that it had not made.
        assert_eq!(server.taken, 24 + 3 * 5);
    }
}

#[test]
fn a_server_that_makes_nothing_is_told_a_few_times_and_everybody_hears_of_it_once() {
    let mut now = Instant::now();
    let mut server = Server::new(0, now);
    server.skips = |_| true;
    let mut outbox = outbox(8, now);
    let begun = now;
    let error = run_until_seen(&mut outbox, &mut server, &mut now).unwrap_err();
    assert!(!error.is_timeout(), "{error}");
    let text = error.to_string();
    assert!(
        text.contains("8 things are not seen to be in the state"),
        "{text}"
    );
    assert!(now - begun < KEPT * 5, "{:?}", now - begun);
    run_until_seen(&mut outbox, &mut server, &mut now).unwrap();
    assert!(is_empty(&outbox) && outbox.spares.bytes == 0);
}

#[test]
fn one_that_is_never_made_holds_up_no_other() {
    let mut now = Instant::now();
    let mut server = Server::new(1000, now);
    let mut outbox = outbox(300, now);
    server.skips = |state| matches!(state, State(7, 3));
    let error = run_until_seen(&mut outbox, &mut server, &mut now).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("1 things are not seen"), "{text}");
    server.made.insert(Uuid::from_u128(7), 3);
    assert!(server.has(300, 3) && is_empty(&outbox));
}

#[test]
fn who_makes_room_stays_in_contact() {
    let mut now = Instant::now();
    let mut server = Server::new(15, now);
    let mut outbox = outbox(60, now);
    run_until_taken(&mut outbox, &mut server, &mut now).unwrap();
    assert!(server.asked > 0 && outbox.spares.are_unseen_before(u64::MAX));
    assert!(outbox.hurry_until_sure(now).is_none());
}
