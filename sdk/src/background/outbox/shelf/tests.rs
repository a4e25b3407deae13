use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::background::outbox::tests::Number;
use crate::background::{Limits, Verdict};

const SECOND: Duration = Duration::from_secs(1);

/// A server that answers at once, stores a few in each second, and has room for so many meanwhile.
struct Server {
    room: usize,
    a_second: usize,
    waiting: VecDeque<u32>,
    stored: BTreeSet<u32>,
    dropped: BTreeSet<u32>,
    /// Since when it stores.
    at: Instant,
}

impl Server {
    fn new(room: usize, a_second: usize, at: Instant) -> Self {
        Self {
            room,
            a_second,
            waiting: VecDeque::new(),
            stored: BTreeSet::new(),
            dropped: BTreeSet::new(),
            at,
        }
    }

    fn take(&mut self, numbers: impl Iterator<Item = u32>) {
        for number in numbers {
            if self.waiting.len() < self.room {
                self.waiting.push_back(number);
            } else {
                self.dropped.insert(number);
            }
        }
    }

    fn store(&mut self, now: Instant) {
        while self.at + SECOND <= now {
            self.at += SECOND;
            let part = self.a_second.min(self.waiting.len());
            self.stored.extend(self.waiting.drain(..part));
        }
    }

    /// Its process ends, and another one begins.
    fn restart(&mut self) {
        self.waiting.clear();
    }

    fn count(&self, traces: &[u32]) -> usize {
        traces.iter().filter(|it| self.stored.contains(it)).count()
    }
}

fn outbox(storing: Storing, count: u32, now: Instant) -> Outbox<Number> {
    let mut outbox = Outbox::new(Limits {
        interval: SECOND,
        batch_items: 10,
        batch_bytes: 1000,
        max_items: 1000,
        max_bytes: 10_000,
        storing,
        address: "http://host/numbers".to_owned(),
    });
    for number in 0..count {
        outbox.push(Number(number), 2, now).unwrap();
    }
    outbox.hurry();
    outbox
}

/// One step; how far it is ahead of what is stored.
fn step(outbox: &mut Outbox<Number>, server: &mut Server, now: &mut Instant) -> bool {
    server.store(*now);
    match outbox.next(*now, false) {
        Errand::Post(batch) => {
            server.take(batch.items().iter().map(Number::trace));
            let rejected = outbox.settled(batch, Verdict::Taken, *now);
            assert!(rejected.is_empty());
        }
        Errand::Look(traces) => outbox.looked(Ok(server.count(&traces)), *now),
        Errand::Idle(Duration::MAX) | Errand::End => return false,
        Errand::Count(_) | Errand::Find(_) => panic!("nothing is made of them"),
        Errand::Idle(left) => *now += left,
    }
    true
}

#[test]
fn no_more_is_sent_than_the_server_has_room_for() {
    for storing in [Storing::Later(50), Storing::LaterAndHeld(50)] {
        let mut now = Instant::now();
        let mut server = Server::new(50, 7, now);
        let mut outbox = outbox(storing, 500, now);
        while step(&mut outbox, &mut server, &mut now) {}
        server.store(now + SECOND * 100);
        assert_eq!((server.stored.len(), server.dropped.len()), (500, 0));
        assert_eq!((outbox.len(), outbox.bytes + outbox.shelf.bytes()), (0, 0));
    }
    // Without that, most are lost.
    let mut now = Instant::now();
    let mut server = Server::new(50, 7, now);
    let mut outbox = outbox(Storing::WithAnswer, 500, now);
    while step(&mut outbox, &mut server, &mut now) {}
    assert_eq!(server.dropped.len(), 450);
}

#[test]
fn what_a_server_forgot_is_sent_again_until_it_is_stored() {
    let mut now = Instant::now();
    let mut server = Server::new(50, 3, now);
    let mut outbox = outbox(Storing::LaterAndHeld(40), 200, now);
    let mark = outbox.hurry();
    let mut steps = 0;
    while step(&mut outbox, &mut server, &mut now) {
        steps += 1;
        if [20, 100, 300].contains(&steps) {
            assert_ne!(outbox.len(), 0);
            server.restart();
        }
        let unseen = outbox.missing(mark) + outbox.shelf.held_before(mark.end);
        assert_eq!(unseen, outbox.len());
    }
    assert_eq!(server.stored.len(), 200);
    assert!(matches!(
        outbox.delivered(mark),
        crate::background::outbox::Delivered::Yes
    ));
}

#[test]
fn what_is_taken_and_not_stored_is_called_so() {
    let now = Instant::now();
    let mut outbox = outbox(Storing::LaterAndHeld(40), 10, now);
    let mark = outbox.hurry();
    let mut server = Server::new(0, 0, now);
    step(&mut outbox, &mut server, &mut { now });
    let held = outbox.on_its_way(mark).expect("they are held");
    assert!(
        held.starts_with("10 numbers were taken and are not seen to be stored yet, and 0 numbers"),
        "{held}"
    );
    let lost = outbox.ended().expect("they are not seen to be stored");
    assert!(
        lost.starts_with("no more numbers are sent")
            && lost.contains("10 numbers were taken and not seen to be stored"),
        "{lost}"
    );
}

#[test]
fn a_sender_that_was_dropped_does_not_wait_for_ever() {
    let mut now = Instant::now();
    let mut server = Server::new(0, 0, now);
    let mut outbox = outbox(Storing::LaterAndHeld(40), 10, now);
    let begun = now;
    while step(&mut outbox, &mut server, &mut now) {
        outbox.give_up();
    }
    assert!(now - begun >= PATIENCE * LAST_WAITS && now - begun < PATIENCE * (LAST_WAITS + 2));
}

#[test]
fn a_server_that_stores_nothing_slows_a_sender_down_and_does_not_stop_it() {
    let mut now = Instant::now();
    let mut server = Server::new(1000, 0, now);
    let mut outbox = outbox(Storing::Later(50), 100, now);
    let begun = now;
    while step(&mut outbox, &mut server, &mut now) {}
    assert_eq!((outbox.len(), server.waiting.len()), (0, 100));
    assert!(now - begun >= PATIENCE && now - begun < PATIENCE * 3);
}

#[test]
fn an_item_that_is_bad_is_rejected_and_the_others_are_held() {
    let mut now = Instant::now();
    let mut server = Server::new(100, 100, now);
    let mut outbox = outbox(Storing::LaterAndHeld(40), 10, now);
    let Errand::Post(batch) = outbox.next(now, false) else {
        panic!("nothing is sent");
    };
    let unfit = Verdict::Unfit(BTreeMap::from([(3, "bad".to_owned())]));
    assert_eq!(outbox.settled(batch, unfit, now).len(), 1);
    while step(&mut outbox, &mut server, &mut now) {}
    assert_eq!((server.stored.len(), outbox.len()), (9, 0));
}
