//! Each scenario in many orders of steps: at first in those that differ least, and then by chance, with the same chance each time.

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
fn a_task_waits_on_two_threads() {
    in_many_orders(scenarios::a_task_waits_on_two_threads);
}

#[test]
fn copies_while_it_ends() {
    in_many_orders(scenarios::copies_while_it_ends);
}

#[test]
fn a_token_and_its_child() {
    in_many_orders(scenarios::a_token_and_its_child);
}
