//! What each flow does: the twins of Python's.

use diptych_macros::dual;
#[dual(undone)]
use prefect_sdk::flows::AsyncFlowRun;
#[dual(undone)]
use prefect_sdk::transactions::{AsyncTransaction, atransaction_with};
use prefect_sdk::transactions::{CommitMode, TransactionOptions};

use super::{Failed, Given, Told, is, name_of, undone};
#[dual(undone)]
use super::{aattempted, ahook, anesting, anumber, arefusing, atelling};

fn mode(mode: CommitMode) -> TransactionOptions {
    TransactionOptions::new().commit_mode(mode)
}

fn lazily() -> TransactionOptions {
    TransactionOptions::new()
}

fn n(n: i64) -> Given {
    Given { n }
}

/// One that is committed as soon as it is left, in one that is undone.
#[dual(undone)]
pub(super) async fn aeager(run: AsyncFlowRun, told: Told) -> Result<(), Failed> {
    let told = &told;
    let (sender, receiver) = std::sync::mpsc::channel();
    let ended = atransaction_with(&run, &lazily(), |outer: AsyncTransaction| async move {
        sender.send(outer.clone()).unwrap();
        ahook(told, &outer, "outer");
        anumber(told, "one").call(&outer, n(1)).await?;
        let inner = |inner: AsyncTransaction| async move {
            ahook(told, &inner, "inner");
            anumber(told, "two").call(&inner, n(2)).await?;
            told.tell(is(inner.is_committed()));
            Ok::<_, Failed>(inner)
        };
        let inner = atransaction_with(&outer, &mode(CommitMode::Eager), inner).await?;
        told.tell(is(inner.is_committed()));
        arefusing(told).call(&outer, n(3)).await
    })
    .await;
    ended.unwrap_err();
    told.tell(is(receiver.recv().unwrap().is_rolled_back()));
    Ok(())
}

/// Those that nobody commits, and one that does it itself.
#[dual(undone)]
pub(super) async fn aoff(run: AsyncFlowRun, told: Told) -> Result<(), Failed> {
    let told = &told;
    let off = mode(CommitMode::Off);
    let outer = atransaction_with(&run, &off, |outer: AsyncTransaction| async move {
        ahook(told, &outer, "outer");
        anumber(told, "one").call(&outer, n(1)).await?;
        Ok::<_, Failed>(outer)
    })
    .await?;
    told.tell(is(outer.is_rolled_back()));
    let second = atransaction_with(&run, &off, |second: AsyncTransaction| async move {
        ahook(told, &second, "second");
        anumber(told, "two").call(&second, n(2)).await?;
        told.tell(is(second.commit().await));
        Ok::<_, Failed>(second)
    })
    .await?;
    told.tell(is(second.is_committed()));
    Ok(())
}

/// Three, of which the middle one fails.
#[dual(undone)]
pub(super) async fn adeep(run: AsyncFlowRun, told: Told) -> Result<(), Failed> {
    let told = &told;
    let (sender, receiver) = std::sync::mpsc::channel();
    let opened = &sender;
    let ended = atransaction_with(&run, &lazily(), |outer: AsyncTransaction| async move {
        opened.send(outer.clone()).unwrap();
        ahook(told, &outer, "outer");
        anumber(told, "one").call(&outer, n(1)).await?;
        let middle = |middle: AsyncTransaction| async move {
            opened.send(middle.clone()).unwrap();
            ahook(told, &middle, "middle");
            anumber(told, "two").call(&middle, n(2)).await?;
            let inner = |inner: AsyncTransaction| async move {
                opened.send(inner.clone()).unwrap();
                ahook(told, &inner, "inner");
                anumber(told, "three").call(&inner, n(3)).await
            };
            atransaction_with(&middle, &lazily(), inner).await?;
            arefusing(told).call(&middle, n(4)).await
        };
        atransaction_with(&outer, &lazily(), middle).await
    })
    .await;
    ended.unwrap_err();
    let names: Vec<_> = receiver
        .try_iter()
        .map(|one| name_of(one.state()))
        .collect();
    told.tell(names.join(" "));
    Ok(())
}

/// One whose failure the outer one outlives.
#[dual(undone)]
pub(super) async fn acaught(run: AsyncFlowRun, told: Told) -> Result<(), Failed> {
    let told = &told;
    let outer = atransaction_with(&run, &lazily(), |outer: AsyncTransaction| async move {
        ahook(told, &outer, "outer");
        anumber(told, "one").call(&outer, n(1)).await?;
        let (sender, receiver) = std::sync::mpsc::channel();
        let inner = |inner: AsyncTransaction| async move {
            sender.send(inner.clone()).unwrap();
            ahook(told, &inner, "inner");
            anumber(told, "two").call(&inner, n(2)).await?;
            arefusing(told).call(&inner, n(3)).await
        };
        let caught = atransaction_with(&outer, &lazily(), inner).await;
        caught.unwrap_err();
        let inner = receiver.recv().unwrap().state();
        told.tell(format!("{} {}", name_of(outer.state()), name_of(inner)));
        Ok::<_, Failed>(outer)
    })
    .await?;
    told.tell(name_of(outer.state()));
    Ok(())
}

/// A task that fails, whose state is given.
#[dual(undone)]
pub(super) async fn areturned(run: AsyncFlowRun, told: Told) -> Result<(), Failed> {
    let told = &told;
    let outer = atransaction_with(&run, &lazily(), |outer: AsyncTransaction| async move {
        ahook(told, &outer, "outer");
        anumber(told, "one").call(&outer, n(1)).await?;
        arefusing(told).return_state(&outer, n(2)).await;
        told.tell(name_of(outer.state()));
        Ok::<_, Failed>(outer)
    })
    .await?;
    told.tell(name_of(outer.state()));
    Ok(())
}

/// A task that can't be committed.
#[dual(undone)]
pub(super) async fn aunhooked(run: AsyncFlowRun, told: Told) -> Result<(), Failed> {
    let told = &told;
    let outer = atransaction_with(&run, &lazily(), |outer: AsyncTransaction| async move {
        ahook(told, &outer, "outer");
        anumber(told, "one").call(&outer, n(1)).await?;
        atelling(told, "uncommitted", "commit")
            .call(&outer, n(2))
            .await?;
        anumber(told, "three").call(&outer, n(3)).await?;
        Ok::<_, Failed>(outer)
    })
    .await?;
    told.tell(name_of(outer.state()));
    Ok(())
}

/// A task that can't be undone.
#[dual(undone)]
pub(super) async fn astays(run: AsyncFlowRun, told: Told) -> Result<(), Failed> {
    let told = &told;
    let (sender, receiver) = std::sync::mpsc::channel();
    let ended = atransaction_with(&run, &lazily(), |outer: AsyncTransaction| async move {
        sender.send(outer.clone()).unwrap();
        anumber(told, "one").call(&outer, n(1)).await?;
        atelling(told, "stays", "undo").call(&outer, n(2)).await?;
        anumber(told, "three").call(&outer, n(3)).await?;
        arefusing(told).call(&outer, n(4)).await
    })
    .await;
    ended.unwrap_err();
    told.tell(name_of(receiver.recv().unwrap().state()));
    Ok(())
}

/// One whose own hook fails, so that nothing of it is undone.
#[dual(undone)]
pub(super) async fn aunundone(run: AsyncFlowRun, told: Told) -> Result<(), Failed> {
    let told = &told;
    let off = mode(CommitMode::Off);
    let outer = atransaction_with(&run, &off, |outer: AsyncTransaction| async move {
        let called = told.clone();
        outer.on_rollback(move |_: AsyncTransaction| {
            called.tell("undo outer");
            async { Err("hook") }
        });
        anumber(told, "one").call(&outer, n(1)).await?;
        Ok::<_, Failed>(outer)
    })
    .await?;
    told.tell(is(outer.is_rolled_back()));
    Ok(())
}

/// Tasks in tasks, one of which is tried again.
#[dual(undone)]
pub(super) async fn awithin(run: AsyncFlowRun, told: Told) -> Result<(), Failed> {
    let told = &told;
    aattempted(told).call(&run, n(5)).await?;
    let ended = atransaction_with(&run, &lazily(), |outer: AsyncTransaction| async move {
        anumber(told, "three").call(&outer, n(3)).await?;
        anesting(told).call(&outer, n(6)).await
    })
    .await;
    ended.unwrap_err();
    told.tell("undone");
    Ok(())
}

/// What is kept below its key before, anew, and never.
#[dual(undone)]
pub(super) async fn ahad(run: AsyncFlowRun, told: Told) -> Result<(), Failed> {
    let told = &told;
    let key = format!("{}-key", run.name());
    for turn in [1, 2] {
        let function = |txn: AsyncTransaction| async move {
            ahook(told, &txn, &format!("txn {turn}"));
            told.tell(is(txn.is_committed()));
            if !txn.is_committed() {
                anumber(told, "one").call(&txn, n(turn)).await?;
            }
            txn.stage(&1000).await?;
            Ok::<_, Failed>(txn)
        };
        let txn = atransaction_with(&run, &lazily().key(&*key), function).await?;
        told.tell(name_of(txn.state()));
    }
    let anew = |txn: AsyncTransaction| async move {
        told.tell(is(txn.is_committed()));
        txn.stage(&2000).await?;
        Ok::<_, Failed>(())
    };
    atransaction_with(&run, &lazily().key(&*key).overwrite(true), anew).await?;
    let read = |txn: AsyncTransaction| async move {
        told.tell(txn.read::<i64>().await?.to_string());
        Ok::<_, Failed>(())
    };
    atransaction_with(&run, &lazily().key(&*key), read).await?;
    let never = lazily().key(format!("{key}-never"));
    let stage = |txn: AsyncTransaction| async move {
        txn.stage(&2000).await?;
        Ok::<_, Failed>(())
    };
    atransaction_with(&run, &never.clone().write_on_commit(false), stage).await?;
    let look = |txn: AsyncTransaction| async move {
        told.tell(is(txn.is_committed()));
        Ok::<_, Failed>(())
    };
    atransaction_with(&run, &never, look).await
}

/// Tasks that were submitted.
#[dual(undone)]
pub(super) async fn asubmitted(run: AsyncFlowRun, told: Told) -> Result<(), Failed> {
    let told = &told;
    let (sender, receiver) = std::sync::mpsc::channel();
    let ended = atransaction_with(&run, &lazily(), |outer: AsyncTransaction| async move {
        sender.send(outer.clone()).unwrap();
        anumber(told, "one").submit(&outer, n(1)).wait().await;
        anumber(told, "two").submit(&outer, n(2)).wait().await;
        arefusing(told).submit(&outer, n(3)).result().await
    })
    .await;
    ended.unwrap_err();
    told.tell(name_of(receiver.recv().unwrap().state()));
    Ok(())
}
