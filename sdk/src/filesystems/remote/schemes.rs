//! Which storage a scheme means, and what it needs.

use std::time::Duration;

use opendal::HttpTransporter;
use serde_json::{Map, Value};

use super::super::address::Base;
#[cfg(feature = "webdav")]
use super::dav;
use super::fetching::{Face, Fetching};
#[cfg(feature = "gcs")]
use super::google;
#[cfg(feature = "memory")]
use super::memory;
use super::opened::Opened;
#[cfg(feature = "s3")]
use super::s3;
use super::settings::{self, Settings};
use super::storage::Remote;
#[cfg(feature = "http")]
use super::web;
#[cfg(feature = "azure")]
use super::{azure, connection_string};
use crate::Error;

/// How long a request may take, with all its attempts, unless the settings say otherwise.
const TIMEOUT: Duration = Duration::from_mins(1);

/// Opens a storage, without I/O.
pub(super) fn open(
    basepath: &str,
    settings: &Map<String, Value>,
    face: Face,
) -> Result<Remote, Error> {
    let base = Base::parse(basepath)?;
    let mut secrets = settings::secrets(settings);
    #[cfg(feature = "azure")]
    secrets.extend(connection_string::secrets(settings));
    #[cfg(feature = "webdav")]
    secrets.extend(dav::secrets(settings));
    let mut asked = Settings::new(&base.scheme, settings);
    let opened: Opened = match base.scheme.as_str() {
        #[cfg(feature = "s3")]
        "s3" | "s3a" => s3::open(&base, &mut asked),
        #[cfg(feature = "azure")]
        "az" | "abfs" => azure::open(&base, &mut asked),
        #[cfg(feature = "gcs")]
        "gs" | "gcs" => google::open(&base, &mut asked),
        #[cfg(feature = "webdav")]
        "webdav" => dav::open(&base, &mut asked),
        #[cfg(feature = "memory")]
        "memory" => memory::open(&base),
        #[cfg(feature = "http")]
        "http" | "https" => web::open(&base, &mut asked),
        scheme => Err(missing(scheme)),
    }?;
    asked.finish()?;
    let fetching = Fetching {
        face,
        timeout: opened.timeout.unwrap_or(TIMEOUT),
        headers: opened.headers,
    };
    let context = opened.operator.base_context();
    let context = context.with_http_transport(HttpTransporter::new(fetching));
    Ok(Remote {
        operator: opened.operator.with_context(context),
        base,
        secrets,
    })
}

/// The schemes that are here with their features, whether those are on or not.
const SCHEMES: [(&str, &str); 10] = [
    ("s3", "s3"),
    ("s3a", "s3"),
    ("az", "azure"),
    ("abfs", "azure"),
    ("gs", "gcs"),
    ("gcs", "gcs"),
    ("webdav", "webdav"),
    ("memory", "memory"),
    ("http", "http"),
    ("https", "http"),
];

fn missing(scheme: &str) -> Error {
    let known = SCHEMES.iter().find(|(known, _)| *known == scheme);
    let text = if let Some((_, feature)) = known {
        format!("a storage of the scheme `{scheme}` needs the feature `{feature}` of `prefect-sdk`")
    } else {
        let known = SCHEMES.map(|(known, _)| format!("`{known}`")).join(", ");
        format!("there is no storage of the scheme `{scheme}` here: known are {known}")
    };
    Error::invalid(text)
}
