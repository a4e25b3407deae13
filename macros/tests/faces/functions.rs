//! Free functions: names, generics, lifetimes, `?`, recursion, calls of other dual functions.

use diptych_macros::dual;

use crate::fake::{AsyncClient, Client, Missing, asleep, sleep, take_slept};
use crate::run;

/// Sets a price.
#[dual(crate::shop)]
async fn aset_price(
    client: &AsyncClient,
    name: impl Into<String>,
    price: impl Into<u32>,
) -> Result<u32, Missing> {
    let name = name.into();
    client.write(&name, price.into()).await;
    asleep(2).await;
    client.read(&name).await
}

/// Doubles a price by way of [`aset_price`].
#[dual(crate::shop)]
async fn adouble(client: &AsyncClient, name: &str) -> Result<u32, Missing> {
    let price = client.read(name).await?;
    aset_price(client, name, price * 2).await
}

#[dual(crate::shop, name = longest_of)]
async fn pick_longest<'a, T>(client: &AsyncClient, left: &'a T, right: &'a T) -> &'a T
where
    T: AsRef<str> + ?Sized,
{
    client.write("comparisons", 1).await;
    if left.as_ref().len() >= right.as_ref().len() {
        left
    } else {
        right
    }
}

#[dual(crate::shop)]
async fn acount_down(client: &AsyncClient, from: u32) -> u32 {
    if from == 0 {
        return client.average_price().await;
    }
    asleep(1).await;
    1 + Box::pin(acount_down(client, from - 1)).await
}

/// A function that is not async but gives a future.
#[dual(crate::shop)]
fn acheapest<'a>(
    client: &'a AsyncClient,
    names: &'a [&'a str],
) -> impl Future<Output = Result<u32, Missing>> + 'a {
    let mut cheapest = u32::MAX;
    async move {
        for name in names {
            cheapest = cheapest.min(client.read(name).await?);
        }
        Ok(cheapest)
    }
}

#[dual(map(AsyncClient => Client, asleep => sleep))]
async fn arest(_client: &AsyncClient) {
    asleep(7).await;
}

#[derive(Clone, Copy)]
struct Times(u8);

/// Its signature is one that Clippy finds fault with in a blocking function, and not in an async one.
#[dual(crate::shop)]
async fn arepeat(client: &AsyncClient, name: String, times: &Times) -> Option<usize> {
    for _ in 0..times.0 {
        client.write(&name, 1).await;
    }
    Some(name.len())
}

#[test]
fn a_signature_is_the_async_one() {
    let (client, other) = (Client::default(), AsyncClient::default());
    assert_eq!(repeat(&client, "tea".to_owned(), &Times(2)), Some(3));
    assert_eq!(run(arepeat(&other, "tea".to_owned(), &Times(2))), Some(3));
    assert_eq!(client.0.calls, other.0.calls);
}

#[test]
fn both_faces_do_the_same_calls() {
    let (client, other) = (Client::default(), AsyncClient::default());
    assert_eq!(set_price(&client, "tea", 4u8), Ok(4));
    assert_eq!(double(&client, "tea"), Ok(8));
    assert_eq!(take_slept(), 4);
    run(async {
        assert_eq!(aset_price(&other, "tea", 4u8).await, Ok(4));
        assert_eq!(adouble(&other, "tea").await, Ok(8));
    });
    assert_eq!(take_slept(), 4);
    assert_eq!(client.0.calls, other.0.calls);
    assert_eq!(client.0.calls.borrow().len(), 5);
}

#[test]
fn errors_leave_both_faces_early() {
    let (client, other) = (Client::default(), AsyncClient::default());
    assert_eq!(double(&client, "tea"), Err(Missing("tea".to_owned())));
    assert_eq!(run(adouble(&other, "tea")), Err(Missing("tea".to_owned())));
    assert_eq!(take_slept(), 0);
}

#[test]
fn a_name_may_be_given_and_lifetimes_stay() {
    let (client, other) = (Client::default(), AsyncClient::default());
    assert_eq!(longest_of(&client, "tea", "coffee"), "coffee");
    assert_eq!(run(pick_longest(&other, "tea", "coffee")), "coffee");
}

#[test]
fn recursion_is_boxed_in_the_async_face_only() {
    let (client, other) = (Client::default(), AsyncClient::default());
    assert_eq!(count_down(&client, 3), 3);
    assert_eq!(take_slept(), 3);
    assert_eq!(run(acount_down(&other, 3)), 3);
    assert_eq!(take_slept(), 3);
}

#[test]
fn a_function_that_gives_a_future_becomes_a_plain_one() {
    let (client, other) = (Client::default(), AsyncClient::default());
    client.write("tea", 4);
    client.write("coffee", 3);
    run(other.write("tea", 4));
    run(other.write("coffee", 3));
    assert_eq!(cheapest(&client, &["tea", "coffee"]), Ok(3));
    assert_eq!(run(acheapest(&other, &["tea", "coffee"])), Ok(3));
    assert_eq!(
        cheapest(&client, &["milk"]),
        Err(Missing("milk".to_owned()))
    );
}

#[test]
fn an_attribute_may_bring_its_own_pairs() {
    rest(&Client::default());
    assert_eq!(take_slept(), 7);
    run(arest(&AsyncClient::default()));
    assert_eq!(take_slept(), 7);
}
