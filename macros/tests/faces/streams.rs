//! Streams in the async face, iterators in the blocking one.

use std::pin::pin;

use diptych_macros::dual;
use futures_util::{Stream, StreamExt};

use crate::fake::{AsyncClient, Client, asleep, sleep, take_slept};
use crate::run;

/// A pager of its own, the same type in both faces.
struct Pages(u32);

#[dual(crate::shop)]
impl Pages {
    async fn anext_page(&mut self) -> Option<u32> {
        asleep(1).await;
        self.0 = self.0.checked_sub(1)?;
        Some(self.0)
    }

    async fn asum(mut self) -> u32 {
        let mut sum = 0;
        while let Some(page) = self.anext_page().await {
            sum += page;
        }
        sum
    }
}

/// Names in capitals: a function that is not async, and gives a stream.
#[dual(crate::shop)]
fn acapitals(client: &AsyncClient) -> impl Stream<Item = String> {
    client.names().map(|name| name.to_uppercase())
}

#[dual(crate::shop, map(acapitals => capitals))]
async fn ajoined(client: &AsyncClient) -> String {
    let mut joined = String::new();
    let mut names = pin!(acapitals(client));
    while let Some(name) = names.next().await {
        joined += &name;
    }
    let mut boxed = Box::pin(client.names());
    if let Some(name) = boxed.next().await {
        joined += &name;
    }
    joined
}

#[test]
fn streams_and_iterators_give_the_same() {
    let (client, other) = (Client::default(), AsyncClient::default());
    for name in ["tea", "milk"] {
        client.write(name, 1);
        run(other.write(name, 1));
    }
    assert_eq!(joined(&client), "TEAMILKtea");
    assert_eq!(run(ajoined(&other)), "TEAMILKtea");
}

#[test]
fn pagers_have_both_names() {
    assert_eq!(Pages(4).sum(), 6);
    assert_eq!(run(Pages(4).asum()), 6);
    assert_eq!(Pages(4).next_page(), Some(3));
    assert_eq!(take_slept(), 11);
}
