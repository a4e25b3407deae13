//! Artifacts: what a run shows to people, beside its logs.
//!
//! Each has a type and data; one with a key is the newest version of what that key names, and has a page of its own.

mod artifact;
mod create;
mod data;
mod event;

pub use artifact::{Artifact, CreateArtifact};
pub use create::UpdateProgressArtifact;
#[cfg(feature = "async")]
pub use create::{
    acreate_image_artifact, acreate_link_artifact, acreate_markdown_artifact,
    acreate_progress_artifact, acreate_table_artifact, aupdate_progress_artifact,
};
#[cfg(feature = "blocking")]
pub use create::{
    create_image_artifact, create_link_artifact, create_markdown_artifact,
    create_progress_artifact, create_table_artifact, update_progress_artifact,
};
pub use data::{ArtifactData, Link};
