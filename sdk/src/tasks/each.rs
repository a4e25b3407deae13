//! What each of several runs of a task is given.

use std::sync::Arc;

use super::Argument;
#[cfg(feature = "async")]
use super::AsyncTaskFuture;
#[cfg(feature = "blocking")]
use super::TaskFuture;
use crate::Error;

/// What each of several runs of a task is given: some parameters from iterables, and others that are the same for all.
///
/// Every iterable of values or futures is one. [`zip`](Self::zip) and [`map`](Self::map) make one of several:
///
/// ```
/// use prefect_sdk::tasks::{Each, unmapped};
///
/// #[derive(Clone, serde::Serialize)]
/// struct Order {
///     number: u32,
///     note: String,
/// }
///
/// let numbers = Each::from([1, 2, 3]).named("number");
/// let notes = unmapped("soon".to_owned()).named("note");
/// let orders: Each<Order> = numbers.zip(notes).map(|(number, note)| Order { number, note });
/// # drop(orders);
/// ```
pub struct Each<T>(Many<T>);

enum Many<T> {
    Each(Vec<Argument<T>>),
    Same(Same<T>),
    /// Of iterables of these lengths.
    Unequal(usize, usize),
}

type Same<T> = Arc<dyn Fn() -> Argument<T> + Send + Sync>;

/// A value that is the same for all runs, although it may be an iterable.
pub fn unmapped<T: Clone + Send + Sync + 'static>(value: T) -> Each<T> {
    Each(Many::Same(Arc::new(move || value.clone().into())))
}

impl<T: Send + 'static> Each<T> {
    /// Says which parameter it is.
    #[must_use]
    pub fn named(self, parameter: impl Into<String>) -> Self {
        let name = parameter.into();
        self.changed(move |argument| argument.named(name.clone()))
    }

    /// Makes something else of each.
    #[must_use]
    pub fn map<U: Send + 'static>(self, make: impl Fn(T) -> U + Send + Sync + 'static) -> Each<U> {
        let make = Arc::new(make);
        self.changed(move |argument| {
            let make = Arc::clone(&make);
            argument.map(move |value| make(value))
        })
    }

    /// Both, for each run.
    #[must_use]
    pub fn zip<U: Send + 'static>(self, other: Each<U>) -> Each<(T, U)> {
        Each(match (self.0, other.0) {
            (Many::Unequal(one, two), _) | (_, Many::Unequal(one, two)) => Many::Unequal(one, two),
            (Many::Each(one), Many::Each(two)) if one.len() == two.len() => {
                let both = one.into_iter().zip(two);
                Many::Each(both.map(|(one, two)| one.zip(two)).collect())
            }
            (Many::Each(one), Many::Each(two)) => Many::Unequal(one.len(), two.len()),
            (Many::Each(one), Many::Same(two)) => {
                Many::Each(one.into_iter().map(|one| one.zip(two())).collect())
            }
            (Many::Same(one), Many::Each(two)) => {
                Many::Each(two.into_iter().map(|two| one().zip(two)).collect())
            }
            (Many::Same(one), Many::Same(two)) => Many::Same(Arc::new(move || one().zip(two()))),
        })
    }

    fn changed<U: 'static>(
        self,
        change: impl Fn(Argument<T>) -> Argument<U> + Send + Sync + 'static,
    ) -> Each<U> {
        Each(match self.0 {
            Many::Each(each) => Many::Each(each.into_iter().map(change).collect()),
            Many::Same(same) => Many::Same(Arc::new(move || change(same()))),
            Many::Unequal(one, two) => Many::Unequal(one, two),
        })
    }
}

impl<T> Each<T> {
    /// What each run is given.
    pub(crate) fn arguments(self) -> Result<Vec<Argument<T>>, Error> {
        match self.0 {
            Many::Each(each) => Ok(each),
            Many::Same(_) => Err(Error::invalid(
                "no iterable parameters were received: at least one says how many runs there are",
            )),
            Many::Unequal(one, two) => Err(Error::invalid(format!(
                "iterable parameters of different lengths were received: {one} and {two}"
            ))),
        }
    }
}

impl<T, I> From<I> for Each<T>
where
    I: IntoIterator,
    I::Item: Into<Argument<T>>,
{
    fn from(values: I) -> Self {
        Self(Many::Each(values.into_iter().map(Into::into).collect()))
    }
}

/// The same for all runs: a copy of what the run gives.
#[cfg(feature = "async")]
impl<T: Clone + Send + Sync + 'static, E: Send + 'static> AsyncTaskFuture<T, E> {
    /// What the run gives, the same for all runs of a [map](super::AsyncTask::map).
    #[must_use]
    pub fn unmapped(&self) -> Each<T> {
        let run = self.submitted().clone();
        Each(Many::Same(Arc::new(move || {
            super::argument::copied(run.clone())
        })))
    }
}

/// The same for all runs: a copy of what the run gives.
#[cfg(feature = "blocking")]
impl<T: Clone + Send + Sync + 'static, E: Send + 'static> TaskFuture<T, E> {
    /// What the run gives, the same for all runs of a [map](super::Task::map).
    #[must_use]
    pub fn unmapped(&self) -> Each<T> {
        let run = self.submitted().clone();
        Each(Many::Same(Arc::new(move || {
            super::argument::copied(run.clone())
        })))
    }
}

impl<T> std::fmt::Debug for Each<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = f.debug_tuple("Each");
        match &self.0 {
            Many::Each(each) => shown.field(&each.len()),
            Many::Same(_) => shown.field(&"the same"),
            Many::Unequal(one, two) => shown.field(&(one, two)),
        };
        shown.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values<T>(each: Each<T>) -> Result<Vec<T>, String> {
        let arguments = each.arguments().map_err(|error| error.to_string())?;
        Ok(arguments.into_iter().filter_map(Argument::take).collect())
    }

    #[test]
    fn iterables_go_together_and_the_same_goes_with_each() {
        let both = Each::from([1, 2]).zip(Each::from(["a", "b"]));
        let all = unmapped(true).zip(both).map(|(same, both)| (both, same));
        assert_eq!(values(all).unwrap(), [((1, "a"), true), ((2, "b"), true)]);
        assert!(
            values(Each::<u8>::from(Vec::<u8>::new()))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn lengths_that_differ_and_none_at_all_are_refused() {
        let unequal = Each::from([1, 2]).zip(Each::from([1])).zip(unmapped(1));
        assert!(values(unequal).unwrap_err().ends_with("2 and 1"));
        let same = unmapped(1).zip(unmapped(vec![2]));
        assert!(values(same).unwrap_err().starts_with("no iterable"));
    }
}
