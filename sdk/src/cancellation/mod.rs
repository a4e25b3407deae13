//! A token that says that something is to end.

use std::collections::BTreeMap;
use std::time::Duration;
#[cfg(feature = "blocking")]
use std::time::Instant;

use crate::control::Receipt;
use crate::signals::EndSignal;
#[cfg(feature = "blocking")]
use crate::sync::Listener;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Arc, Event, Mutex, MutexGuard, PoisonError, Weak};

/// Says that a run is to end: [`FlowRun::cancellation`](crate::flows::FlowRun::cancellation) is the one of a run. Functions ask
/// it, or wait for it, and end as soon as they can. Clones are the same token.
///
/// ```
/// use prefect_sdk::flows::Cancellation;
///
/// let cancellation = Cancellation::new();
/// let part = cancellation.child();
/// part.request();
/// assert!(part.is_requested() && !cancellation.is_requested());
/// cancellation.request();
/// assert!(cancellation.child().is_requested());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Cancellation {
    node: Arc<Node>,
}

#[derive(Debug, Default)]
struct Node {
    is_requested: AtomicBool,
    facts: Mutex<Facts>,
    /// Notified when it is requested, and when a shield is gone.
    changed: Event,
}

#[derive(Debug, Default)]
struct Facts {
    why: Option<Why>,
    /// Those that it ends with; what shields one of them shields it.
    parents: Vec<Arc<Node>>,
    children: Vec<Weak<Node>>,
    shields: usize,
    /// Whether somebody has begun to say how the run ends.
    is_told: bool,
    /// What the server took of that, where it did.
    receipt: Option<Receipt>,
}

/// Why a run is to end, which says what its last state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It was cancelled.
    Cancelled,
    /// Its process is to end.
    Signal(EndSignal),
    /// It was cancelled, and whoever started its process says so.
    LeftToParent,
    /// The same, and that one calls the flow's hooks as well.
    LeftToRunner,
    /// It goes on elsewhere, or at another time, and whoever started its process says so.
    Left,
}

/// While it is there, what was cancelled is not stopped: for what must not be left half done. It ends when it is dropped.
///
/// A future of an async flow is dropped where it awaits, and a process ends, only after all shields are gone. A shield of a token is one of
/// its children, too, and holds those that it is a child of, but not their other children: what shields a subflow keeps the flow that called
/// it, and the process, from being stopped. It does not hold against a timeout, nor against a second signal, nor against whoever loses patience:
/// a runner kills the process after its grace time.
#[must_use = "it shields for as long as it is there"]
#[derive(Debug)]
pub struct Shield {
    cancellation: Cancellation,
}

impl Cancellation {
    /// A token of its own.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says that it is to end, and so are its children.
    pub fn request(&self) {
        self.request_for(Why::Cancelled);
    }

    /// Whether it is to end.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.node.is_requested.load(Ordering::Acquire)
    }

    /// Waits until it is to end.
    #[cfg(feature = "blocking")]
    pub fn requested(&self) {
        self.node.wait(Node::is_requested, None);
    }

    /// Waits until it is to end, for a limited time; whether it is.
    #[cfg(feature = "blocking")]
    #[must_use]
    pub fn requested_within(&self, timeout: Duration) -> bool {
        self.node.wait(Node::is_requested, Some(timeout))
    }

    /// Waits until it is to end.
    #[cfg(feature = "async")]
    pub async fn arequested(&self) {
        self.node.await_until(Node::is_requested).await;
    }

    /// Waits until it is to end, for a limited time; whether it is.
    #[cfg(feature = "async")]
    pub async fn arequested_within(&self, timeout: Duration) -> bool {
        let requested = tokio::time::timeout(timeout, self.arequested());
        requested.await.is_ok()
    }

    /// A token that is requested with this one, or alone.
    #[must_use]
    pub fn child(&self) -> Self {
        let child = Self::new();
        child.ends_with(self);
        child
    }

    /// It is requested with that one, too.
    pub(crate) fn ends_with(&self, parent: &Self) {
        self.node.facts().parents.push(Arc::clone(&parent.node));
        let mut facts = parent.node.facts();
        facts.children.retain(|child| child.strong_count() > 0);
        facts.children.push(Arc::downgrade(&self.node));
        let why = facts.why;
        drop(facts);
        if let Some(why) = why {
            self.request_for(why);
        }
    }

    /// Keeps what was cancelled from being stopped.
    pub fn shield(&self) -> Shield {
        self.node.facts().shields += 1;
        Shield {
            cancellation: self.clone(),
        }
    }

    /// The first reason stays.
    pub(crate) fn request_for(&self, why: Why) {
        self.node.request(why);
        Node::any(self.node.children(), Node::children, |child| {
            child.request(why);
            false
        });
    }

    pub(crate) fn why(&self) -> Option<Why> {
        self.node.facts().why
    }

    /// Whether it is to end, and nothing keeps it from that.
    pub(crate) fn is_to_stop(&self) -> bool {
        self.node.is_to_stop()
    }

    /// Waits until it is to end, and nothing keeps it from that.
    #[cfg(feature = "async")]
    pub(crate) async fn ato_stop(&self) {
        self.node.await_until(Node::is_to_stop).await;
    }

    /// The same, for a limited time.
    #[cfg(feature = "blocking")]
    pub(crate) fn to_stop_within(&self, timeout: Duration) {
        self.node.wait(Node::is_to_stop, Some(timeout));
    }

    /// The same, for a limited time.
    #[cfg(feature = "async")]
    pub(crate) async fn ato_stop_within(&self, timeout: Duration) {
        drop(tokio::time::timeout(timeout, self.ato_stop()).await);
    }

    /// Whether the caller is the one who says how the run ends. Nobody else is, until it is taken back.
    pub(crate) fn tell(&self) -> bool {
        !std::mem::replace(&mut self.node.facts().is_told, true)
    }

    /// Keeps what the server took of what was said.
    pub(crate) fn keep_receipt(&self, receipt: Receipt) {
        self.node.facts().receipt = Some(receipt);
    }

    /// What the server took, where that is known.
    pub(crate) fn receipt(&self) -> Option<Receipt> {
        self.node.facts().receipt.clone()
    }

    /// The run goes on after all.
    pub(crate) fn take_back(&self) {
        self.node.facts().is_told = false;
    }
}

impl Drop for Shield {
    fn drop(&mut self) {
        self.cancellation.node.facts().shields -= 1;
        self.cancellation.node.tell();
    }
}

impl Node {
    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_requested(&self) -> bool {
        self.is_requested.load(Ordering::Acquire)
    }

    fn is_to_stop(&self) -> bool {
        self.is_requested() && !self.is_shielded()
    }

    fn is_shielded(&self) -> bool {
        self.has_shield()
            || Self::any(self.parents(), Self::parents, Self::has_shield)
            || Self::any(self.children(), Self::children, Self::has_shield)
    }

    fn has_shield(&self) -> bool {
        self.facts().shields > 0
    }

    fn parents(&self) -> Vec<Arc<Self>> {
        self.facts().parents.clone()
    }

    fn children(&self) -> Vec<Arc<Self>> {
        let children = &self.facts().children;
        children.iter().filter_map(Weak::upgrade).collect()
    }

    /// Whether one of these is so, or one of those that come after them. Each is asked once, before it says who comes after it.
    fn any(
        mut left: Vec<Arc<Self>>,
        after: fn(&Self) -> Vec<Arc<Self>>,
        is: impl Fn(&Self) -> bool,
    ) -> bool {
        // They are kept, as another one could come to the place of one that is gone.
        let mut asked = BTreeMap::new();
        while let Some(node) = left.pop() {
            let place = Arc::as_ptr(&node);
            if asked.contains_key(&place) {
                continue;
            }
            if is(&node) {
                return true;
            }
            left.extend(after(&node));
            asked.insert(place, node);
        }
        false
    }

    /// The first reason stays.
    fn request(&self, why: Why) {
        self.facts().why.get_or_insert(why);
        self.is_requested.store(true, Ordering::Release);
        self.changed.notify(usize::MAX);
    }

    /// Tells those who wait for it, for one that it ends with, or for one that ends with it.
    fn tell(&self) {
        let notify = |node: &Self| {
            node.changed.notify(usize::MAX);
            false
        };
        notify(self);
        Self::any(self.children(), Self::children, notify);
        Self::any(self.parents(), Self::parents, notify);
    }

    #[cfg(feature = "blocking")]
    fn wait(&self, is: fn(&Self) -> bool, timeout: Option<Duration>) -> bool {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            if is(self) {
                return true;
            }
            let listener = self.changed.listen();
            // It may have changed before anybody listened.
            if is(self) {
                return true;
            }
            match deadline {
                None => listener.wait(),
                Some(deadline) => {
                    if listener.wait_deadline(deadline).is_none() {
                        return is(self);
                    }
                }
            }
        }
    }

    #[cfg(feature = "async")]
    async fn await_until(&self, is: fn(&Self) -> bool) {
        while !is(self) {
            let listener = self.changed.listen();
            if is(self) {
                return;
            }
            listener.await;
        }
    }
}

#[cfg(all(test, feature = "blocking", feature = "async"))]
mod tests;
