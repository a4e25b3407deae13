//! A method of a twin block keeps its name, and one that looks async is not kept without a word.

use diptych_macros::dual;

struct AsyncClient;
struct Client;

diptych_macros::faces! {
    names { AsyncClient => Client, AsyncStorage => Storage, AsyncPages => Pages, Stream => Iterator }
}

struct AsyncPages;
struct Pages;

#[dual(names)]
impl AsyncClient {
    async fn aread(&self) -> u32 {
        1
    }

    #[dual]
    async fn awrite(&self) {}

    fn aread_later(&self) -> impl Future<Output = u32> + Send {
        async { 1 }
    }

    fn apages(&self) -> AsyncPages {
        AsyncPages
    }

    // Without a word to say: these are the same in both faces, or a person said what they are.
    fn add(&mut self, _: u32) -> &mut Self {
        self
    }

    async fn read(&self) {}

    #[dual(name = find)]
    async fn afind(&self) {}

    #[dual(name = agree)]
    async fn agree(&self) {}
}

#[dual(names)]
trait AsyncStorage {
    async fn aget(&self) -> u32;
}

#[dual(names)]
impl AsyncStorage for AsyncClient {
    async fn aget(&self) -> u32 {
        1
    }
}

fn main() {}
