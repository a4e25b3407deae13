//! Artifacts: what a run shows to people, beside its logs.
//!
//! Each has a type and data; one with a key is the newest version of what that key names, and has a page of its own.

mod artifact;
mod create;
mod data;
mod event;

pub use artifact::{Artifact, CreateArtifactOptions};
pub use create::UpdateProgressArtifactOptions;
#[cfg(feature = "async")]
pub use create::{
    acreate_image_artifact, acreate_image_artifact_with, acreate_link_artifact,
    acreate_link_artifact_with, acreate_markdown_artifact, acreate_markdown_artifact_with,
    acreate_progress_artifact, acreate_progress_artifact_with, acreate_table_artifact,
    acreate_table_artifact_with, aupdate_progress_artifact, aupdate_progress_artifact_with,
};
#[cfg(feature = "blocking")]
pub use create::{
    create_image_artifact, create_image_artifact_with, create_link_artifact,
    create_link_artifact_with, create_markdown_artifact, create_markdown_artifact_with,
    create_progress_artifact, create_progress_artifact_with, create_table_artifact,
    create_table_artifact_with, update_progress_artifact, update_progress_artifact_with,
};
pub use data::{ArtifactData, Link};
