//! A type that the table does not have: the twin calls the async client, and gets a future.

use diptych_macros::dual;

diptych_macros::faces! {
    names { asleep => sleep }
}

struct AsyncClient;

impl AsyncClient {
    async fn read(&self) -> u32 {
        1
    }
}

#[dual(names)]
async fn aload(client: &AsyncClient) -> u32 {
    client.read().await
}

fn main() {}
