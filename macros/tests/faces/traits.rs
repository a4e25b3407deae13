//! Traits: pairs in one trait, twin traits, and their impls.

use diptych_macros::dual;

use crate::fake::{AsyncClient, Client, asleep, sleep, take_slept};
use crate::run;

/// Something that can be read in both faces.
#[dual]
trait Readable {
    fn name(&self) -> String;

    async fn aread(&self) -> String;

    async fn aread_twice(&self) -> String {
        format!("{}{}", self.aread().await, self.aread().await)
    }
}

struct Page(&'static str);

#[dual(crate::shop)]
impl Readable for Page {
    fn name(&self) -> String {
        "page".to_owned()
    }

    async fn aread(&self) -> String {
        asleep(1).await;
        self.0.to_owned()
    }
}

/// A storage of one face. Its methods have the same names in both.
#[dual(crate::shop, name = Storage)]
trait AsyncStorage {
    /// Errors of this storage.
    type Error;

    async fn get(&self, name: &str) -> Result<u32, Self::Error>;

    fn put(&self, name: &str, price: u32) -> impl Future<Output = ()> + Send;
}

struct Memory(std::sync::Mutex<Vec<(String, u32)>>);

#[dual(crate::shop, map(AsyncStorage => Storage))]
impl AsyncStorage for Memory {
    type Error = String;

    async fn get(&self, name: &str) -> Result<u32, String> {
        asleep(1).await;
        let entries = self.0.lock().map_err(|error| error.to_string())?;
        entries
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, price)| *price)
            .ok_or_else(|| "none".to_owned())
    }

    async fn put(&self, name: &str, price: u32) {
        if let Ok(mut entries) = self.0.lock() {
            entries.push((name.to_owned(), price));
        }
    }
}

#[dual(crate::shop, map(AsyncStorage => Storage))]
async fn acopy<S: AsyncStorage>(
    storage: &S,
    client: &AsyncClient,
    name: &str,
) -> Result<(), S::Error> {
    client.write(name, storage.get(name).await?).await;
    Ok(())
}

#[test]
fn a_trait_may_have_both_names() {
    assert_eq!(Page("a").name(), "page");
    assert_eq!(Page("a").read_twice(), "aa");
    assert_eq!(take_slept(), 2);
    assert_eq!(run(Page("a").aread_twice()), "aa");
    assert_eq!(take_slept(), 2);
}

#[test]
fn a_trait_may_have_a_twin() {
    let memory = Memory(std::sync::Mutex::default());
    Storage::put(&memory, "tea", 4);
    run(AsyncStorage::put(&memory, "milk", 1));
    let (client, other) = (Client::default(), AsyncClient::default());
    assert_eq!(copy(&memory, &client, "milk"), Ok(()));
    assert_eq!(run(acopy(&memory, &other, "milk")), Ok(()));
    assert_eq!(client.0.calls, other.0.calls);
    assert_eq!(copy(&memory, &client, "salt"), Err("none".to_owned()));
}
