//! Hears what the server has, over as many connections as it takes.

use std::time::{Duration, Instant};

use chrono::Utc;
use diptych_macros::dual;
#[dual(sdk)]
use prefect_client::AsyncPrefectClient;
use prefect_client::transport::http::StatusCode;

use super::seen::Seen;
use super::{ANSWER_TIMEOUT, Broken, Endpoint, Feed, Incoming, SubscribeOptions};
#[dual(sdk)]
use super::{AsyncConnecting, AsyncSocket, aconnect};
use crate::Error;
use crate::deadline::Deadline;
#[dual(sdk)]
use crate::faces::asleep;
use crate::faces::sdk;

/// Hears what the server has.
#[dual(sdk)]
pub(super) struct AsyncListener<F> {
    client: AsyncPrefectClient,
    endpoint: Endpoint,
    feed: F,
    options: SubscribeOptions,
    line: AsyncLine,
    seen: Seen,
    /// How many connections in a row did not come about, or were lost at once.
    failures: u32,
    filter: Filter,
    has_ended: bool,
}

/// What there is of a connection.
#[dual(sdk)]
enum AsyncLine {
    /// Nothing before then.
    Down(Instant),
    Connecting(AsyncConnecting),
    Up(Box<AsyncUp>),
}

/// A connection that is there.
#[dual(sdk)]
pub(crate) struct AsyncUp {
    socket: AsyncSocket,
    opened: Instant,
    /// When the other side was heard last, or asked for a sign of life.
    heard: Instant,
    /// Whether it was asked for one since.
    pinged: bool,
    /// Whether anything came on it.
    is_of_use: bool,
}

/// What is known of the filter.
#[derive(Clone, Copy, PartialEq)]
enum Filter {
    Unknown,
    /// A connection was lost as soon as it was told.
    Doubtful,
    /// The server can read it.
    Fit,
}

/// A connection that is lost sooner, with nothing heard, was of no use.
const SHORT: Duration = Duration::from_secs(1);

#[dual(sdk)]
impl<F: Feed> AsyncListener<F> {
    pub(super) fn new(
        client: &AsyncPrefectClient,
        feed: F,
        options: &SubscribeOptions,
    ) -> Result<Self, Error> {
        Ok(Self {
            endpoint: Endpoint::new(client.config(), F::PATH)?,
            client: client.clone(),
            feed,
            options: options.clone(),
            line: AsyncLine::Down(Instant::now()),
            seen: Seen::default(),
            failures: 0,
            filter: Filter::Unknown,
            has_ended: false,
        })
    }

    /// Until the first connection is there, or there will be none.
    pub(super) async fn connect(&mut self) -> Result<(), Error> {
        while !self.has_ended && !matches!(self.line, AsyncLine::Up(_)) {
            self.step(Deadline::after(None, Instant::now())).await?;
        }
        Ok(())
    }

    /// Waits for the next item. `None` once the server is done, or an error was given.
    pub(super) async fn wait(&mut self, deadline: Deadline) -> Result<Option<F::Item>, Error> {
        while !self.has_ended {
            if let Some(item) = self.step(deadline).await? {
                return Ok(Some(item));
            }
            if deadline.is_over(Instant::now()) && !self.has_ended {
                return Err(self.nothing_came());
            }
        }
        Ok(None)
    }

    pub(super) fn nothing_came(&self) -> Error {
        let address = self.endpoint.address();
        Error::timeout(match &self.line {
            AsyncLine::Up(_) => format!("nothing came on {address}"),
            _ => format!("nothing came on {address}, which is not connected at present"),
        })
    }

    /// Does what is to be done next, no longer than until the deadline.
    async fn step(&mut self, deadline: Deadline) -> Result<Option<F::Item>, Error> {
        match &mut self.line {
            AsyncLine::Down(at) => {
                let pause = at.saturating_duration_since(Instant::now());
                asleep(pause.min(deadline.left(Instant::now()))).await;
                if *at <= Instant::now() {
                    self.line = AsyncLine::Connecting(self.begin());
                }
                Ok(None)
            }
            AsyncLine::Connecting(connecting) => {
                match connecting.ready_within(deadline.left(Instant::now())).await {
                    Some(Ok(socket)) => self.line = AsyncLine::Up(Box::new(AsyncUp::new(socket))),
                    Some(Err(broken)) => self.lose(broken)?,
                    None => {}
                }
                Ok(None)
            }
            AsyncLine::Up(up) => match up.hear(deadline).await {
                Ok(Some(text)) => Ok(self.take(&text)),
                Ok(None) => Ok(None),
                Err(broken) => self.lose(broken).map(|()| None),
            },
        }
    }

    /// Begins to connect and to say what is wanted.
    #[allow(
        clippy::let_and_return,
        reason = "a statement can be of one face, an expression can't"
    )]
    fn begin(&mut self) -> AsyncConnecting {
        let told = self.feed.filter(Utc::now()).to_string();
        let endpoint = self.endpoint.clone();
        let is_doubtful = self.filter == Filter::Doubtful;
        let doubt = is_doubtful.then(|| (self.client.clone(), self.feed.clone()));
        #[dual(async)]
        let connecting = AsyncConnecting::begin(async move { aopen(&endpoint, told, doubt).await });
        #[dual(blocking)]
        let connecting = Connecting::begin(move || open(&endpoint, told, doubt));
        connecting
    }

    /// An item, unless it was there before or can't be read.
    fn take(&mut self, text: &str) -> Option<F::Item> {
        self.failures = 0;
        self.filter = Filter::Fit;
        match self.feed.read(text) {
            Ok(item) => self
                .seen
                .insert(F::id(&item), Instant::now())
                .then_some(item),
            Err(error) => {
                let address = self.endpoint.address();
                tracing::warn!("{address} sent what can't be read: {error}");
                None
            }
        }
    }

    /// Decides what follows a connection that is gone: `Ok` where it is tried again, or everything is done.
    fn lose(&mut self, broken: Broken) -> Result<(), Error> {
        if let AsyncLine::Up(up) = &self.line {
            if up.is_of_use || up.opened.elapsed() >= SHORT {
                self.failures = 0;
            } else {
                self.failures += 1;
                if self.filter == Filter::Unknown {
                    self.filter = Filter::Doubtful;
                }
            }
        } else {
            self.failures += 1;
        }
        self.line = AsyncLine::Down(Instant::now() + pause(self.failures));
        match broken {
            Broken::Clean if !self.options.reconnect_on_clean_close => {
                self.has_ended = true;
                Ok(())
            }
            Broken::Clean | Broken::Lost(_)
                if self.failures <= self.options.reconnection_attempts =>
            {
                tracing::debug!(?broken, "subscribing again");
                Ok(())
            }
            broken => {
                self.has_ended = true;
                Err(broken.into_error(&self.endpoint.address()))
            }
        }
    }
}

#[dual(sdk)]
impl AsyncUp {
    pub(crate) fn new(socket: AsyncSocket) -> Self {
        let now = Instant::now();
        Self {
            socket,
            opened: now,
            heard: now,
            pinged: false,
            is_of_use: false,
        }
    }

    #[cfg(feature = "flows")]
    pub(crate) async fn say(&mut self, text: String) -> Result<(), Broken> {
        self.socket.send(text.into()).await
    }

    /// Waits for a message. The other side is asked for a sign of life when it was silent for long.
    pub(crate) async fn hear(&mut self, deadline: Deadline) -> Result<Option<String>, Broken> {
        let quiet = ANSWER_TIMEOUT.saturating_sub(self.heard.elapsed());
        let incoming = self
            .socket
            .receive(quiet.min(deadline.left(Instant::now())))
            .await?;
        if let Incoming::Nothing = incoming {
            if self.heard.elapsed() < ANSWER_TIMEOUT {
                return Ok(None);
            }
            if self.pinged {
                return Err(Broken::lost("a ping was not answered"));
            }
            self.socket.ping().await?;
            self.pinged = true;
            self.heard = Instant::now();
            return Ok(None);
        }
        self.pinged = false;
        self.heard = Instant::now();
        match incoming {
            Incoming::Text(text) => {
                self.is_of_use = true;
                Ok(Some(text.to_string()))
            }
            Incoming::Pong | Incoming::Nothing => Ok(None),
        }
    }
}

/// Connects and says what is wanted; where there is doubt whether the server can read that, it is asked before.
#[dual(sdk)]
async fn aopen<F: Feed>(
    endpoint: &Endpoint,
    told: String,
    doubt: Option<(AsyncPrefectClient, F)>,
) -> Result<AsyncSocket, Broken> {
    if let Some((client, feed)) = doubt
        && let Err(error) = feed.acheck(&client).await
        && error.status() == Some(StatusCode::UNPROCESSABLE_ENTITY)
    {
        return Err(Broken::Misunderstood(error.to_string()));
    }
    let mut socket = aconnect(endpoint).await?;
    socket.send(told.into()).await?;
    Ok(socket)
}

/// The first attempts follow soon, as after a connection that a load balancer closed.
fn pause(failures: u32) -> Duration {
    match failures {
        0..=2 => Duration::from_millis(50) * failures,
        _ => Duration::from_secs(1),
    }
}
