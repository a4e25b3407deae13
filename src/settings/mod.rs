//! Prefect's settings, as far as they concern a client, found where Prefect finds them.

mod advice;
mod builder;
mod connect;
mod dotenv;
mod environment;
mod explain;
mod given;
mod layers;
mod paths;
mod profiles;
mod resolve;
mod setting;
#[expect(
    clippy::module_inception,
    reason = "the settings are what the other parts make up"
)]
mod settings;
mod source;
mod toml_file;
mod value;

pub use builder::SettingsBuilder;
pub use explain::{Explained, Explanation};
pub use profiles::Profiles;
pub use setting::Setting;
pub use settings::Settings;
pub use source::Source;

#[cfg(test)]
mod tests;
