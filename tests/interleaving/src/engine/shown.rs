//! In the place of the SDK's: nobody looks at states here.

use super::RunFailed;

/// The state that a run is in.
#[derive(Clone, Default)]
pub(crate) struct StateShown(());

impl StateShown {
    pub(crate) fn end<E>(&self, _: &RunFailed<E>) {}

    pub(super) fn is_completed(&self) -> bool {
        true
    }
}
