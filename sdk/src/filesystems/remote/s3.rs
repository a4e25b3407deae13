//! `s3://`: buckets of Amazon's S3, and of whatever speaks its language.

use std::time::Duration;

use opendal::Operator;
use opendal::services::S3;
use reqsign_aws_v4::{Credential, DefaultCredentialProvider};
use reqsign_core::ProvideCredentialChain;

use super::super::address::Base;
use super::keys::{Keys, variable};
use super::opened::{Opened, operator};
use super::settings::Settings;
use crate::Error;

/// What Python takes where nothing names one.
const REGION: &str = "us-east-1";

/// Only Python's speed depends on them.
const PASSED_OVER: [&str; 7] = [
    "asynchronous",
    "cache_regions",
    "default_block_size",
    "default_cache_type",
    "default_fill_cache",
    "max_concurrency",
    "config_kwargs.max_pool_connections",
];

pub(super) fn open(base: &Base, settings: &mut Settings<'_>) -> Result<Opened, Error> {
    let mut builder = S3::default().bucket(&base.netloc).disable_config_load();
    let region = settings.one_of(&["client_kwargs.region_name", "config_kwargs.region_name"])?;
    let region = region.or_else(|| variable(&["AWS_REGION", "AWS_DEFAULT_REGION"]));
    let region = region.unwrap_or_else(|| REGION.to_owned());
    builder = builder.region(&region);
    let endpoint = endpoint(settings, &region)?;
    let style = settings.text("config_kwargs.s3.addressing_style")?;
    builder = match (style.as_deref(), &endpoint) {
        (Some("virtual"), _) => builder.enable_virtual_host_style(),
        // The certificate of Amazon's has one name in front of its own.
        (None | Some("auto"), None) if !base.netloc.contains('.') => {
            builder.enable_virtual_host_style()
        }
        (None | Some("auto" | "path"), _) => builder,
        (Some(_), _) => {
            let text = "`config_kwargs.s3.addressing_style` is `auto`, `path` or `virtual`";
            return Err(Error::invalid(text));
        }
    };
    if let Some(endpoint) = &endpoint {
        builder = builder.endpoint(endpoint);
    }
    builder = additional(builder, settings)?;
    if settings.flag("requester_pays")? == Some(true) {
        builder = builder.enable_request_payer();
    }
    let keys = keys(settings)?;
    builder = match keys {
        Keys::Nobody => builder.skip_signature(),
        keys => builder.credential_provider_chain(ProvideCredentialChain::new().push(keys)),
    };
    let timeout = timeout(settings)?;
    settings.pass_over(&PASSED_OVER);
    let mut opened = Opened::new(operator(base, Operator::new(builder))?);
    opened.timeout = timeout;
    Ok(opened)
}

/// The address of the service, where it isn't Amazon's usual one.
fn endpoint(settings: &mut Settings<'_>, region: &str) -> Result<Option<String>, Error> {
    let given = settings.one_of(&["endpoint_url", "client_kwargs.endpoint_url"])?;
    let given = given.or_else(|| variable(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"]));
    let flags = ["use_ssl", "client_kwargs.use_ssl"];
    let mut is_plain = false;
    for flag in flags {
        is_plain |= settings.flag(flag)? == Some(false);
    }
    if settings.flag("client_kwargs.verify")? == Some(false) {
        let text =
            "`client_kwargs.verify` can't be turned off: whoever is on the way could read the keys";
        return Err(Error::invalid(text));
    }
    match given {
        Some(url) if !url.starts_with("http://") && !url.starts_with("https://") => {
            let text = "`endpoint_url` of an S3 storage begins with `http://` or `https://`";
            Err(Error::invalid(text))
        }
        Some(url) if url.contains('@') => {
            let text =
                "`endpoint_url` of an S3 storage has no user: `key` and `secret` say who asks";
            Err(Error::invalid(text))
        }
        Some(url) => Ok(Some(url)),
        None => Ok(is_plain.then(|| format!("http://s3.{region}.amazonaws.com"))),
    }
}

/// What is said with each thing that is written.
fn additional(mut builder: S3, settings: &mut Settings<'_>) -> Result<S3, Error> {
    let mut asked = |name: &str| settings.text(&format!("s3_additional_kwargs.{name}"));
    if let Some(encryption) = asked("ServerSideEncryption")? {
        builder = builder.server_side_encryption(&encryption);
    }
    if let Some(key) = asked("SSEKMSKeyId")? {
        builder = builder.server_side_encryption_aws_kms_key_id(&key);
    }
    if let Some(class) = asked("StorageClass")? {
        builder = builder.default_storage_class(&class);
    }
    if let Some(acl) = asked("ACL")? {
        builder = builder.default_acl(&acl);
    }
    Ok(builder)
}

fn timeout(settings: &mut Settings<'_>) -> Result<Option<Duration>, Error> {
    let connect = settings.seconds("config_kwargs.connect_timeout")?;
    let read = settings.seconds("config_kwargs.read_timeout")?;
    Ok(read.map(|read| read.saturating_add(connect.unwrap_or_default())))
}

/// Who asks: what nothing says is known to the environment, the files of Amazon's tools, or the machine.
fn keys(settings: &mut Settings<'_>) -> Result<Keys<Credential>, Error> {
    let id = settings.one_of(&["key", "username", "client_kwargs.aws_access_key_id"])?;
    let secret = settings.one_of(&["secret", "password", "client_kwargs.aws_secret_access_key"])?;
    let token = settings.one_of(&["token", "client_kwargs.aws_session_token"])?;
    let profile = settings.text("profile")?;
    if settings.flag("anon")? == Some(true) {
        return Ok(Keys::Nobody);
    }
    match (id, secret, profile) {
        (Some(access_key_id), Some(secret_access_key), _) => Ok(Keys::Given(Credential {
            access_key_id,
            secret_access_key,
            session_token: token,
            expires_in: None,
        })),
        (None, None, profile) if token.is_none() => {
            let mut found = DefaultCredentialProvider::builder();
            if let Some(profile) = profile {
                found = found.no_env().with_profile(profile);
            }
            Ok(Keys::found(found.build()))
        }
        _ => Err(Error::invalid(
            "an S3 storage has `key` and `secret`, or neither of them",
        )),
    }
}
