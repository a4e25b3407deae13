//! A crate's hand-written part: clients with methods of the same names, and functions with pair names.

use std::cell::{Cell, RefCell};

/// What can go wrong.
#[derive(Debug, PartialEq)]
pub(crate) struct Missing(pub(crate) String);

/// What both clients keep: prices, and every call.
#[derive(Default)]
pub(crate) struct Shelf {
    prices: RefCell<Vec<(String, u32)>>,
    pub(crate) calls: RefCell<Vec<String>>,
}

#[derive(Default)]
pub(crate) struct Client(pub(crate) Shelf);

#[derive(Default)]
pub(crate) struct AsyncClient(pub(crate) Shelf);

impl Shelf {
    fn write(&self, name: &str, price: u32) {
        self.calls
            .borrow_mut()
            .push(format!("write {name} {price}"));
        self.prices.borrow_mut().push((name.to_owned(), price));
    }

    fn read(&self, name: &str) -> Result<u32, Missing> {
        self.calls.borrow_mut().push(format!("read {name}"));
        let prices = self.prices.borrow();
        let found = prices.iter().rev().find(|(known, _)| known == name);
        found
            .map(|(_, price)| *price)
            .ok_or_else(|| Missing(name.to_owned()))
    }

    fn average_price(&self) -> u32 {
        let prices = self.prices.borrow();
        let sum: u32 = prices.iter().map(|(_, price)| price).sum();
        sum / u32::try_from(prices.len().max(1)).unwrap_or(1)
    }
}

impl Client {
    pub(crate) fn write(&self, name: &str, price: u32) {
        self.0.write(name, price);
    }

    pub(crate) fn read(&self, name: &str) -> Result<u32, Missing> {
        self.0.read(name)
    }

    pub(crate) fn average_price(&self) -> u32 {
        self.0.average_price()
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        self.0
            .prices
            .borrow()
            .clone()
            .into_iter()
            .map(|(name, _)| name)
    }
}

impl AsyncClient {
    pub(crate) async fn write(&self, name: &str, price: u32) {
        tokio::task::yield_now().await;
        self.0.write(name, price);
    }

    pub(crate) async fn read(&self, name: &str) -> Result<u32, Missing> {
        tokio::task::yield_now().await;
        self.0.read(name)
    }

    pub(crate) async fn average_price(&self) -> u32 {
        tokio::task::yield_now().await;
        self.0.average_price()
    }

    pub(crate) fn names(&self) -> impl futures_util::Stream<Item = String> {
        let names: Vec<String> = self
            .0
            .prices
            .borrow()
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        futures_util::stream::iter(names)
    }
}

thread_local! {
    static SLEPT: Cell<u32> = const { Cell::new(0) };
}

pub(crate) fn sleep(seconds: u32) {
    SLEPT.set(SLEPT.get() + seconds);
}

pub(crate) async fn asleep(seconds: u32) {
    tokio::task::yield_now().await;
    sleep(seconds);
}

pub(crate) fn rest() {
    sleep(100);
}

pub(crate) async fn apause() {
    asleep(100).await;
}

/// How many seconds were slept since this was asked.
pub(crate) fn take_slept() -> u32 {
    SLEPT.replace(0)
}

/// A value that both faces have: awaited in one, waited for in the other.
pub(crate) struct Delivery(pub(crate) u32);

impl Delivery {
    pub(crate) fn wait(self) -> u32 {
        self.0
    }
}

impl IntoFuture for Delivery {
    type Output = u32;
    type IntoFuture = std::future::Ready<u32>;

    fn into_future(self) -> Self::IntoFuture {
        std::future::ready(self.0)
    }
}
