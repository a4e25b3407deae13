//! What may stand in a body: blocks, guards, macros, deadlines, values that are awaited.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use diptych_macros::dual;

use crate::fake::{AsyncClient, Client, Delivery, Missing, asleep, sleep, take_slept};
use crate::{fake, run};

/// An async block that is awaited: `?` and `return` in it leave the block, not the function.
#[dual(crate::shop)]
async fn afallback(client: &AsyncClient, name: &str) -> u32 {
    let found: Result<u32, Missing> = async {
        let price = client.read(name).await?;
        if price > 10 {
            return Ok(10);
        }
        Ok(price)
    }
    .await;
    found.unwrap_or(1)
}

/// What an `async move` block owns is dropped at its end.
#[dual(crate::shop)]
async fn aorder(log: &RefCell<Vec<&'static str>>) {
    let guard = Guard(log);
    async move {
        asleep(1).await;
        guard.note("in the block");
    }
    .await;
    log.borrow_mut().push("after the block");
}

/// Notes when it is dropped.
struct Guard<'a>(&'a RefCell<Vec<&'static str>>);

impl Guard<'_> {
    fn note(&self, what: &'static str) {
        self.0.borrow_mut().push(what);
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.note("dropped");
    }
}

#[dual(crate::shop)]
async fn adescribe(client: &AsyncClient, name: &str) -> String {
    let price = match name {
        "gift" => 0,
        known if client.read(known).await.is_ok_and(|price| price > 3) => 3,
        other => client.read(other).await.unwrap_or_default(),
    };
    assert!(
        price < 100 || client.average_price().await > 0,
        "a price of {price}"
    );
    let all = vec![client.average_price().await; 2];
    let text = format!(
        "{name}: {price}, {}, {average:?}",
        matches!(client.read("x").await, Err(Missing(_))),
        average = all
    );
    fake::apause().await;
    elsewhere::asleep();
    text
}

/// Has a function that is the same for both faces.
mod elsewhere {
    pub(super) fn asleep() {
        super::sleep(1000);
    }
}

/// A deadline without a timer: it is looked at between two steps.
#[dual(crate::shop)]
async fn awithin(client: &AsyncClient, limit: Duration) -> Result<u32, &'static str> {
    let deadline = Instant::now() + limit;
    let mut rounds = 0;
    while client.read("tea").await.is_err() {
        if Instant::now() >= deadline {
            return Err("too late");
        }
        rounds += 1;
        if rounds == 3 {
            client.write("tea", 4).await;
        }
    }
    Ok(rounds)
}

#[dual(crate::shop)]
async fn areceive(parcel: Delivery) -> u32 {
    let second = Delivery(1);
    parcel.await + second.await
}

/// A function inside, closures as bindings whose names begin with an `a`, and labels named as the table's names.
#[dual(crate::shop)]
async fn anested(client: &AsyncClient) -> u32 {
    struct Counter(u32);
    impl Counter {
        async fn inner(&self, client: &AsyncClient) -> u32 {
            self.0 + client.average_price().await
        }
    }
    async fn inner(client: &AsyncClient) -> u32 {
        Counter(0).inner(client).await
    }
    let add = async |one: u32| one + inner(client).await;
    let mut sum = 0;
    'asleep: for round in 0.. {
        if round == 3 {
            break 'asleep;
        }
        sum = add(sum).await;
    }
    sum
}

#[test]
fn an_async_block_keeps_its_own_question_marks() {
    let (client, other) = (Client::default(), AsyncClient::default());
    assert_eq!(
        (fallback(&client, "tea"), run(afallback(&other, "tea"))),
        (1, 1)
    );
    client.write("tea", 40);
    run(other.write("tea", 40));
    assert_eq!(
        (fallback(&client, "tea"), run(afallback(&other, "tea"))),
        (10, 10)
    );
}

#[test]
fn an_async_move_block_drops_what_it_owns() {
    let (log, other) = (RefCell::default(), RefCell::default());
    order(&log);
    run(aorder(&other));
    assert_eq!(
        *log.borrow(),
        ["in the block", "dropped", "after the block"]
    );
    assert_eq!(log, other);
    assert_eq!(take_slept(), 2);
}

#[test]
fn macros_guards_and_paths() {
    let (client, other) = (Client::default(), AsyncClient::default());
    client.write("tea", 4);
    run(other.write("tea", 4));
    assert_eq!(describe(&client, "tea"), "tea: 3, true, [4, 4]");
    assert_eq!(take_slept(), 1100);
    assert_eq!(run(adescribe(&other, "tea")), "tea: 3, true, [4, 4]");
    assert_eq!(client.0.calls, other.0.calls);
}

#[test]
fn deadlines_are_looked_at_between_steps() {
    let (client, other) = (Client::default(), AsyncClient::default());
    assert_eq!(within(&client, Duration::ZERO), Err("too late"));
    assert_eq!(run(awithin(&other, Duration::ZERO)), Err("too late"));
    assert_eq!(within(&client, Duration::from_hours(1)), Ok(3));
    assert_eq!(run(awithin(&other, Duration::from_hours(1))), Ok(3));
}

#[test]
fn awaited_values_are_waited_for() {
    assert_eq!(receive(Delivery(3)), 4);
    assert_eq!(run(areceive(Delivery(3))), 4);
}

#[test]
fn bindings_are_not_names_of_the_table() {
    let (client, other) = (Client::default(), AsyncClient::default());
    client.write("tea", 4);
    run(other.write("tea", 4));
    assert_eq!((nested(&client), run(anested(&other))), (12, 12));
}

/// What is named like a runtime's function but is one of a type.
struct Limit;

impl Limit {
    fn timeout(seconds: u32) -> u32 {
        seconds
    }
}

#[dual(crate::shop)]
async fn alimit(_client: &AsyncClient) -> u32 {
    asleep(1).await;
    Limit::timeout(3)
}

#[test]
fn a_function_of_a_type_is_not_a_runtime_s() {
    assert_eq!(limit(&Client::default()), 3);
    assert_eq!(run(alimit(&AsyncClient::default())), 3);
    assert_eq!(take_slept(), 2);
}
