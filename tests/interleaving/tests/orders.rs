//! Each scenario in many orders of steps: at first in those that differ least, and then by chance, with the same chance each time.
//!
//! What these see was tried by putting each fault into the SDK's files by hand, one at a time:
//!
//! | in | faults that are seen |
//! |---|---|
//! | `cancellation/mod.rs` | nobody is notified of a request, or before it is stored; a wait that does not look again once it listens; `tell` that looks first and then says so; a child that is made while its parent is requested is not; the reason is kept after the children were told; a parent's shield does not hold for its child, or a child's for its parent; those who wait for the parent are not told that it is gone |
//! | `submitted.rs` | `then` looks, and adds in a second step; an end takes its callbacks first, or says in two steps that it completed and what it gave; whoever takes the value leaves none to others; a promise that is dropped says nothing |
//! | `arrivals.rs` | an arrival is told before it is counted, or not at all; what was seen is asked for after the look; the turn is not asked for before the run is over that was waited for, or it is lent before that is said; it is asked for twice, also by who looks first; nothing is wanted; who waited does not wait for its turn |
//! | `pool/mod.rs` | a run begins before all of its dependencies are known; nothing follows from what is ready, lent or asked for; who comes while another one goes on is forgotten; a wait for a turn, or for the end, misses what happens between look and wait; the end is told to nobody, nor that there is a turn again, nor that the run of the turn has ended; another thread of a task, which wants to go on, is not told that it may, as its task waits again; the pool closes although a run came last, or not at all; a flow keeps the turn of the task that called it while it ends |
//! | `pool/threads.rs` | a thread that rests is not called, goes on resting although it has a job, hears of no end, or is given two jobs |
//! | `turns/mod.rs` | one more than the limit; a turn is asked for after the first of two waits; who lends again still wants one |
//!
//! Not seen, as nothing differs but when: that the end of a run is told twice, and that it takes the next one before its own end is told. Not
//! here: a run that panics.

use prefect_interleaving::scenarios;
use shuttle::scheduler::{DfsScheduler, PctScheduler, RandomScheduler};
use shuttle::{Config, Runner};

/// How many orders are taken.
const ORDERS: usize = 600;
const SEED: u64 = 11;

fn in_many_orders(scenario: fn()) {
    let config = || {
        let mut config = Config::new();
        config.stack_size = 0x4_0000;
        config
    };
    let systematic = DfsScheduler::new(Some(ORDERS), false);
    Runner::new(systematic, config()).run(scenario);
    let random = RandomScheduler::new_from_seed(SEED, ORDERS);
    Runner::new(random, config()).run(scenario);
    // Few switches, at chosen moments: what needs a rare one is found so.
    let chosen = PctScheduler::new_from_seed(SEED, 3, ORDERS);
    Runner::new(chosen, config()).run(scenario);
}

#[test]
fn one_after_the_other() {
    in_many_orders(scenarios::one_after_the_other);
}

#[test]
fn two_that_need_each_other() {
    in_many_orders(scenarios::two_that_need_each_other);
}

#[test]
fn a_task_waits_for_its_own() {
    in_many_orders(scenarios::a_task_waits_for_its_own);
}

#[test]
fn two_tasks_wait_for_one() {
    in_many_orders(scenarios::two_tasks_wait_for_one);
}

#[test]
fn cancelled_meanwhile() {
    in_many_orders(scenarios::cancelled_meanwhile);
}

#[test]
fn closed_meanwhile() {
    in_many_orders(scenarios::closed_meanwhile);
}

#[test]
fn nobody_begins_after_the_end() {
    in_many_orders(scenarios::nobody_begins_after_the_end);
}

#[test]
fn a_task_waits_on_two_threads() {
    in_many_orders(scenarios::a_task_waits_on_two_threads);
}

#[test]
fn one_of_two_threads_waits_again() {
    in_many_orders(scenarios::one_of_two_threads_waits_again);
}

#[test]
fn a_task_waits_while_its_thread_wants_to_go_on() {
    in_many_orders(scenarios::a_task_waits_while_its_thread_wants_to_go_on);
}

#[test]
fn a_thread_waits_longer_than_its_task() {
    in_many_orders(scenarios::a_thread_waits_longer_than_its_task);
}

#[test]
fn submitted_while_it_ends() {
    in_many_orders(scenarios::submitted_while_it_ends);
}

#[test]
fn a_flow_in_a_task() {
    in_many_orders(scenarios::a_flow_in_a_task);
}

#[test]
fn copies_while_it_ends() {
    in_many_orders(scenarios::copies_while_it_ends);
}

#[test]
fn a_token_and_its_child() {
    in_many_orders(scenarios::a_token_and_its_child);
}

#[test]
fn a_shield_of_a_part() {
    in_many_orders(scenarios::a_shield_of_a_part);
}
