//! A library with two faces, each behind a feature: weather stations and their reports.
//!
//! The stations are written by hand, once for each face. Everything on top of them is written once.

mod report;
mod station;

diptych_macros::faces! {
    /// The names that differ between the two faces of this crate.
    weather {
        async if feature = "async",
        blocking if feature = "blocking",
        AsyncStation => Station,
        AsyncArchive => Archive,
        aload => load,
        apause => pause,
        awarmest => warmest,
        AsyncMemory => Memory,
    }
}

pub use report::Report;
#[diptych_macros::dual(weather)]
pub use report::{AsyncArchive, AsyncMemory, awarmest};
#[diptych_macros::dual(weather)]
pub use station::AsyncStation;
