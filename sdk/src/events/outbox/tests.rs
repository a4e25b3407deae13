use super::*;

const SECOND: Duration = Duration::from_secs(1);

fn outbox(checkpoint_every: usize, now: Instant) -> Outbox {
    let limits = Limits {
        checkpoint_every,
        checkpoint_interval: SECOND * 30,
        max_events: 100,
        max_bytes: 1000,
    };
    Outbox::new(limits, now)
}

fn push(outbox: &mut Outbox, events: impl IntoIterator<Item = u32>) {
    for event in events {
        outbox.push(event.to_string().into()).unwrap();
    }
}

/// What is sent until something else is to be done, and that.
fn sent(outbox: &mut Outbox, now: Instant) -> (Vec<String>, Step) {
    let mut sent = Vec::new();
    loop {
        match outbox.next(now) {
            Step::Send(event) => sent.push(event.to_string()),
            other => return (sent, other),
        }
    }
}

fn texts(events: impl IntoIterator<Item = u32>) -> Vec<String> {
    events.into_iter().map(|event| event.to_string()).collect()
}

#[test]
fn a_ping_follows_as_many_events_as_are_to_be_confirmed_at_once() {
    let now = Instant::now();
    let mut outbox = outbox(3, now);
    outbox.connected(now);
    push(&mut outbox, 0..5);
    assert_eq!(sent(&mut outbox, now), (texts(0..3), Step::Ping(1)));
    assert_eq!(outbox.next(now), Step::Await(ANSWER_TIMEOUT));
    assert_eq!(
        outbox.next(now + ANSWER_TIMEOUT),
        Step::Await(Duration::ZERO)
    );
    assert!(!outbox.pong(7, now), "of another ping");
    assert!(outbox.pong(1, now));
    assert!(!outbox.pong(1, now), "a second time");
    assert_eq!(sent(&mut outbox, now), (texts(3..5), Step::Idle(SECOND)));
    assert_eq!(outbox.len(), 2);
}

#[test]
fn what_is_sent_is_confirmed_in_time_or_when_someone_waits() {
    let now = Instant::now();
    let mut outbox = outbox(700, now);
    outbox.connected(now);
    push(&mut outbox, 0..2);
    assert_eq!(sent(&mut outbox, now), (texts(0..2), Step::Idle(SECOND)));
    assert_eq!(outbox.next(now + SECOND), Step::Look);
    let late = now + SECOND * 30;
    outbox.looked(late);
    assert_eq!(outbox.next(late), Step::Ping(1));
    outbox.pong(1, late);
    assert!(outbox.is_empty());

    push(&mut outbox, 2..4);
    let up_to = outbox.hurry();
    push(&mut outbox, 4..5);
    assert_eq!(sent(&mut outbox, late), (texts(2..4), Step::Ping(2)));
    assert!(matches!(outbox.delivered(up_to), Delivered::Missing(2)));
    outbox.pong(2, late);
    assert!(matches!(outbox.delivered(up_to), Delivered::Yes));
    assert_eq!(sent(&mut outbox, late), (texts(4..5), Step::Idle(SECOND)));
}

#[test]
fn what_a_lost_connection_did_not_confirm_is_sent_again_in_order_and_confirmed_soon() {
    let now = Instant::now();
    let mut outbox = outbox(4, now);
    outbox.connected(now);
    push(&mut outbox, 0..6);
    assert_eq!(sent(&mut outbox, now), (texts(0..4), Step::Ping(1)));
    assert!(!outbox.disconnected());
    outbox.connected(now);
    assert!(
        !outbox.pong(1, now),
        "the answer to a ping of another connection"
    );
    // Half as many, as four did not get through.
    assert_eq!(sent(&mut outbox, now), (texts(0..2), Step::Ping(2)));
    assert!(outbox.pong(2, now));
    assert_eq!(sent(&mut outbox, now), (texts(2..6), Step::Ping(3)));
    assert!(outbox.disconnected(), "it confirmed something");
    outbox.connected(now);
    assert_eq!(sent(&mut outbox, now), (texts(2..6), Step::Ping(4)));
}

#[test]
fn batches_become_as_small_as_it_takes() {
    let now = Instant::now();
    let mut outbox = outbox(64, now);
    push(&mut outbox, 0..64);
    let mut sizes = Vec::new();
    for _ in 0..8 {
        outbox.connected(now);
        sizes.push(sent(&mut outbox, now).0.len());
        outbox.disconnected();
    }
    assert_eq!(sizes, [64, 32, 16, 8, 4, 2, 1, 1]);
}

#[test]
fn there_is_room_again_for_what_was_confirmed() {
    let now = Instant::now();
    let mut outbox = outbox(700, now);
    outbox.connected(now);
    let large = "x".repeat(600);
    outbox.push(large.clone().into()).unwrap();
    assert!(outbox.push(large.clone().into()).unwrap_err().is_full());
    outbox.hurry();
    sent(&mut outbox, now);
    outbox.pong(1, now);
    outbox.push(large.into()).unwrap();
    outbox.fail(Failed::Refused("no".to_owned()));
    assert!(outbox.push("x".into()).unwrap_err().is_refused());
    let up_to = outbox.hurry();
    assert!(matches!(outbox.delivered(up_to), Delivered::Never(error) if error.is_refused()));
}
