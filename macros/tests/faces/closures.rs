//! Closures that are passed to combinators.

use std::cell::Cell;

use diptych_macros::dual;

use crate::fake::{AsyncClient, Client, Missing, asleep, sleep, take_slept};
use crate::run;

/// Tries again, with an async closure.
#[dual(crate::shop)]
async fn aretry<T, E>(
    times: u32,
    mut attempt: impl AsyncFnMut(u32) -> Result<T, E>,
) -> Result<T, E> {
    let mut number = 1;
    loop {
        match attempt(number).await {
            Err(_) if number < times => asleep(number).await,
            done => return done,
        }
        number += 1;
    }
}

/// The same for closures that give futures, which may be required to be `Send`.
#[dual(crate::shop, map(aretry_sent => retry_sent))]
async fn aretry_sent<T, E, F, Fut>(times: u32, attempt: F) -> Result<T, E>
where
    F: Fn(u32) -> Fut,
    Fut: Future<Output = Result<T, E>> + Send + 'static,
{
    let mut number = 1;
    while let Err(_error) = attempt(number).await {
        if number == times {
            break;
        }
        number += 1;
    }
    attempt(number).await
}

#[dual(crate::shop)]
async fn aread_patiently(
    client: &AsyncClient,
    name: &str,
    ready: &Cell<u32>,
) -> Result<u32, Missing> {
    aretry(5, async |number| {
        if number == ready.get() {
            client.write(name, number).await;
        }
        client.read(name).await
    })
    .await
}

#[dual(crate::shop, map(aretry_sent => retry_sent))]
async fn acount(limit: u32) -> Result<String, u32> {
    let word = "times".to_owned();
    let counted = aretry_sent(5, |number| {
        let word = word.clone();
        async move {
            asleep(1).await;
            if number < limit {
                return Err(number);
            }
            Ok(format!("{number} {word}"))
        }
    });
    #[dual(async)]
    let counted = counted.await;
    let direct = aretry_sent(2, |number| async move {
        if number == 2 { Ok(()) } else { Err(number) }
    })
    .await;
    assert_eq!(direct, Ok(()));
    counted
}

#[dual(crate::shop)]
async fn aapply(client: &AsyncClient, read: impl AsyncFn(&AsyncClient) -> u32) -> u32 {
    read(client).await + read(client).await
}

#[test]
fn an_async_closure_becomes_a_closure() {
    let (client, other) = (Client::default(), AsyncClient::default());
    let ready = Cell::new(3);
    assert_eq!(read_patiently(&client, "tea", &ready), Ok(3));
    assert_eq!(take_slept(), 1 + 2);
    assert_eq!(run(aread_patiently(&other, "tea", &ready)), Ok(3));
    assert_eq!(take_slept(), 1 + 2);
    assert_eq!(client.0.calls, other.0.calls);
}

#[test]
fn a_closure_that_gives_a_future_becomes_a_closure() {
    assert_eq!(count(3), Ok("3 times".to_owned()));
    assert_eq!(take_slept(), 4);
    assert_eq!(run(acount(3)), Ok("3 times".to_owned()));
    assert_eq!(take_slept(), 4);
    assert_eq!(count(9), Err(5));
}

#[test]
fn bounds_on_async_closures_are_bounds_on_closures() {
    let (client, other) = (Client::default(), AsyncClient::default());
    client.write("tea", 4);
    run(other.write("tea", 4));
    assert_eq!(apply(&client, Client::average_price), 8);
    assert_eq!(
        run(aapply(&other, async |client| client.average_price().await)),
        8
    );
}
