//! Methods: pairs in one impl block, and twin blocks for types that have twins.

use diptych_macros::dual;

use crate::fake::{Missing, take_slept};
use crate::run;

#[dual(crate::shop)]
use crate::fake::{AsyncClient, asleep};

#[derive(Debug, Clone, PartialEq)]
struct Article {
    name: String,
    price: u32,
}

#[dual(crate::shop)]
impl Article {
    const FREE: u32 = 0;

    /// The same for both faces.
    fn free(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            price: Self::FREE,
        }
    }

    /// Stores it.
    async fn asave(self, client: &AsyncClient) -> Self {
        client.write(&self.name, self.price).await;
        self
    }

    /// Reads it.
    async fn aload(client: &AsyncClient, name: &str) -> Result<Self, Missing> {
        let price = client.read(name).await?;
        Ok(Self {
            name: name.to_owned(),
            price,
        })
    }

    async fn araise(&mut self, client: &AsyncClient) -> Result<&mut Self, Missing> {
        self.price = Self::aload(client, &self.name).await?.price + 1;
        *self = self.clone().asave(client).await;
        Ok(self)
    }

    #[dual(name = wait_a_bit)]
    async fn pause_for(&self, seconds: u32) {
        asleep(seconds + self.price).await;
    }

    #[dual(async)]
    async fn only_async(&self) -> u32 {
        asleep(1).await;
        self.price
    }

    #[dual(blocking)]
    fn only_blocking(&self) -> u32 {
        sleep(1);
        self.price
    }
}

/// A till, which is another type in each face.
#[dual(crate::shop, name = Till)]
struct AsyncTill {
    client: AsyncClient,
    total: u32,
}

#[dual(crate::shop, map(AsyncTill => Till))]
impl AsyncTill {
    fn new(client: AsyncClient) -> Self {
        Self { client, total: 0 }
    }

    /// Adds an article's price.
    #[dual(name = add)]
    async fn add(&mut self, name: &str) -> Result<u32, Missing> {
        self.total += self.client.read(name).await?;
        Ok(self.total)
    }

    #[dual(name = add_all)]
    async fn add_all(&mut self, names: &[&str]) -> Result<u32, Missing> {
        for name in names {
            self.add(name).await?;
        }
        Ok(self.total)
    }
}

#[test]
fn an_impl_block_has_both_names_of_each_async_method() {
    let (client, other) = (Client::default(), AsyncClient::default());
    let mut tea = Article::free("tea").save(&client);
    assert_eq!(tea.raise(&client).map(|tea| tea.price), Ok(1));
    assert_eq!(Article::load(&client, "tea"), Ok(tea.clone()));
    run(async {
        let mut same = Article::free("tea").asave(&other).await;
        assert_eq!(same.araise(&other).await.map(|tea| tea.price), Ok(1));
        assert_eq!(Article::aload(&other, "tea").await, Ok(tea));
    });
    assert_eq!(client.0.calls, other.0.calls);
}

#[test]
fn a_method_may_have_a_name_or_belong_to_one_face() {
    let tea = Article::free("tea");
    tea.wait_a_bit(3);
    assert_eq!(take_slept(), 3);
    run(tea.pause_for(4));
    assert_eq!(take_slept(), 4);
    assert_eq!(tea.only_blocking(), run(tea.only_async()));
}

#[test]
fn a_type_with_a_twin_has_a_twin_block_with_the_same_names() {
    let mut till = Till::new(Client::default());
    till.client.write("tea", 4);
    assert_eq!(till.add_all(&["tea", "tea"]), Ok(8));
    let mut other = AsyncTill::new(AsyncClient::default());
    run(async {
        other.client.write("tea", 4).await;
        assert_eq!(other.add_all(&["tea", "tea"]).await, Ok(8));
        assert_eq!(other.add("milk").await, Err(Missing("milk".to_owned())));
    });
    assert_eq!(till.add("milk"), Err(Missing("milk".to_owned())));
}
