//! Pages of the async client: by item, by page, ahead of the caller, and given up half-way.

use std::time::Duration;

use futures_util::stream::FusedStream as _;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _};
use prefect_client::models::Variable;
use prefect_client::{AsyncPrefectClient, Pages};
use prefect_conformance::{Fallible, Recorder, Reply, config};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

/// A bound against hanging.
const PATIENCE: Duration = Duration::from_mins(1);

const NOW: &str = "2026-01-01T00:00:00Z";

fn runtime() -> Fallible<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

fn pages(recorder: &Recorder) -> Fallible<Pages<AsyncPrefectClient, Variable>> {
    let client = AsyncPrefectClient::from_config(config(recorder)?)?;
    Ok(client.read_variables_pages())
}

/// A server with five variables, two for each page.
fn server() -> Fallible<Recorder> {
    let recorder = Recorder::start()?;
    recorder.reply_in_turn([reply(&[0, 1]), reply(&[2, 3]), reply(&[4]), reply(&[])]);
    Ok(recorder)
}

fn reply(numbers: &[u32]) -> Reply {
    let variables: Vec<Value> = numbers
        .iter()
        .map(|number| {
            json!({
                "id": uuid::Uuid::nil(), "created": NOW, "updated": NOW,
                "name": number.to_string(), "value": 1,
            })
        })
        .collect();
    Reply {
        status: 200,
        content_type: "application/json".to_owned(),
        body: json!(variables).to_string().into_bytes(),
    }
}

fn names(variables: &[Variable]) -> Vec<&str> {
    variables.iter().map(|one| one.name.as_str()).collect()
}

/// Waits without asking for anything, so that what is spawned can run.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect(what);
}

/// Pages can be handed to another thread or task, whichever face they are of.
#[test]
fn pages_are_send_and_unpin() -> Fallible<()> {
    fn name<T: Send + Unpin + 'static>(_: &T) -> &'static str {
        std::any::type_name::<T>()
    }
    let recorder = server()?;
    let blocking = prefect_client::PrefectClient::new(&recorder.url())?;
    let blocking = blocking.read_variables_pages();
    assert!(name(&blocking).contains("::Pages<"));
    assert!(name(&blocking.by_page()).contains("::ByPage<"));
    let asynchronous = pages(&recorder)?;
    assert!(name(&asynchronous).contains("::Pages<"));
    assert!(name(&asynchronous.by_page()).contains("::ByPage<"));
    Ok(())
}

#[test]
fn a_stream_has_every_item_and_every_page() -> Fallible<()> {
    runtime()?.block_on(async {
        for ahead in [false, true] {
            let as_asked =
                |pages: Pages<_, Variable>| if ahead { pages.read_ahead() } else { pages };
            let recorder = server()?;
            let mut stream = as_asked(pages(&recorder)?);
            let items: Vec<Variable> = stream.by_ref().try_collect().await?;
            assert_eq!(names(&items), ["0", "1", "2", "3", "4"]);
            assert_eq!(recorder.take().len(), 4);
            assert!(stream.is_terminated());
            assert!(stream.next().await.is_none());
            let recorder = server()?;
            let by_page = as_asked(pages(&recorder)?).by_page();
            let by_page: Vec<Vec<Variable>> = by_page.try_collect().await?;
            let lengths: Vec<usize> = by_page.iter().map(Vec::len).collect();
            assert_eq!(lengths, [2, 2, 1]);
        }
        Ok(())
    })
}

#[test]
fn what_is_left_of_a_page_comes_before_the_next_one() -> Fallible<()> {
    runtime()?.block_on(async {
        let recorder = server()?;
        let mut pages = pages(&recorder)?;
        assert!(recorder.take().is_empty(), "nothing is sent by itself");
        assert_eq!(pages.next().await.ok_or("an item")??.name, "0");
        let rest = pages.anext_page().await.ok_or("a page")??;
        assert_eq!(names(&rest), ["1"]);
        assert_eq!(recorder.take().len(), 1);
        Ok(())
    })
}

#[test]
fn one_page_is_read_ahead_and_no_more() -> Fallible<()> {
    runtime()?.block_on(async {
        let recorder = server()?;
        let mut pages = pages(&recorder)?.read_ahead();
        for _ in 0..3 {
            pages.anext_page().await.ok_or("a page")??;
        }
        // Three pages were asked for, and the fourth is on its way.
        until("the next page is read", || recorder.count() == 4).await;
        let recorder = server()?;
        let mut pages = self::pages(&recorder)?.read_ahead();
        pages.anext_page().await.ok_or("a page")??;
        until("the next page is read", || recorder.count() == 2).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(recorder.count(), 2);
        Ok(())
    })
}

#[test]
fn a_future_that_is_dropped_loses_nothing() -> Fallible<()> {
    runtime()?.block_on(async {
        let recorder = server()?;
        let mut pages = pages(&recorder)?;
        assert!(pages.anext_page().now_or_never().is_none());
        let page = pages.anext_page().await.ok_or("a page")??;
        assert_eq!(names(&page), ["0", "1"]);
        assert_eq!(recorder.take().len(), 1);
        Ok(())
    })
}

#[test]
fn pages_outlive_their_runtime() -> Fallible<()> {
    let recorder = server()?;
    let first = runtime()?;
    let mut stopped = pages(&recorder)?.read_ahead();
    let mut dropped = pages(&recorder)?.read_ahead();
    first.block_on(async {
        for pages in [&mut stopped, &mut dropped] {
            assert!(pages.anext_page().now_or_never().is_none());
        }
    });
    // Both have a page on its way, which goes away with the runtime.
    drop(first);
    drop(dropped);
    let error = runtime()?.block_on(stopped.anext_page());
    let error = error.ok_or("an error")?.err().ok_or("an error")?;
    assert_eq!(error.operation(), Some("read_variables"));
    assert!(runtime()?.block_on(stopped.anext_page()).is_none());
    Ok(())
}
