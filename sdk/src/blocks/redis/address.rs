//! Where a server is and who asks, from the fields of the block.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use redis::{
    Client, ConnectionAddr, IntoConnectionInfo as _, ProtocolVersion, RedisConnectionInfo,
};
use url::Url;

use super::failure::{failed, unusable};
use super::secure::{self, Certificates};
use super::{PORT, RedisStorageContainer};
use crate::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);
/// Nobody waits longer, and whoever adds it to a time stays within what times there are.
const LONGEST: Duration = Duration::from_hours(24 * 365);

/// Of Python's options, those that say how it keeps connections and repeats.
const PASSED_OVER: [&str; 6] = [
    "client_name",
    "health_check_interval",
    "max_connections",
    "retry_on_timeout",
    "socket_keepalive",
    "socket_read_size",
];

/// Where a server is, and who asks. It is shown without who asks.
#[derive(Clone)]
pub(super) struct Address {
    place: Place,
    who: RedisConnectionInfo,
    certificates: Certificates,
    pub(super) connect_timeout: Duration,
    pub(super) answer_timeout: Duration,
    /// What is never shown.
    pub(super) secrets: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
enum Place {
    Tcp { host: String, port: u16 },
    Tls { host: String, port: u16 },
    Socket { path: String },
}

impl Address {
    pub(super) fn of(block: &RedisStorageContainer) -> Result<Self, Error> {
        let text = |field: &Option<super::SecretString>| {
            let text = field.as_ref().map(|secret| secret.expose().to_owned());
            text.filter(|text| !text.is_empty())
        };
        if let Some(connection_string) = text(&block.connection_string) {
            return Self::parse(&connection_string);
        }
        let host = block.host.clone().filter(|host| !host.is_empty());
        let host = host.ok_or_else(|| Error::invalid("a Redis block needs a `host`"))?;
        let (username, password) = (text(&block.username), text(&block.password));
        if username.is_some() && password.is_none() {
            let text = "a Redis block with a `username` needs its `password`";
            return Err(Error::invalid(text));
        }
        let port = block.port;
        let mut address = Self::at(Place::Tcp { host, port });
        address.set_db(block.db)?;
        address.set_who(username, password);
        Ok(address)
    }

    fn at(place: Place) -> Self {
        Self {
            place,
            // A server of before, or one that allows little, does not know of libraries' names.
            who: RedisConnectionInfo::default().set_skip_set_lib_name(),
            certificates: Certificates::default(),
            connect_timeout: CONNECT_TIMEOUT,
            answer_timeout: ANSWER_TIMEOUT,
            secrets: Vec::new(),
        }
    }

    /// Reads a connection string. No error shows it.
    fn parse(connection_string: &str) -> Result<Self, Error> {
        let url = Url::parse(&with_host(connection_string)).map_err(|error| {
            unusable(&format!(
                "it is no URL such as `redis://host:6379`: {error}"
            ))
        })?;
        let mut address = Self::at(Place::parse(&url)?);
        let options: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let option = |name: &str| {
            let mut named = options.iter().filter(|(one, _)| one == name);
            named.next().map(|(_, value)| value.clone())
        };
        let part = |text: &str| Some(decoded(text)).filter(|text| !text.is_empty());
        let username = part(url.username()).or_else(|| option("username"));
        let password = url.password().and_then(part).or_else(|| option("password"));
        address.set_who(username, password);
        let path = match address.place {
            Place::Socket { .. } => None,
            _ => part(url.path().trim_matches('/')),
        };
        if let Some(db) = option("db").or(path) {
            let db = db
                .parse()
                .map_err(|_| unusable("its database is no number"))?;
            address.set_db(db)?;
        }
        address.keep_to(&options)?;
        Ok(address)
    }

    fn set_who(&mut self, username: Option<String>, password: Option<String>) {
        for secret in [&username, &password].into_iter().flatten() {
            self.secrets.push(secret.clone());
        }
        let mut who = self.who.clone();
        if let Some(username) = username {
            who = who.set_username(username);
        }
        if let Some(password) = password {
            who = who.set_password(password);
        }
        self.who = who;
    }

    fn set_db(&mut self, db: i64) -> Result<(), Error> {
        if db < 0 {
            return Err(Error::invalid(format!("Redis has no database {db}")));
        }
        self.who = self.who.clone().set_db(db);
        Ok(())
    }

    fn keep_to(&mut self, options: &[(String, String)]) -> Result<(), Error> {
        let (mut certificate, mut key) = (None, None);
        for (name, value) in options {
            match name.as_str() {
                "db" | "username" | "password" => {}
                "socket_timeout" => self.answer_timeout = seconds(name, value)?,
                "socket_connect_timeout" => self.connect_timeout = seconds(name, value)?,
                "protocol" => self.set_protocol(value)?,
                "ssl_ca_certs" => self.certificates.ca = Some(value.into()),
                "ssl_certfile" => certificate = Some(value.into()),
                "ssl_keyfile" => key = Some(value.into()),
                "ssl_cert_reqs" if value == "required" => {}
                "ssl_check_hostname" if value.eq_ignore_ascii_case("true") => {}
                "ssl_cert_reqs" | "ssl_check_hostname" => {
                    return Err(unusable(&format!(
                        "`{name}` would leave the server's certificate unverified"
                    )));
                }
                _ if PASSED_OVER.contains(&name.as_str()) => {}
                _ => return Err(unusable(&format!("its option `{name}` is not known here"))),
            }
        }
        self.certificates.own = match (certificate, key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some((certificate, key)),
            _ => {
                let text = "`ssl_certfile` and `ssl_keyfile` belong together";
                return Err(unusable(text));
            }
        };
        Ok(())
    }

    fn set_protocol(&mut self, value: &str) -> Result<(), Error> {
        let protocol = match value {
            "2" => ProtocolVersion::RESP2,
            "3" => ProtocolVersion::RESP3,
            _ => return Err(unusable("its `protocol` is neither 2 nor 3")),
        };
        self.who = self.who.clone().set_protocol(protocol);
        Ok(())
    }

    /// What connects. Files of certificates are read for it, so that each connection has them as they are then.
    pub(super) fn client(&self) -> Result<Client, Error> {
        let place = match &self.place {
            Place::Tcp { host, port } => ConnectionAddr::Tcp(host.clone(), *port),
            Place::Tls { host, port } => ConnectionAddr::TcpTls {
                host: host.clone(),
                port: *port,
                insecure: false,
                tls_params: None,
            },
            Place::Socket { path } => ConnectionAddr::Unix(path.into()),
        };
        let connection = place
            .into_connection_info()
            .map(|info| info.set_redis_settings(self.who.clone()));
        let client = match &self.place {
            Place::Tls { .. } => {
                secure::provide()?;
                let certificates = self.certificates.read()?;
                connection.and_then(|info| secure::open(info, certificates))
            }
            _ => connection.and_then(Client::open),
        };
        client.map_err(|error| failed(&format!("connecting to {self}"), &self.secrets, &error))
    }
}

impl Place {
    fn parse(url: &Url) -> Result<Self, Error> {
        let host = || {
            let host = url.host_str().map(decoded);
            let host = host.filter(|host| !host.is_empty());
            host.ok_or_else(|| unusable("it names no host"))
        };
        // The library wants addresses of IPv6 without brackets.
        let bare = |host: String| host.trim_matches(['[', ']']).to_owned();
        let port = url.port().unwrap_or(PORT);
        match url.scheme() {
            "redis" => host().map(bare).map(|host| Self::Tcp { host, port }),
            "rediss" => host().map(bare).map(|host| Self::Tls { host, port }),
            "unix" => match decoded(url.path()) {
                path if path.is_empty() => Err(unusable("it names no socket")),
                path => Ok(Self::Socket { path }),
            },
            scheme => Err(unusable(&format!(
                "its scheme is `{scheme}`, and those of Redis are `redis`, `rediss` and `unix`"
            ))),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let db = self.who.db();
        match &self.place {
            Place::Tcp { host, port } => write!(f, "redis://{host}:{port}/{db}"),
            Place::Tls { host, port } => write!(f, "rediss://{host}:{port}/{db}"),
            Place::Socket { path } => write!(f, "unix://{path}?db={db}"),
        }
    }
}

/// A socket has no host, and Python takes who asks without one: `unix://user:password@/run/redis.sock`.
fn with_host(connection_string: &str) -> Cow<'_, str> {
    let behind = connection_string.strip_prefix("unix://");
    match behind.and_then(|behind| behind.split_once("@/")) {
        Some((who, path)) if !who.contains('/') => format!("unix://{who}@localhost/{path}").into(),
        _ => connection_string.into(),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn seconds(name: &str, value: &str) -> Result<Duration, Error> {
    let seconds = value.parse().ok().filter(|seconds| *seconds > 0.0);
    let seconds: f64 =
        seconds.ok_or_else(|| unusable(&format!("its option `{name}` is no number of seconds")))?;
    let shortest = Duration::from_millis(1);
    let duration = Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST);
    Ok(duration.clamp(shortest, LONGEST))
}
