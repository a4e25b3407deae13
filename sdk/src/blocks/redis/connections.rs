//! The connections that a block keeps, and what is asked by them.

use std::sync::{Arc, Mutex, PoisonError};

use diptych_macros::dual;
#[cfg(feature = "async")]
use redis::aio::MultiplexedConnection;
use redis::{Cmd, FromRedisValue, RedisError};
#[cfg(feature = "async")]
use tokio::runtime::{Handle, Id};

use super::address::Address;
use super::failure::{failed, is_broken};
use super::table;
use crate::Error;
#[cfg(feature = "async")]
use crate::filesystems::offload::aoffload;

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
    runtime: Id,
    process: u32,
    connection: MultiplexedConnection,
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
#[dual(table)]
pub(super) async fn aask<T: FromRedisValue>(
    connections: &Connections,
    address: &Address,
    question: &impl Question,
) -> Result<T, Error> {
    let command = question.command();
    let told = |error: &RedisError| failed(&question.told(address), &address.secrets, error);
    if let Some(mut kept) = connections.akept() {
        match aquery(&command, &mut kept).await {
            // The server has closed it meanwhile, and the others with it, perhaps.
            Err(error) if error.is_connection_dropped() => connections.aforget(),
            answer => {
                connections.akeep(kept, &answer);
                return answer.map_err(|error| told(&error));
            }
        }
    }
    let mut made = connections.aconnected(address, told).await?;
    let answer = aquery(&command, &mut made).await;
    connections.akeep(made, &answer);
    answer.map_err(|error| told(&error))
}

#[cfg(feature = "blocking")]
fn query<T: FromRedisValue>(command: &Cmd, by: &mut redis::Connection) -> Result<T, RedisError> {
    command.query(by)
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

    fn kept(&self) -> Option<redis::Connection> {
        self.idle().connections.pop()
    }

    fn forget(&self) {
        self.idle().connections.clear();
    }

    fn keep<T>(&self, connection: redis::Connection, answer: &Result<T, RedisError>) {
        let mut idle = self.idle();
        if answer.as_ref().is_err_and(is_broken) {
            // The others were idle for longer, and what cut this one off has cut them off, too.
            idle.connections.clear();
        } else if idle.connections.len() < IDLE {
            idle.connections.push(connection);
        }
    }

    #[expect(clippy::unused_self, reason = "the async face shares what it makes")]
    fn connected(
        &self,
        address: &Address,
        told: impl Fn(&RedisError) -> Error,
    ) -> Result<redis::Connection, Error> {
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
        Ok(made)
    }
}

#[cfg(feature = "async")]
async fn aquery<T: FromRedisValue>(
    command: &Cmd,
    by: &mut MultiplexedConnection,
) -> Result<T, RedisError> {
    command.query_async(by).await
}

/// The connection is shared by all calls of a runtime, from when it is made on.
#[cfg(feature = "async")]
impl Connections {
    fn shared(&self) -> std::sync::MutexGuard<'_, Option<Shared>> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn akept(&self) -> Option<MultiplexedConnection> {
        let runtime = Handle::try_current().ok()?.id();
        let shared = self.shared();
        let shared = shared.as_ref()?;
        let is_ours = shared.runtime == runtime && shared.process == std::process::id();
        is_ours.then(|| shared.connection.clone())
    }

    fn aforget(&self) {
        *self.shared() = None;
    }

    fn akeep<T>(&self, _: MultiplexedConnection, answer: &Result<T, RedisError>) {
        if answer.as_ref().is_err_and(is_broken) {
            self.aforget();
        }
    }

    async fn aconnected(
        &self,
        address: &Address,
        told: impl Fn(&RedisError) -> Error,
    ) -> Result<MultiplexedConnection, Error> {
        let runtime = Handle::try_current().map_err(|error| {
            let text = "Redis is asked within a tokio runtime in the async face";
            Error::invalid(text).because(error)
        })?;
        let config = redis::AsyncConnectionConfig::new()
            .set_connection_timeout(Some(address.connect_timeout))
            .set_response_timeout(Some(address.answer_timeout));
        let place = address.clone();
        let made = aoffload(move || place.client()).await?;
        let made = made
            .get_multiplexed_async_connection_with_config(&config)
            .await;
        let connection = made.map_err(|error| told(&error))?;
        *self.shared() = Some(Shared {
            runtime: runtime.id(),
            process: std::process::id(),
            connection: connection.clone(),
        });
        Ok(connection)
    }
}
