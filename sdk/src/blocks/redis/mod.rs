//! Prefect's block of a Redis server as a storage.

mod address;
mod connections;
mod failure;
mod secure;
#[cfg(all(test, feature = "async", feature = "blocking"))]
mod tests;

use std::fmt;

use diptych_macros::dual;
#[cfg(feature = "async")]
use prefect_client::transport::BoxFuture;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::address::Address;
#[dual(table)]
use self::connections::aask;
use self::connections::{Connections, Get, Set};
use super::{Block, SecretString, table};
use crate::Error;
#[cfg(feature = "async")]
use crate::filesystems::AsyncStorage;
#[cfg(feature = "blocking")]
use crate::filesystems::Storage;

const PORT: u16 = 6379;

/// Values of a Redis server, each kept under its path as the key, as it is given.
///
/// It is Python's block of this name: `redisstoragecontainer`. What one language keeps the other reads.
///
/// A connection is kept for as long as the block or a clone of it lives, and used by one call after the other, in the async
/// face by several at once. One that the server closed meanwhile is made anew. Connecting takes ten seconds at most; without
/// an answer for a minute, a call ends ([`Error::is_timeout`]). The connection string may say otherwise.
///
/// Results that are kept here are found by others only through a saved block.
///
/// # Connection strings
///
/// `redis://`, `rediss://` with TLS, and `unix://` for a socket, as Python's `redis` has them:
/// `rediss://user:password@host:6380/2?socket_timeout=5`. Of its options, `db`, `username`, `password`, `socket_timeout` and
/// `socket_connect_timeout` in seconds, `ssl_ca_certs`, `ssl_certfile`, `ssl_keyfile`, which are read for each new connection, and `protocol` are kept to; those that
/// say how Python keeps and repeats are passed over; another is an error that names it. Certificates are always verified.
///
/// ```no_run
/// use prefect_sdk::blocks::redis::RedisStorageContainer;
///
/// # fn run() -> Result<(), prefect_sdk::Error> {
/// let storage = RedisStorageContainer::from_host("localhost").db(2);
/// # #[cfg(feature = "blocking")]
/// storage.write_path("reports/today", "{}")?;
/// # Ok(()) }
/// # #[cfg(feature = "async")]
/// # async fn arun() -> Result<(), prefect_sdk::Error> {
/// let storage = RedisStorageContainer::from_connection_string("rediss://:s3cret@cache.example.com");
/// let report: Vec<u8> = storage.aread_path("reports/today").await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "RedisStorageContainer",
    slug = "redisstoragecontainer",
    description = "Block used to interact with Redis as a filesystem",
    logo_url = "https://raw.githubusercontent.com/PrefectHQ/prefect/420d0d6a78bb6df1fc18bcf188fdad43c1d22ea9/assets/block-logos/redis.png",
    capabilities("read-path", "write-path"),
    version = prefect_client::PREFECT_VERSION
)]
#[non_exhaustive]
pub struct RedisStorageContainer {
    #[serde(default)]
    #[schemars(description = "Redis hostname")]
    host: Option<String>,
    #[serde(default = "default_port")]
    #[schemars(with = "i64", description = "Redis port")]
    port: u16,
    #[serde(default)]
    #[schemars(description = "Redis DB index")]
    db: i64,
    #[serde(default)]
    #[schemars(description = "Redis username")]
    username: Option<SecretString>,
    #[serde(default)]
    #[schemars(description = "Redis password")]
    password: Option<SecretString>,
    #[serde(default)]
    #[schemars(description = "Redis connection string")]
    connection_string: Option<SecretString>,
    #[serde(skip)]
    connections: Connections,
}

fn default_port() -> u16 {
    PORT
}

impl RedisStorageContainer {
    /// The server of that name, at Redis's port, with the database 0.
    #[must_use]
    pub fn from_host(host: impl Into<String>) -> Self {
        Self {
            host: Some(host.into()),
            ..Self::nowhere()
        }
    }

    /// The server of a connection string, such as `redis://user:password@host:6379/2`.
    #[must_use]
    pub fn from_connection_string(connection_string: impl Into<SecretString>) -> Self {
        Self {
            connection_string: Some(connection_string.into()),
            ..Self::nowhere()
        }
    }

    fn nowhere() -> Self {
        Self {
            host: None,
            port: PORT,
            db: 0,
            username: None,
            password: None,
            connection_string: None,
            connections: Connections::default(),
        }
    }

    /// Sets the port.
    #[must_use]
    pub fn port(self, port: u16) -> Self {
        Self { port, ..self }.anew()
    }

    /// Sets the index of the database.
    #[must_use]
    pub fn db(self, db: i64) -> Self {
        Self { db, ..self }.anew()
    }

    /// Sets who asks. A password is needed, too.
    #[must_use]
    pub fn username(self, username: impl Into<SecretString>) -> Self {
        let username = Some(username.into());
        Self { username, ..self }.anew()
    }

    /// Sets the password.
    #[must_use]
    pub fn password(self, password: impl Into<SecretString>) -> Self {
        let password = Some(password.into());
        Self { password, ..self }.anew()
    }

    /// Connections are those of an address.
    fn anew(self) -> Self {
        let connections = Connections::default();
        Self {
            connections,
            ..self
        }
    }
}

/// Without secrets.
impl fmt::Debug for RedisStorageContainer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStorageContainer")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("db", &self.db)
            .field("username", &self.username)
            .field("password", &self.password)
            .field("connection_string", &self.connection_string)
            .finish_non_exhaustive()
    }
}

impl PartialEq for RedisStorageContainer {
    fn eq(&self, other: &Self) -> bool {
        let fields = |one: &Self| {
            let secrets = [&one.username, &one.password, &one.connection_string];
            let secrets = secrets.map(Option::<SecretString>::clone);
            (one.host.clone(), one.port, one.db, secrets)
        };
        fields(self) == fields(other)
    }
}

#[dual(table)]
impl RedisStorageContainer {
    /// The value of a key.
    ///
    /// # Errors
    ///
    /// There is no such key ([`Error::is_not_found`], where Python's block gives `None`); the host or an option can't be used
    /// ([`Error::is_invalid`]); the credentials are refused ([`Error::is_refused`]); nobody answered ([`Error::is_connect`],
    /// [`Error::is_timeout`]); or it could not be read, as where the key holds a list ([`Error::is_storage`]).
    pub async fn aread_path(&self, path: &str) -> Result<Vec<u8>, Error> {
        let address = Address::of(self)?;
        let get = Get { path };
        let value: Option<Vec<u8>> = aask(&self.connections, &address, &get).await?;
        let missing = || Error::not_found(format!("reading `{path}` of {address}: no such key"));
        value.ok_or_else(missing)
    }

    /// Sets a key to a value, in place of one that is there, for good. Gives the key.
    ///
    /// # Errors
    ///
    /// As those of [`aread_path`](Self::aread_path). After a [`Error::is_timeout`] the value may be there.
    pub async fn awrite_path(
        &self,
        path: &str,
        content: impl Into<Vec<u8>>,
    ) -> Result<String, Error> {
        let address = Address::of(self)?;
        let content = content.into();
        let set = Set {
            path,
            content: &content,
        };
        let () = aask(&self.connections, &address, &set).await?;
        Ok(path.to_owned())
    }
}

#[cfg(feature = "blocking")]
impl Storage for RedisStorageContainer {
    fn read_path(&self, path: &str) -> Result<Vec<u8>, Error> {
        self.read_path(path)
    }

    fn write_path(&self, path: &str, content: &[u8]) -> Result<String, Error> {
        self.write_path(path, content)
    }
}

#[cfg(feature = "async")]
impl AsyncStorage for RedisStorageContainer {
    fn read_path<'a>(&'a self, path: &'a str) -> BoxFuture<'a, Result<Vec<u8>, Error>> {
        Box::pin(self.aread_path(path))
    }

    fn write_path<'a>(
        &'a self,
        path: &'a str,
        content: &'a [u8],
    ) -> BoxFuture<'a, Result<String, Error>> {
        Box::pin(self.awrite_path(path, content))
    }
}
