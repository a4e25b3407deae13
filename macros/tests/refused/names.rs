//! Names: of the twin, of awaited calls, of bindings.

use diptych_macros::dual;

struct Client;

impl Client {
    async fn average(&self) -> u32 {
        1
    }
    async fn read(&self) {}
}

async fn asleep() {}

#[dual]
async fn load() {}

#[dual]
async fn amove() {}

#[dual(map(aload => other::load))]
async fn aload() {}

#[dual]
async fn aguess(client: &Client) -> u32 {
    asleep().await;
    client.read().await;
    client.average().await
}

#[dual(map(asleep => sleep))]
async fn abind(asleep: u32) -> u32 {
    asleep
}

#[dual]
impl Client {
    async fn find(&self) {}
}

fn main() {}
