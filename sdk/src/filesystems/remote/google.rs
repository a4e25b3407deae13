//! `gs://` and `gcs://`: buckets of Google's cloud storage.

use std::path::Path;

use opendal::Operator;
use opendal::services::Gcs;
use reqsign_core::ProvideCredentialChain;
use reqsign_google::{
    Credential, DefaultCredentialProvider, FileCredentialProvider, StaticCredentialProvider,
    TokenCredentialProvider, VmMetadataCredentialProvider,
};
use serde_json::{Map, Value};

use super::super::address::Base;
use super::keys::{Keys, variable};
use super::opened::{Opened, operator};
use super::settings::Settings;
use crate::Error;

/// Only Python's speed depends on them, or what it does with whole buckets.
const PASSED_OVER: [&str; 10] = [
    "asynchronous",
    "block_size",
    "cache_timeout",
    "check_connection",
    "consistency",
    "default_location",
    "listings_expiry_time",
    "project",
    "secure_serialize",
    "use_listings_cache",
];

pub(super) fn open(base: &Base, settings: &mut Settings<'_>) -> Result<Opened, Error> {
    // Without these two the library asks on by itself, which needs a runtime.
    let mut builder = Gcs::default()
        .bucket(&base.netloc)
        .disable_config_load()
        .disable_vm_metadata();
    let scope = scope(settings)?;
    builder = builder.scope(&scope);
    let endpoint = settings.text("endpoint_url")?;
    if let Some(endpoint) = endpoint.or_else(emulator) {
        builder = builder.endpoint(endpoint.trim_end_matches('/'));
    }
    builder = match keys(settings, &scope)? {
        Keys::Nobody => builder.skip_signature(),
        keys => builder.credential_provider_chain(ProvideCredentialChain::new().push(keys)),
    };
    if settings.flag("requester_pays")? == Some(true) {
        let text = "`requester_pays` is not known here of a storage of the scheme `gs`";
        return Err(Error::invalid(text));
    }
    let timeout = settings.seconds("requests_timeout")?;
    let timeout = settings.seconds("timeout")?.or(timeout);
    settings.pass_over(&PASSED_OVER);
    let mut opened = Opened::new(operator(base, Operator::new(builder))?);
    opened.timeout = timeout;
    Ok(opened)
}

/// What may be done.
fn scope(settings: &mut Settings<'_>) -> Result<String, Error> {
    let access = settings.text("access")?;
    let name = match access.as_deref() {
        None | Some("full_control") => "full_control",
        Some("read_write") => "read_write",
        Some("read_only") => "read_only",
        Some(_) => {
            let text = "`access` is `full_control`, `read_write` or `read_only`";
            return Err(Error::invalid(text));
        }
    };
    Ok(format!("https://www.googleapis.com/auth/devstorage.{name}"))
}

/// Where Google's own tools find an emulator.
fn emulator() -> Option<String> {
    let host = variable(&["STORAGE_EMULATOR_HOST"])?;
    let is_address = host.starts_with("http://") || host.starts_with("https://");
    Some(if is_address {
        host
    } else {
        format!("http://{host}")
    })
}

fn keys(settings: &mut Settings<'_>, scope: &str) -> Result<Keys<Credential>, Error> {
    let content = settings.group("token.")?;
    if !content.is_empty() {
        let content: Map<String, Value> = content
            .into_iter()
            .map(|(name, text)| (name, Value::String(text)))
            .collect();
        let content = Value::Object(content).to_string();
        let provider = StaticCredentialProvider::new(content).with_scope(scope);
        return Ok(Keys::found(provider));
    }
    Ok(match settings.text("token")?.as_deref() {
        None | Some("google_default") => Keys::found(DefaultCredentialProvider::new()),
        Some("anon") => Keys::Nobody,
        Some("cloud") => Keys::found(VmMetadataCredentialProvider::new().with_scope(scope)),
        Some("browser" | "cache") => {
            let text =
                "a `token` from a browser, or from what Python has kept of one, can't be had here";
            return Err(Error::invalid(text));
        }
        Some(path) if Path::new(path).is_file() => {
            Keys::found(FileCredentialProvider::new(path).with_scope(scope))
        }
        Some(path)
            if path.contains(['/', '\\'])
                || Path::new(path)
                    .extension()
                    .is_some_and(|ending| ending == "json") =>
        {
            let text = "`token` of a storage of the scheme `gs` names a file that is not there";
            return Err(Error::invalid(text));
        }
        Some(token) => Keys::found(TokenCredentialProvider::new(token)),
    })
}
