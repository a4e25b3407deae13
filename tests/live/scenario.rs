//! A scenario is written once, and is a test that runs through both faces.
//!
//! In its body, `call!` is the value of an operation's answer, `refused!` the error of a call that has to fail, and
//! `eventually!` repeats a call until the server's services have caught up, and `items!` and `pages!` are all items and
//! all pages.

/// Functions whose one body becomes a blocking and an async one, and a test of both.
macro_rules! scenarios {
    ($($(#[$attribute:meta])* fn $name:ident($live:ident) $body:block)*) => {
        mod blocking {
            #[allow(unused_imports, clippy::wildcard_imports, reason = "not every scenario refuses or waits")]
            use super::*;
            #[allow(unused_imports, reason = "not every scenario refuses or waits")]
            use crate::scenario::{
                blocking_call as call, blocking_items as items, blocking_pages as pages,
                blocking_refused as refused, blocking_rest as rest, eventually,
            };

            $($(#[$attribute])* pub(super) fn $name($live: &crate::live::Live<prefect_client::PrefectClient>) $body)*
        }

        mod asynchronous {
            #[allow(unused_imports, clippy::wildcard_imports, reason = "not every scenario refuses or waits")]
            use super::*;
            #[allow(unused_imports, reason = "not every scenario refuses or waits")]
            use crate::scenario::{
                async_call as call, async_items as items, async_pages as pages,
                async_refused as refused, async_rest as rest, eventually,
            };

            $($(#[$attribute])* pub(super) async fn $name($live: &crate::live::Live<prefect_client::AsyncPrefectClient>) $body)*
        }

        pub(crate) const COUNT: usize = [$(stringify!($name)),*].len();

        $(
            #[test]
            fn $name() {
                crate::faces::run_through_both(blocking::$name, |live| Box::pin(asynchronous::$name(live)));
            }
        )*
    };
}

macro_rules! blocking_call {
    ($live:ident.$operation:ident($($argument:expr),* $(,)?)) => {
        $live.answered(stringify!($operation), $live.client.$operation($($argument),*))
    };
}

macro_rules! async_call {
    ($live:ident.$operation:ident($($argument:expr),* $(,)?)) => {
        $live.answered(stringify!($operation), $live.client.$operation($($argument),*).await)
    };
}

macro_rules! blocking_items {
    ($pages:expr) => {
        $pages.collect::<Result<Vec<_>, _>>()
    };
}

macro_rules! async_items {
    ($pages:expr) => {
        futures_util::TryStreamExt::try_collect::<Vec<_>>($pages).await
    };
}

macro_rules! blocking_pages {
    ($pages:expr) => {{
        let mut pages = $pages;
        let mut found = Vec::new();
        while let Some(page) = pages.next_page() {
            found.push(page.expect("a page"));
        }
        found
    }};
}

macro_rules! async_pages {
    ($pages:expr) => {{
        let mut pages = $pages;
        let mut found = Vec::new();
        while let Some(page) = pages.anext_page().await {
            found.push(page.expect("a page"));
        }
        found
    }};
}

macro_rules! blocking_refused {
    ($live:ident.$operation:ident($($argument:expr),* $(,)?)) => {
        $live.refused(stringify!($operation), $live.client.$operation($($argument),*))
    };
}

macro_rules! async_refused {
    ($live:ident.$operation:ident($($argument:expr),* $(,)?)) => {
        $live.refused(stringify!($operation), $live.client.$operation($($argument),*).await)
    };
}

macro_rules! blocking_rest {
    () => {
        std::thread::sleep(crate::scenario::REST)
    };
}

macro_rules! async_rest {
    () => {
        tokio::time::sleep(crate::scenario::REST).await
    };
}

/// Repeats a call until `enough` says that its value is what is waited for; the last value, in any case.
macro_rules! eventually {
    ($call:expr, $enough:expr) => {{
        let mut value = $call;
        for _ in 0..crate::scenario::PATIENCE {
            if $enough(&value) {
                break;
            }
            rest!();
            value = $call;
        }
        value
    }};
}

pub(crate) use {
    async_call, async_items, async_pages, async_refused, async_rest, blocking_call, blocking_items,
    blocking_pages, blocking_refused, blocking_rest, eventually,
};

use std::time::Duration;

/// The pause between two looks, and how many of them before a scenario goes on with what it has.
pub(crate) const REST: Duration = Duration::from_millis(250);
pub(crate) const PATIENCE: u32 = 120;
