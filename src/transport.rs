//! Replacing how requests are sent: see [`Config::transport`](crate::Config::transport) and
//! [`Config::async_transport`](crate::Config::async_transport).
//!
//! A transport sends one request and reads its answer. Retries, redirects, headers, the version and the CSRF token are
//! the client's, whatever the transport is.
//!
//! # A client of reqwest's own
//!
//! For name resolution, or proxies and headers of its own, [`ReqwestTransport`] takes a client of reqwest:
//!
#![cfg_attr(feature = "async", doc = "```")]
#![cfg_attr(not(feature = "async"), doc = "```ignore")]
//! use prefect_client::AsyncPrefectClient;
//! use prefect_client::transport::{ReqwestTransport, reqwest};
//!
//! let config = prefect_client::config("http://127.0.0.1:4200/api")?;
//! let http = ReqwestTransport::client_builder(&config)?
//!     .proxy(reqwest::Proxy::all("http://proxy.internal:3128")?)
//!     .build()?;
//! let transport = ReqwestTransport::with_client(http, &config);
//! let client = AsyncPrefectClient::from_config(config.async_transport(transport))?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! `reqwest` here is the version that this crate is built with. It is part of this crate's interface: a version of
//! reqwest that is incompatible comes with a version of this crate that is. A dependency on it of your own is needed
//! only to turn on features of reqwest, and then of the same version.
//!
//! # Around the one that is there
//!
//! A transport can do something of its own and leave the sending to another one:
//!
#![cfg_attr(feature = "blocking", doc = "```")]
#![cfg_attr(not(feature = "blocking"), doc = "```ignore")]
//! use std::sync::{Arc, Mutex};
//! use std::time::Instant;
//!
//! use prefect_client::transport::{Bytes, HttpTransport, Transport, TransportError, http};
//! use prefect_client::{Answer, Operation, PrefectClient, PrefectSession};
//!
//! /// Keeps the names of the operations that were sent.
//! struct Listed {
//!     below: HttpTransport,
//!     names: Arc<Mutex<Vec<&'static str>>>,
//! }
//!
//! impl Transport for Listed {
//!     fn send(
//!         &self,
//!         request: http::Request<Bytes>,
//!         deadline: Option<Instant>,
//!     ) -> Result<Answer, TransportError> {
//!         if let Some(operation) = request.extensions().get::<&'static Operation>() {
//!             self.names.lock().unwrap().push(operation.name());
//!         }
//!         self.below.send(request, deadline)
//!     }
//! }
//!
//! let url = "http://127.0.0.1:9/api";
//! let config = prefect_client::config(url)?.session(PrefectSession::new(url).without_version_check());
//! let names = Arc::default();
//! let listed = Listed { below: HttpTransport::new(&config)?, names: Arc::clone(&names) };
//! let client = PrefectClient::from_config(config.transport(listed))?;
//!
//! // Nobody listens there.
//! assert!(client.health_check().unwrap_err().is_connect());
//! assert_eq!(*names.lock().unwrap(), ["health_check"]);
//! # Ok::<(), prefect_client::Error>(())
//! ```

#[cfg(feature = "async")]
pub use diptych_runtime::asynchronous::{
    BoxFuture, ReqwestTransport, Transport as AsyncTransport, reqwest,
};
#[cfg(feature = "blocking")]
pub use diptych_runtime::blocking::{HttpTransport, Transport};
pub use diptych_runtime::{Bytes, TransportError, TransportErrorKind, http};
