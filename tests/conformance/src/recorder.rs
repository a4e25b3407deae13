//! A server that keeps what it is sent and answers what it is told.

use std::io;

use test_server::{Answer, Door, Fault, Request, Server};

/// What the server answers.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The media type.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

/// The server.
pub struct Recorder(Server);

impl Recorder {
    /// A server at a free port of this machine.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn start() -> io::Result<Self> {
        Server::start(Door::Open, []).map(Self)
    }

    /// The URL of the API.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// Sets the answer to whatever comes next.
    pub fn reply(&self, reply: &Reply) {
        self.0.plan([reply.fault()]);
    }

    /// Sets the answers to the requests that come next, one each. Who asks for more is told so.
    pub fn reply_in_turn(&self, replies: impl IntoIterator<Item = Reply>) {
        let more = Answer::new(500, "text/plain", "no more replies were set");
        let replies = replies.into_iter().map(|reply| reply.fault());
        self.0.plan(replies.chain([more.into()]));
    }

    /// How many requests came since the last time that they were taken.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.requests().len()
    }

    /// What came since the last time.
    #[allow(clippy::must_use_candidate, reason = "also empties the record")]
    pub fn take(&self) -> Vec<Request> {
        self.0.take()
    }
}

impl Reply {
    fn fault(&self) -> Fault {
        Answer::new(self.status, &self.content_type, self.body.clone()).into()
    }
}
