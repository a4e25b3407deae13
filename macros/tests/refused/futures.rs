//! Futures that are values: they run when they are awaited, and a plain value is there at once.

use std::future::Future;
use std::pin::Pin;

use diptych_macros::dual;

#[dual]
async fn argument(_work: impl Future<Output = u32>) {}

#[dual]
async fn aargument(_work: impl Future<Output = u32>) {}

#[dual]
async fn atyped<F: Future<Output = u32>>(_work: F) {}

#[dual]
fn aboxed() -> Pin<Box<dyn Future<Output = u32>>> {
    Box::pin(async { 1 })
}

async fn call() -> u32 {
    1
}

#[dual]
async fn alater() -> u32 {
    let later = call();
    let block = async { 1 };
    later.await + block.await
}

fn main() {}
