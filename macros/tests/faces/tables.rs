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
