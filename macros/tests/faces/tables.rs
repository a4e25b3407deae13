//! What a table can say: conditions, another naming, attributes of tests.

use crate::run;

diptych_macros::faces! {
    suffixed {
        naming = "{}_async",
        async if all(),
        // Never: the blocking face is not there.
        blocking if any(),
        tokio::test => test,
    }
}

diptych_macros::faces! {
    tests {
        naming = "{}_async",
        tokio::test => test,
        tokio::task::yield_now => std::thread::yield_now,
    }
}

#[diptych_macros::dual(suffixed)]
async fn load_async() -> &'static str {
    tokio::task::yield_now().await;
    "async"
}

/// Free to be something else, as the twin is not there.
fn load() -> &'static str {
    "not a twin"
}

struct Door;

#[diptych_macros::dual(suffixed)]
impl Door {
    async fn open_async(&self) -> &'static str {
        tokio::task::yield_now().await;
        "async"
    }
}

impl Door {
    fn open(&self) -> &'static str {
        let Self = self;
        "not a twin"
    }
}

/// A module with names of its own, which are nobody else's.
mod inner {
    use crate::fake::{AsyncClient, Client};

    diptych_macros::faces! {
        /// What this module has beside the names of all.
        inner {
            ..crate::shop,
            AsyncDesk => Desk,
        }
    }

    diptych_macros::faces! {
        innermost {
            ..crate::tables::inner::inner,
            aopen => open_it,
        }
    }

    #[diptych_macros::dual(inner)]
    pub(super) struct AsyncDesk<'a>(pub(super) &'a AsyncClient);

    #[diptych_macros::dual(inner)]
    impl AsyncDesk<'_> {
        pub(super) async fn sell(&self, name: &str) -> usize {
            self.0.write(name, 3).await;
            self.0.0.calls.borrow().len()
        }
    }

    #[diptych_macros::dual(innermost)]
    pub(super) async fn aopen(client: &AsyncClient) -> usize {
        AsyncDesk(client).sell("tea").await
    }
}

#[test]
fn a_table_begins_with_another() {
    let (client, other) = (
        crate::fake::Client::default(),
        crate::fake::AsyncClient::default(),
    );
    assert_eq!(inner::open_it(&client), run(inner::aopen(&other)));
}

#[test]
fn a_face_is_there_under_its_condition() {
    assert_eq!((load(), run(load_async())), ("not a twin", "async"));
    assert_eq!(
        (Door.open(), run(Door.open_async())),
        ("not a twin", "async")
    );
}

#[diptych_macros::dual(tests)]
#[tokio::test]
async fn a_test_is_dual_too_async() {
    tokio::task::yield_now().await;
    assert_eq!(1 + 1, 2);
}
