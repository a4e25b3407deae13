use super::*;

const LONG: Duration = Duration::from_mins(1);

#[test]
fn who_waits_is_told_in_either_face() {
    let cancellation = Cancellation::new();
    assert!(!cancellation.requested_within(Duration::ZERO));
    let (waits, child) = (cancellation.clone(), cancellation.child());
    let waiting = std::thread::spawn(move || waits.requested_within(LONG));
    let awaiting = std::thread::spawn(move || pollster::block_on(child.arequested()));
    cancellation.request();
    assert!(waiting.join().unwrap());
    awaiting.join().unwrap();
    cancellation.requested();
}

#[test]
fn a_child_ends_with_its_parent_or_alone_and_the_first_reason_stays() {
    let parent = Cancellation::new();
    let (one, other) = (parent.child(), parent.child());
    one.request();
    assert!(one.is_requested() && !other.is_requested() && !parent.is_requested());
    parent.request_for(Why::LeftToParent);
    parent.request();
    assert_eq!(other.why(), Some(Why::LeftToParent));
    assert_eq!(one.why(), Some(Why::Cancelled));
    assert!(parent.child().is_requested());
}

#[test]
fn a_shield_holds_until_it_is_gone() {
    let cancellation = Cancellation::new();
    let (shield, second) = (cancellation.shield(), cancellation.shield());
    cancellation.request();
    assert!(cancellation.is_requested() && !cancellation.is_to_stop());
    drop(second);
    assert!(!cancellation.is_to_stop());
    let waits = cancellation.clone();
    let waiting = std::thread::spawn(move || pollster::block_on(waits.ato_stop()));
    drop(shield);
    waiting.join().unwrap();
}

#[test]
fn what_ends_with_two_ends_with_either_and_a_shield_of_either_holds() {
    let (outer, own) = (Cancellation::new(), Cancellation::new());
    let part = outer.child();
    part.ends_with(&own);
    let shield = outer.shield();
    own.request();
    assert!(part.is_requested() && !part.is_to_stop() && own.is_to_stop());
    let waits = part.clone();
    let waiting = std::thread::spawn(move || pollster::block_on(waits.ato_stop()));
    drop(shield);
    waiting.join().unwrap();
    let late = Cancellation::new();
    late.ends_with(&own);
    assert!(late.is_requested() && !outer.is_requested());
}

#[test]
fn a_shield_of_a_part_holds_the_whole_and_no_other_part() {
    let users = Cancellation::new();
    let (whole, other_run) = (users.child(), users.child());
    let (part, other_part) = (whole.child().child(), whole.child());
    // The same token may be that of a run and of what is called in it.
    part.ends_with(&users);
    let shield = part.shield();
    users.request();
    assert!(!whole.is_to_stop() && !part.is_to_stop() && !users.is_to_stop());
    assert!(other_run.is_to_stop() && other_part.is_to_stop());
    let waits = whole.clone();
    let waiting = std::thread::spawn(move || pollster::block_on(waits.ato_stop()));
    drop(part);
    assert!(!whole.is_to_stop());
    drop(shield);
    waiting.join().unwrap();
    assert!(users.is_to_stop());
}

#[test]
fn one_alone_says_how_it_ends() {
    let cancellation = Cancellation::new();
    assert!(cancellation.tell() && !cancellation.clone().tell());
    cancellation.take_back();
    assert!(cancellation.tell());
}
