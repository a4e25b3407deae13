use super::*;
use interleaving::{Step::*, explore};

mod interleaving;

fn begun(turns: &mut Turns<u8>) -> Vec<u8> {
    let mut begun = Vec::new();
    while let Some(next) = turns.next() {
        if let Next::Begin(_, job) = next {
            begun.push(job);
        }
    }
    begun
}

fn add(turns: &mut Turns<u8>, job: u8) -> Ticket {
    let ticket = turns.add(job).unwrap();
    turns.ready(ticket);
    ticket
}

#[test]
fn so_many_run_as_may_and_in_order() {
    let mut turns = Turns::new(2);
    let tickets: Vec<_> = (0..4).map(|job| add(&mut turns, job)).collect();
    assert_eq!(begun(&mut turns), [0, 1]);
    turns.end(tickets[1]);
    assert_eq!(begun(&mut turns), [2]);
    turns.end(tickets[0]);
    turns.end(tickets[2]);
    assert_eq!(begun(&mut turns), [3]);
    assert!(!turns.is_idle());
    turns.end(tickets[3]);
    assert!(turns.is_idle());
}

#[test]
fn what_is_waited_for_goes_first_and_who_waited_next() {
    let mut turns = Turns::new(1);
    let tickets: Vec<_> = (0..4).map(|job| add(&mut turns, job)).collect();
    assert_eq!(begun(&mut turns), [0]);
    turns.lend(tickets[0]);
    turns.want(tickets[3]);
    assert_eq!(begun(&mut turns), [3]);
    turns.waited(tickets[0]);
    assert!(!turns.may_go_on(tickets[0]));
    assert!(begun(&mut turns).is_empty());
    turns.end(tickets[3]);
    assert!(matches!(turns.next(), Some(Next::GoOn(_))));
    assert!(turns.may_go_on(tickets[0]));
    assert!(begun(&mut turns).is_empty());
}

#[test]
fn one_that_waits_for_two_wants_its_turn_after_both() {
    let mut turns = Turns::new(1);
    let (one, _) = (add(&mut turns, 0), add(&mut turns, 1));
    assert_eq!(begun(&mut turns), [0]);
    turns.lend(one);
    turns.lend(one);
    turns.waited(one);
    // It still waits, and lends its turn for that.
    assert!(turns.may_go_on(one));
    assert_eq!(begun(&mut turns), [1]);
    turns.waited(one);
    assert!(!turns.may_go_on(one));
    turns.go_on_anyway(one);
    assert!(turns.may_go_on(one));
}

#[test]
fn nothing_begins_after_the_end() {
    let mut turns = Turns::new(1);
    let first = add(&mut turns, 0);
    add(&mut turns, 1);
    let later = turns.add(2).unwrap();
    assert_eq!(begun(&mut turns), [0]);
    assert_eq!(turns.close(), [2, 1]);
    assert_eq!(turns.add(3), Err(3));
    turns.ready(later);
    turns.end(first);
    assert!(begun(&mut turns).is_empty() && turns.is_idle());
}

#[test]
fn one_that_could_not_begin_begins_after_others_or_is_given_back() {
    let mut turns = Turns::new(2);
    let (one, two) = (add(&mut turns, 0), add(&mut turns, 1));
    assert_eq!(begun(&mut turns), [0, 1]);
    assert_eq!(turns.take_back(two, 1), None);
    turns.end(one);
    assert_eq!(begun(&mut turns), [1]);
    assert_eq!(turns.take_back(two, 1), Some(1));
    assert!(turns.is_idle());
}

#[test]
fn tasks_that_submit_tasks_and_wait_for_them_end_in_every_order_of_steps() {
    // The flow submits 0 and 1; each submits a task, waits for it, submits one more, and waits for that.
    let nested = |child, other| {
        vec![
            Submit(child, &[]),
            Wait(child),
            Submit(other, &[]),
            Wait(other),
        ]
    };
    for limit in 1..=2 {
        let found = explore(
            limit,
            &[Submit(0, &[]), Submit(1, &[]), Wait(0), Wait(1)],
            &[nested(2, 3), nested(4, 5), vec![], vec![], vec![], vec![]],
        );
        assert!(found > 100, "{found}");
    }
}

#[test]
fn tasks_that_wait_for_others_of_the_flow_end_in_every_order_of_steps() {
    // 1 depends on 0; 2 waits for 1 within its function, and 3 for both: they may stand before it in the queue.
    for limit in 1..=3 {
        explore(
            limit,
            &[
                Submit(0, &[]),
                Submit(1, &[0]),
                Submit(2, &[]),
                Submit(3, &[]),
                Wait(3),
                Wait(2),
            ],
            &[vec![], vec![], vec![Wait(1)], vec![Wait(1), Wait(2)]],
        );
    }
}

#[test]
fn three_levels_end_in_every_order_of_steps() {
    explore(
        1,
        &[Submit(0, &[]), Submit(3, &[])],
        &[
            vec![Submit(1, &[]), Wait(1)],
            vec![Submit(2, &[]), Wait(2)],
            vec![],
            vec![Wait(2)],
        ],
    );
}
