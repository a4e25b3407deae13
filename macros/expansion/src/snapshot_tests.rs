//! What goes in and what comes out, pretty-printed for review.

use proc_macro2::TokenStream;

use crate::{attribute, declare, with_tables};

const TABLE: &str = "
    AsyncClient => Client,
    asleep => sleep,
    acount => count,
    average => average,
    tokio::time::sleep => std::thread::sleep,
    await => wait,
";

/// The item with the twin that the table above gives it.
fn dual(arguments: &str, item: &str) -> String {
    with(TABLE, arguments, item)
}

fn with(table: &str, arguments: &str, item: &str) -> String {
    pretty(&with_tables(tokens(&format!(
        "{{ {table} }} {{ {arguments} }} {item}"
    ))))
}

fn pretty(output: &TokenStream) -> String {
    syn::parse2(output.clone()).map_or_else(
        |error| format!("{error}: {output}"),
        |file| prettyplease::unparse(&file),
    )
}

fn tokens(text: &str) -> TokenStream {
    text.parse().expect("the test's tokens")
}

#[test]
fn function() {
    insta::assert_snapshot!(dual(
        "",
        r"
        /// Loads it with [`AsyncClient`], which is not an `AsyncClients`. AsyncClient in prose stays.
        ///
        /// See [the client](AsyncClient::new), <https://example.com/AsyncClient>, and [others].
        ///
        /// ```
        /// # #[tokio::main]
        /// # async fn main() -> Result<(), Error> {
        /// let client = AsyncClient::new();
        /// let value = aload(&client, async || 1).await?;
        /// tokio::time::sleep(value).await;
        /// # Ok(()) }
        /// ```
        ///
        /// ```async
        /// only_async().await;
        /// ```
        ///
        /// ```text
        /// AsyncClient .await
        /// ```
        ///
        /// [others]: crate::AsyncClient
        /// [site]: https://example.com/AsyncClient
        #[must_use]
        pub async fn aload<'a>(client: &'a AsyncClient, next: impl AsyncFn() -> u32) -> Result<u32, Error> {
            'asleep: loop {
                tokio::time::sleep(D).await;
                if client.read(next().await).await? == 1 { break 'asleep; }
            }
            Ok(client.average().await)
        }
        ",
    ));
}

#[test]
fn conditions_and_naming() {
    let table =
        r#"naming = "{}_async", async if feature = "async", blocking if feature = "blocking""#;
    insta::assert_snapshot!(with(
        table,
        "",
        "/// Documented.\nasync fn load_async() { one().await; }"
    ));
    insta::assert_snapshot!(
        "conditions_in_a_block",
        with(
            table,
            "",
            "impl X { const A: u8 = 1; /// Documented.\nasync fn load_async(&self) {} fn same() {} }"
        )
    );
}

#[test]
fn blocks_and_closures() {
    insta::assert_snapshot!(dual(
        "",
        r"
        async fn aload(op: impl AsyncFn(u8) -> u8) {
            let value = async { f().await? }.await;
            let other = async move { return 1; }.await;
            retry(async || f().await, async move |x| op(x).await).await;
            retry(|x| async move { x }, |x| { let y = x; Box::pin(async move { y.f().await }) }).await;
            let mut names = pin!(names());
            Box::pin(aload(op)).await;
            (delivery).await;
        }
        ",
    ));
}

#[test]
fn impl_block() {
    insta::assert_snapshot!(dual(
        "",
        "impl<T: Into<u8>> Pages<T> {
            /// One.
            pub async fn aone(&mut self, client: &AsyncClient) -> u8 { self.atwo().await }
            #[dual(name = second)] async fn atwo(&self) -> u8 { asleep(1).await; 2 }
            fn shared(&self) -> u8 { 3 }
            #[dual(async)] async fn only(&self) {}
        }",
    ));
}

#[test]
fn twin_block() {
    insta::assert_snapshot!(dual(
        "map(AsyncPages => Pages)",
        "impl<'a> AsyncPages<'a> {
            /// Makes one.
            pub fn new(client: &'a AsyncClient) -> Self { Self { client } }
            /// The next.
            pub async fn next(&mut self) -> u8 { self.client.read().await }
        }",
    ));
}

#[test]
fn twin_trait() {
    insta::assert_snapshot!(dual(
        "name = Storage",
        "/// A storage.
        pub trait AsyncStorage: Sized {
            type Error;
            /// Reads.
            async fn get(&self) -> Result<u8, Self::Error>;
            fn put(&self, value: u8) -> impl Future<Output = ()> + Send { async move { self.get().await; } }
        }",
    ));
}

#[test]
fn futures_as_parameters_of_a_type() {
    insta::assert_snapshot!(dual(
        "",
        "async fn aretry<T, E, F, Fut>(f: F) -> Result<T, E>
        where F: Fn() -> Fut, Fut: Future<Output = Result<T, E>> + Send { f().await }",
    ));
}

#[test]
fn a_table_is_a_macro() {
    insta::assert_snapshot!(pretty(&declare(tokens(
        "/// Names.\nshop { AsyncClient => Client }"
    ))));
    insta::assert_snapshot!(
        "an_attribute_asks_its_table",
        attribute(
            tokens("crate::shop, name = load"),
            tokens("async fn get() {}")
        )
    );
}

/// Whatever stands in the attribute or under it, there is an answer.
#[test]
fn nothing_panics() {
    let odd = [
        "",
        "a",
        "a =",
        "name =",
        "name = 1",
        "map(a)",
        "map(a => )",
        "crate::",
        "x, , y",
        "{",
        "async",
    ];
    let items = [
        "",
        "fn",
        "1 + 1",
        "mod x {}",
        "async fn x(",
        "struct X;",
        "use a::b;",
        "async fn amove() {}",
    ];
    for arguments in odd {
        for item in items {
            let (Ok(arguments), Ok(item)) = (arguments.parse(), item.parse::<TokenStream>()) else {
                continue;
            };
            let output = attribute(arguments, item.clone()).to_string();
            assert!(
                output.contains("compile_error") || output.contains('!'),
                "{item}: {output}"
            );
        }
    }
    for input in [
        "",
        "{",
        "{}",
        "{} {}",
        "{ => } {} fn x() {}",
        "{ a => a, a => b } {} fn x() {}",
    ] {
        let Ok(input) = input.parse::<TokenStream>() else {
            continue;
        };
        assert!(
            with_tables(input.clone())
                .to_string()
                .contains("compile_error"),
            "{input}"
        );
    }
}
