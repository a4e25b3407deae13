//! The connections that a block keeps, and what is asked by them: a pair for each face.

use std::sync::{Arc, Mutex, PoisonError};

use redis::{Cmd, FromRedisValue, RedisError};

use super::address::Address;
use super::failure::{failed, is_broken};
use crate::Error;

/// As many are kept as are not in use.
#[cfg(feature = "blocking")]
const IDLE: usize = 8;

/// Those of a block and its clones.
#[derive(Clone, Default)]
pub(super) struct Connections {
    #[cfg(feature = "blocking")]
    idle: Arc<Mutex<Idle>>,
    #[cfg(feature = "async")]
    shared: Arc<Mutex<Option<Shared>>>,
}

/// Connections that nobody uses now, and the process that made them: a child that was forked has them too, and would mix
/// its answers with those of its parent.
#[cfg(feature = "blocking")]
#[derive(Default)]
struct Idle {
    process: u32,
    connections: Vec<redis::Connection>,
}

/// The connection that all calls of a runtime share. It is driven by that runtime.
#[cfg(feature = "async")]
struct Shared {
    runtime: tokio::runtime::Id,
    process: u32,
    connection: redis::aio::MultiplexedConnection,
}

/// What a server is asked. Each may be asked twice.
pub(super) trait Question {
    fn command(&self) -> Cmd;
    /// What is tried.
    fn told(&self, address: &Address) -> String;
}

pub(super) struct Get<'a> {
    pub(super) path: &'a str,
}

pub(super) struct Set<'a> {
    pub(super) path: &'a str,
    pub(super) content: &'a [u8],
}

impl Question for Get<'_> {
    fn command(&self) -> Cmd {
        redis::cmd("GET").arg(self.path).take()
    }

    fn told(&self, address: &Address) -> String {
        format!("reading `{}` of {address}", self.path)
    }
}

impl Question for Set<'_> {
    fn command(&self) -> Cmd {
        redis::cmd("SET").arg(self.path).arg(self.content).take()
    }

    fn told(&self, address: &Address) -> String {
        format!("writing `{}` of {address}", self.path)
    }
}

/// Asks by a connection that is kept, or else by a new one.
#[cfg(feature = "blocking")]
pub(super) fn ask<T: FromRedisValue>(
    connections: &Connections,
    address: &Address,
    question: &impl Question,
) -> Result<T, Error> {
    let command = question.command();
    let told = |error: &RedisError| failed(&question.told(address), address, error);
    if let Some(mut kept) = connections.take() {
        match command.query(&mut kept) {
            // The server has closed it meanwhile, and the others with it, perhaps.
            Err(error) if error.is_connection_dropped() => connections.forget(),
            answer => {
                return connections
                    .answered(kept, answer)
                    .map_err(|error| told(&error));
            }
        }
    }
    let connect = || {
        let made = address
            .client()?
            .get_connection_with_timeout(address.connect_timeout);
        let made = made.map_err(|error| told(&error))?;
        for set in [
            redis::Connection::set_read_timeout,
            redis::Connection::set_write_timeout,
        ] {
            set(&made, Some(address.answer_timeout)).map_err(|error| told(&error))?;
        }
        Ok::<_, Error>(made)
    };
    let mut made = connect()?;
    let answer = command.query(&mut made);
    connections
        .answered(made, answer)
        .map_err(|error| told(&error))
}

#[cfg(feature = "blocking")]
impl Connections {
    fn idle(&self) -> std::sync::MutexGuard<'_, Idle> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let process = std::process::id();
        if idle.process != process {
            *idle = Idle {
                process,
                connections: Vec::new(),
            };
        }
        idle
    }

    fn take(&self) -> Option<redis::Connection> {
        self.idle().connections.pop()
    }

    fn forget(&self) {
        self.idle().connections.clear();
    }

    fn answered<T>(
        &self,
        connection: redis::Connection,
        answer: Result<T, RedisError>,
    ) -> Result<T, RedisError> {
        let mut idle = self.idle();
        if answer.as_ref().is_err_and(is_broken) {
            // The others were idle for longer, and what cut this one off has cut them off, too.
            idle.connections.clear();
        } else if idle.connections.len() < IDLE {
            idle.connections.push(connection);
        }
        answer
    }
}

/// Asks by the connection that all calls share, or else by a new one that they share from now on.
#[cfg(feature = "async")]
pub(super) async fn aask<T: FromRedisValue>(
    connections: &Connections,
    address: &Address,
    question: &impl Question,
) -> Result<T, Error> {
    let runtime = tokio::runtime::Handle::try_current().map_err(|error| {
        let text = "Redis is asked within a tokio runtime in the async face";
        Error::invalid(text).because(error)
    })?;
    let command = question.command();
    let told = |error: &RedisError| failed(&question.told(address), address, error);
    if let Some(mut kept) = connections.shared(runtime.id()) {
        match command.query_async(&mut kept).await {
            // The server has closed it meanwhile.
            Err(error) if error.is_connection_dropped() => connections.unshare(),
            answer => return connections.aanswered(answer).map_err(|error| told(&error)),
        }
    }
    let config = redis::AsyncConnectionConfig::new()
        .set_connection_timeout(Some(address.connect_timeout))
        .set_response_timeout(Some(address.answer_timeout));
    let made = address.client()?;
    let made = made
        .get_multiplexed_async_connection_with_config(&config)
        .await;
    let mut made = made.map_err(|error| told(&error))?;
    connections.share(runtime.id(), made.clone());
    let answer = command.query_async(&mut made).await;
    connections.aanswered(answer).map_err(|error| told(&error))
}

#[cfg(feature = "async")]
impl Connections {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Shared>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn shared(&self, runtime: tokio::runtime::Id) -> Option<redis::aio::MultiplexedConnection> {
        let shared = self.lock();
        let shared = shared.as_ref()?;
        let is_ours = shared.runtime == runtime && shared.process == std::process::id();
        is_ours.then(|| shared.connection.clone())
    }

    fn share(&self, runtime: tokio::runtime::Id, connection: redis::aio::MultiplexedConnection) {
        let process = std::process::id();
        *self.lock() = Some(Shared {
            runtime,
            process,
            connection,
        });
    }

    fn unshare(&self) {
        *self.lock() = None;
    }

    fn aanswered<T>(&self, answer: Result<T, RedisError>) -> Result<T, RedisError> {
        if answer.as_ref().is_err_and(is_broken) {
            self.unshare();
        }
        answer
    }
}
