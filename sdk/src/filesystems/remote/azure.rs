//! `az://` and `abfs://`: containers of Azure's blob storage.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use opendal::Operator;
use opendal::services::Azblob;
use reqsign_azure_storage::{
    ClientSecretCredentialProvider, Credential, DefaultCredentialProvider,
};
use reqsign_core::ProvideCredentialChain;

use super::super::address::Base;
use super::connection_string::ConnectionString;
use super::keys::{Keys, variable};
use super::opened::{Opened, operator};
use super::settings::Settings;
use crate::Error;

/// Only Python's speed depends on them.
const PASSED_OVER: [&str; 7] = [
    "assume_container_exists",
    "asynchronous",
    "blocksize",
    "default_cache_type",
    "default_fill_cache",
    "max_concurrency",
    "socket_timeout",
];

pub(super) fn open(base: &Base, settings: &mut Settings<'_>) -> Result<Opened, Error> {
    let account = Account::asked(settings)?;
    let timeout = timeout(settings)?;
    settings.pass_over(&PASSED_OVER);
    let mut builder = Azblob::default()
        .container(&base.netloc)
        .endpoint(&account.endpoint);
    builder = match account.keys {
        Keys::Nobody => builder.skip_signature(),
        keys => builder.credential_provider_chain(ProvideCredentialChain::new().push(keys)),
    };
    let mut opened = Opened::new(operator(base, Operator::new(builder))?);
    opened.timeout = timeout;
    Ok(opened)
}

/// An account of Azure's, as the settings and the environment know it.
struct Account {
    endpoint: String,
    keys: Keys<Credential>,
}

impl Account {
    fn asked(settings: &mut Settings<'_>) -> Result<Self, Error> {
        let said = Said::asked(settings)?;
        let host = settings.text("account_host")?;
        let is_anonymous = settings.flag("anon")? == Some(true);
        let said = if said.names_keys() || is_anonymous {
            said
        } else {
            said.or_of_environment()
        };
        let connection = match &said.connection_string {
            Some(text) => Some(ConnectionString::parse(text)?),
            None => None,
        };
        let name = said
            .account_name
            .clone()
            .or_else(|| connection.as_ref()?.account.clone());
        let of_host = host.map(|host| format!("https://{host}"));
        let endpoint = of_host
            .or_else(|| connection.as_ref()?.endpoint.clone())
            .or_else(|| Some(format!("https://{}.blob.core.windows.net", name.as_ref()?)));
        let endpoint = endpoint.ok_or_else(|| {
            let text =
                "a storage of Azure has an `account_name`, or a `connection_string` that names one";
            Error::invalid(text)
        })?;
        let keys = if is_anonymous {
            Keys::Nobody
        } else {
            said.keys(name.as_deref(), connection)?
        };
        Ok(Self { endpoint, keys })
    }
}

/// What the settings say of an account.
#[derive(Default)]
struct Said {
    account_name: Option<String>,
    account_key: Option<String>,
    connection_string: Option<String>,
    sas_token: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    tenant_id: Option<String>,
}

impl Said {
    fn asked(settings: &mut Settings<'_>) -> Result<Self, Error> {
        Ok(Self {
            account_name: settings.text("account_name")?,
            account_key: settings.text("account_key")?,
            connection_string: settings.text("connection_string")?,
            sas_token: settings.text("sas_token")?,
            client_id: settings.text("client_id")?,
            client_secret: settings.text("client_secret")?,
            tenant_id: settings.text("tenant_id")?,
        })
    }

    fn names_keys(&self) -> bool {
        let keys = [
            &self.account_key,
            &self.connection_string,
            &self.sas_token,
            &self.client_id,
        ];
        keys.into_iter().any(Option::is_some)
    }

    /// What nothing is said of is taken from the environment, by the names that Python's library has.
    fn or_of_environment(self) -> Self {
        let of = |said: Option<String>, name: &str| {
            said.or_else(|| variable(&[&format!("AZURE_STORAGE_{name}")]))
        };
        Self {
            account_name: of(self.account_name, "ACCOUNT_NAME"),
            account_key: of(self.account_key, "ACCOUNT_KEY"),
            connection_string: of(self.connection_string, "CONNECTION_STRING"),
            sas_token: of(self.sas_token, "SAS_TOKEN"),
            client_id: of(self.client_id, "CLIENT_ID"),
            client_secret: of(self.client_secret, "CLIENT_SECRET"),
            tenant_id: of(self.tenant_id, "TENANT_ID"),
        }
    }

    fn keys(
        self,
        name: Option<&str>,
        connection: Option<ConnectionString>,
    ) -> Result<Keys<Credential>, Error> {
        let (key, token) = match connection {
            Some(connection) => (connection.key, connection.sas_token),
            None => (self.account_key, self.sas_token),
        };
        match (key, token, name) {
            (Some(key), _, Some(name)) => {
                BASE64_STANDARD.decode(&key).map_err(|_| {
                    Error::invalid("the key of an account of Azure's is text in base64")
                })?;
                Ok(Keys::Given(Credential::with_shared_key(name, &key)))
            }
            (Some(_), None, None) => Err(Error::invalid(
                "a storage of Azure with an `account_key` has an `account_name` too",
            )),
            (_, Some(token), _) => {
                let token = token.strip_prefix('?').unwrap_or(&token);
                Ok(Keys::Given(Credential::with_sas_token(token)))
            }
            (None, None, _) => match (self.tenant_id, self.client_id, self.client_secret) {
                (Some(tenant), Some(id), Some(secret)) => {
                    let principal = ClientSecretCredentialProvider::new()
                        .with_tenant_id(tenant)
                        .with_client_id(id)
                        .with_client_secret(secret);
                    Ok(Keys::found(principal))
                }
                (_, None, None) => Ok(Keys::found(surroundings())),
                _ => Err(Error::invalid(
                    "a storage of Azure has `tenant_id`, `client_id` and `client_secret`, or none of them",
                )),
            },
        }
    }
}

/// Azure's own tool is a program, which nobody starts here; certificates of services are nothing that Python's settings have.
fn surroundings() -> DefaultCredentialProvider {
    let found = DefaultCredentialProvider::builder();
    found.no_azure_cli().no_client_certificate().build()
}

fn timeout(settings: &mut Settings<'_>) -> Result<Option<Duration>, Error> {
    let connect = settings.seconds("connection_timeout")?;
    let read = settings.seconds("read_timeout")?;
    let whole = settings.seconds("timeout")?;
    Ok(whole.or_else(|| read.map(|read| read.saturating_add(connect.unwrap_or_default()))))
}
