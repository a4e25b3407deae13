//! What a task is given: values, and what other task runs will give.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use diptych_macros::dual;
use uuid::Uuid;

use crate::engine::{Dependency, Submitted, engine};
#[dual(engine)]
use crate::tasks::AsyncTaskFuture;

/// What a task is given: a value, or what another task run will give.
///
/// Every value is one, and so is a future, or a list of futures: by itself, which moves what the run gives, or by reference, which
/// copies it.
/// [`zip`](Self::zip) and [`map`](Self::map) make one of several; each may say which parameter it is, so that Prefect shows
/// what depends on what.
///
/// ```
/// use prefect_sdk::tasks::Argument;
///
/// #[derive(Clone, serde::Serialize)]
/// struct Order {
///     number: u32,
///     note: String,
/// }
///
/// fn order(number: impl Into<Argument<u32>>, note: impl Into<Argument<String>>) -> Argument<Order> {
///     let number = number.into().named("number");
///     let both = number.zip(note.into().named("note"));
///     both.map(|(number, note)| Order { number, note })
/// }
/// # drop(order(3, "soon".to_owned()));
/// ```
pub struct Argument<T> {
    source: Source<T>,
    /// The runs that each parameter comes from, as far as they are named.
    named: BTreeMap<String, Vec<Uuid>>,
    dependencies: Vec<Dependency>,
}

enum Source<T> {
    Given(T),
    /// What the runs gave, if all of them completed.
    Later(Box<dyn FnOnce() -> Option<T> + Send>),
}

impl<T: Send + 'static> Argument<T> {
    fn of_run(run: Dependency, take: impl FnOnce() -> Option<T> + Send + 'static) -> Self {
        Self {
            source: Source::Later(Box::new(take)),
            named: BTreeMap::new(),
            dependencies: vec![run],
        }
    }

    /// Says which parameter it is.
    #[must_use]
    pub fn named(mut self, parameter: impl Into<String>) -> Self {
        let runs = self.dependencies.iter().map(Dependency::id).collect();
        self.named = BTreeMap::from([(parameter.into(), runs)]);
        self
    }

    /// Makes something else of it.
    #[must_use]
    pub fn map<U: Send + 'static>(self, make: impl FnOnce(T) -> U + Send + 'static) -> Argument<U> {
        Argument {
            source: match self.source {
                Source::Given(value) => Source::Given(make(value)),
                Source::Later(take) => Source::Later(Box::new(move || take().map(make))),
            },
            named: self.named,
            dependencies: self.dependencies,
        }
    }

    /// Both.
    #[must_use]
    pub fn zip<U: Send + 'static>(mut self, other: Argument<U>) -> Argument<(T, U)> {
        for (parameter, runs) in other.named {
            self.named.entry(parameter).or_default().extend(runs);
        }
        self.dependencies.extend(other.dependencies);
        Argument {
            source: match (self.source, other.source) {
                (Source::Given(one), Source::Given(two)) => Source::Given((one, two)),
                (one, two) => Source::Later(Box::new(move || one.take().zip(two.take()))),
            },
            named: self.named,
            dependencies: self.dependencies,
        }
    }
}

impl<T: Send + 'static> Argument<Vec<T>> {
    /// All of these, as one list: what a task is given that makes one thing of many. The futures of a [map](super::Task::map) are
    /// such a list by themselves.
    ///
    #[cfg_attr(feature = "blocking", doc = "```")]
    #[cfg_attr(not(feature = "blocking"), doc = "```ignore")]
    /// # use prefect_sdk::{flows::{FlowRun, RunFailed}, tasks::{Argument, Task}};
    /// # fn flow(run: FlowRun, load: Task<u32, u64, String>, sum: Task<Vec<u64>, u64, String>) -> Result<u64, RunFailed<String>> {
    /// let numbers = load.map(&run, 0..10)?;
    /// let numbers = Argument::all(numbers.iter().rev());
    /// let sum = sum.submit(&run, numbers);
    /// # sum.result() }
    /// ```
    #[must_use]
    pub fn all(arguments: impl IntoIterator<Item = impl Into<Argument<T>>>) -> Self {
        let mut all = Argument::from(Vec::new());
        let mut sources = Vec::new();
        for argument in arguments {
            let argument: Argument<T> = argument.into();
            for (parameter, runs) in argument.named {
                all.named.entry(parameter).or_default().extend(runs);
            }
            all.dependencies.extend(argument.dependencies);
            sources.push(argument.source);
        }
        all.source = if all.dependencies.is_empty() {
            Source::Given(sources.into_iter().filter_map(Source::take).collect())
        } else {
            let take = move || sources.into_iter().map(Source::take).collect();
            Source::Later(Box::new(take))
        };
        all
    }
}

impl<T> Argument<T> {
    /// The runs that no parameter is said to come from.
    pub(crate) fn unnamed(&self) -> Vec<Uuid> {
        let named: BTreeSet<&Uuid> = self.named.values().flatten().collect();
        let runs = self.dependencies.iter().map(Dependency::id);
        runs.filter(|run| !named.contains(run)).collect()
    }

    pub(crate) fn dependencies(&self) -> &[Dependency] {
        &self.dependencies
    }

    pub(crate) fn names(&self) -> &BTreeMap<String, Vec<Uuid>> {
        &self.named
    }

    /// The value, once the runs that it depends on have ended; `None` unless all of them completed.
    pub(crate) fn take(self) -> Option<T> {
        self.source.take()
    }
}

impl<T> Source<T> {
    fn take(self) -> Option<T> {
        match self {
            Self::Given(value) => Some(value),
            Self::Later(take) => take(),
        }
    }
}

impl<T> From<T> for Argument<T> {
    fn from(value: T) -> Self {
        Self {
            source: Source::Given(value),
            named: BTreeMap::new(),
            dependencies: Vec::new(),
        }
    }
}

/// What the run gives, moved.
fn moved<T, E>(run: std::sync::Arc<Submitted<T, E>>) -> Argument<T>
where
    T: Send + Sync + 'static,
    E: Send + 'static,
{
    let dependency = Dependency(run.clone());
    Argument::of_run(dependency, move || run.take().and_then(Result::ok))
}

/// What the run gives, copied.
pub(super) fn copied<T, E>(run: std::sync::Arc<Submitted<T, E>>) -> Argument<T>
where
    T: Clone + Send + Sync + 'static,
    E: Send + 'static,
{
    run.use_copy();
    let dependency = Dependency(run.clone());
    Argument::of_run(dependency, move || run.copied())
}

#[dual(engine)]
impl<T: Send + Sync + 'static, E: Send + 'static> From<AsyncTaskFuture<T, E>> for Argument<T> {
    fn from(future: AsyncTaskFuture<T, E>) -> Self {
        moved(future.into_submitted())
    }
}

#[dual(engine)]
impl<T: Clone + Send + Sync + 'static, E: Send + 'static> From<&AsyncTaskFuture<T, E>>
    for Argument<T>
{
    fn from(future: &AsyncTaskFuture<T, E>) -> Self {
        copied(future.submitted().clone())
    }
}

/// As of a [map](super::AsyncTask::map): what all of them give, as one list.
#[dual(engine)]
impl<T: Send + Sync + 'static, E: Send + 'static> From<Vec<AsyncTaskFuture<T, E>>>
    for Argument<Vec<T>>
{
    fn from(futures: Vec<AsyncTaskFuture<T, E>>) -> Self {
        Self::all(futures)
    }
}

/// As of a [map](super::AsyncTask::map): what all of them give, as one list.
#[dual(engine)]
impl<T: Clone + Send + Sync + 'static, E: Send + 'static> From<&Vec<AsyncTaskFuture<T, E>>>
    for Argument<Vec<T>>
{
    fn from(futures: &Vec<AsyncTaskFuture<T, E>>) -> Self {
        Self::all(futures)
    }
}

impl<T: fmt::Debug> fmt::Debug for Argument<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Argument");
        if let Source::Given(value) = &self.source {
            shown.field("value", value);
        }
        shown
            .field("dependencies", &self.dependencies)
            .finish_non_exhaustive()
    }
}
