//! One exchange with the server, without any I/O: both senders do what it says.

pub(crate) mod base_url;
pub(crate) mod clock;
pub(crate) mod credentials;
mod ending;
mod following;
pub(crate) mod headers;
mod hinge;
pub(crate) mod observe;
pub(crate) mod options;
mod redirect;
pub(crate) mod retry;
pub mod session;
mod step;
pub(crate) mod terms;
mod time;
#[cfg(feature = "traceparent")]
mod traceparent;

pub use hinge::Hinge;
pub use step::Step;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use http::{HeaderMap, Uri};

use base_url::BaseUrl;
use following::unfollowed;
use options::CallOptions;
use session::{Before, Question, Session};

use crate::call::{Answer, Error, Request, TransportError};
use crate::model::SPENT;

/// One exchange: what the session must ask first, an attempt, the redirects that it is led through, and the attempts
/// that the retry policy lets follow until the deadline.
pub struct Exchange<'a> {
    hinge: &'a Hinge,
    request: &'a Request,
    options: Option<&'a CallOptions>,
    /// That of another server, where the options name one.
    elsewhere: Option<Arc<dyn Session>>,
    begun: Instant,
    /// When it began, until that was asked for once: asking the clock is a good part of what an exchange takes.
    fresh: Option<Instant>,
    deadline: Option<Instant>,
    attempt_timeout: Option<Duration>,
    state: State,
    /// What is asked before the request itself is sent.
    question: Option<Question>,
    session_headers: HeaderMap,
    /// Where the last redirect led.
    redirected: Option<Uri>,
    hops: u32,
    questions: u32,
    refusals: u32,
    attempts: u32,
    current: Series,
    /// Whether the request itself, and not only a question, may have reached the server.
    was_sent: bool,
    /// Why no attempt followed the last one although the policy knows of reasons for one.
    unfollowed: Option<String>,
}

/// The attempts of one request: a question, or the request itself.
#[derive(Default)]
struct Series {
    attempts: u32,
    counted: u32,
    begun: Option<Instant>,
}

enum State {
    Ready,
    Sent,
    Waiting(Duration),
    Over(Result<Answer, Error>),
    Finished,
}

type Outcome = Result<Answer, TransportError>;

/// How often what was settled is settled anew within one exchange.
const MOST_REFUSALS: u32 = 2;

/// How often a session may ask within one exchange. More would be a session that never settles.
const MOST_QUESTIONS: u32 = 8;

impl<'a> Exchange<'a> {
    /// Begins an exchange; its time runs from here.
    #[must_use]
    pub fn new(request: &'a Request, hinge: &'a Hinge) -> Self {
        Self::begin(request, hinge, None)
    }

    /// Begins an exchange that does what the options say; its time runs from here.
    #[must_use]
    pub fn with_options(request: &'a Request, hinge: &'a Hinge, options: &'a CallOptions) -> Self {
        Self::begin(request, hinge, Some(options))
    }

    fn begin(request: &'a Request, hinge: &'a Hinge, options: Option<&'a CallOptions>) -> Self {
        let terms = &hinge.terms;
        let now = terms.clock.now();
        let timeout = options.map_or(terms.timeout, |it| it.timeout_within(terms));
        let unsendable = options.and_then(CallOptions::unsendable);
        Self {
            hinge,
            request,
            options,
            elsewhere: options
                .and_then(CallOptions::base_url)
                .and_then(|server| hinge.session_of(server)),
            begun: now,
            fresh: Some(now),
            deadline: timeout.and_then(|timeout| now.checked_add(timeout)),
            attempt_timeout: options
                .map_or(terms.attempt_timeout, |it| it.attempt_timeout_within(terms)),
            state: match unsendable {
                None => State::Ready,
                Some(why) => State::Over(Err(Error::request(request.operation(), why))),
            },
            question: None,
            session_headers: HeaderMap::new(),
            redirected: None,
            hops: 0,
            questions: 0,
            refusals: 0,
            attempts: 0,
            current: Series::default(),
            was_sent: false,
            unfollowed: None,
        }
    }

    /// How many requests were sent so far: questions, attempts and redirects.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Whether what is sent is a question of the session, and not the request itself or where a redirect leads it.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) fn is_asking(&self) -> bool {
        self.question.is_some()
    }

    /// What to do next.
    #[expect(
        clippy::should_implement_trait,
        reason = "an exchange answers back and forth, which an iterator does not"
    )]
    pub fn next(&mut self) -> Step {
        let step = self.advance();
        if let Step::Done(result) = &step {
            observe::record(result, self.attempts, || {
                self.now().saturating_duration_since(self.begun)
            });
        }
        step
    }

    fn advance(&mut self) -> Step {
        match std::mem::replace(&mut self.state, State::Finished) {
            State::Ready => self.settle(),
            State::Waiting(delay) => {
                self.state = State::Ready;
                Step::Sleep(delay)
            }
            State::Over(result) => Step::Done(result),
            State::Sent => Step::Done(Err(self.misused("the sender did not say what came"))),
            State::Finished => Step::Done(Err(self.misused("the exchange is already over"))),
        }
    }

    /// Reports that an answer came.
    pub fn answered(&mut self, answer: Answer) {
        self.hinge.reached.store(true, Ordering::Relaxed);
        self.ended(Ok(answer));
    }

    /// Reports that no answer came.
    pub fn failed(&mut self, error: TransportError) {
        self.ended(Err(error));
    }

    /// Reports what came.
    #[cfg(any(feature = "blocking", feature = "async"))]
    pub(crate) fn came(&mut self, outcome: Result<Answer, TransportError>) {
        match outcome {
            Ok(answer) => self.answered(answer),
            Err(error) => self.failed(error),
        }
    }

    /// Sends what is due, after what the session wants first.
    fn settle(&mut self) -> Step {
        let now = self.fresh.take().unwrap_or_else(|| self.now());
        if !self.is_in_time(now, Duration::ZERO) {
            return Step::Done(Err(self.transport_error(TransportError::timeout())));
        }
        if self.question.is_none()
            && let Some(session) = self.session()
        {
            match session.before(self.request, &*self.hinge.terms.clock) {
                Ok(Before::Send(headers)) => self.session_headers = headers,
                Ok(Before::Wait(delay)) => {
                    self.state = State::Ready;
                    return Step::Sleep(delay);
                }
                Ok(Before::Ask(question)) => {
                    self.questions += 1;
                    if self.questions > MOST_QUESTIONS {
                        let text = "the client settles nothing, however often it asks the server";
                        return Step::Done(Err(self.misused(text)));
                    }
                    // It is asked where the API is, not where the request was led.
                    self.begin_again();
                    self.question = Some(question);
                    self.current = Series::default();
                }
                Err(error) => {
                    let error = error.of(self.request.operation(), self.progress());
                    return Step::Done(Err(error));
                }
            }
        }
        self.send(now)
    }

    fn send(&mut self, now: Instant) -> Step {
        if self.sent().is_spent() {
            return Step::Done(Err(self.misused(SPENT)));
        }
        self.attempts += 1;
        // Where a redirect leads is of the same attempt.
        self.current.attempts += u32::from(self.redirected.is_none());
        self.current.begun = Some(now);
        let request = match self.http_request() {
            Ok(request) => request,
            Err(error) => return Step::Done(Err(error.after(self.progress()))),
        };
        self.state = State::Sent;
        let sent = self.sent();
        match sent.upload() {
            Some(upload) => Step::Upload(request.map(|()| upload.clone())),
            None => Step::Send(request.map(|()| sent.body_bytes())),
        }
    }

    fn ended(&mut self, outcome: Outcome) {
        let may_be_there = match &outcome {
            Ok(_) => true,
            Err(error) => !error.is_unsent(),
        };
        self.was_sent |= may_be_there && self.question.is_none();
        self.state = match self.lead_on(&outcome) {
            Some(state) => state,
            None => self.conclude(outcome),
        };
    }

    /// Whether something follows this outcome: a redirect, settling anew, or another attempt.
    fn lead_on(&mut self, outcome: &Outcome) -> Option<State> {
        self.unfollowed = None;
        if let Ok(answer) = outcome {
            let leads_to = self.redirect(answer).unwrap_or_else(|why| {
                self.unfollowed = Some(why);
                None
            });
            if self.sent().is_spent() && (leads_to.is_some() || self.is_refused(answer)) {
                self.unfollowed = Some(unfollowed(SPENT));
                return None;
            }
            if let Some(address) = leads_to {
                self.hops += 1;
                self.redirected = Some(address);
                return Some(State::Ready);
            }
            if self.refusals < MOST_REFUSALS && self.is_refused(answer) {
                self.refusals += 1;
                self.begin_again();
                return Some(State::Ready);
            }
        }
        let retry = match self.retry(outcome) {
            Ok(retry) => retry,
            Err(unfollowed) => {
                self.unfollowed = unfollowed.or(self.unfollowed.take());
                return None;
            }
        };
        self.current.counted += u32::from(retry.counts);
        self.begin_again();
        Some(State::Waiting(retry.after))
    }

    fn conclude(&mut self, outcome: Outcome) -> State {
        let terms = &self.hinge.terms;
        let Some(question) = self.question.take() else {
            return State::Over(self.result(outcome));
        };
        self.begin_again();
        self.current = Series::default();
        let Some(session) = self.session() else {
            return State::Ready;
        };
        let operation = question.request.operation();
        match session.learn(operation, outcome.as_ref(), &*terms.clock) {
            Ok(()) => State::Ready,
            Err(error) => State::Over(Err(match outcome {
                // What kept the question from its answer keeps the request from its own.
                Err(cause) => self.transport_error(cause),
                Ok(_) => error.of(self.request.operation(), self.progress()),
            })),
        }
    }

    /// Forgets where redirects led: the next attempt begins at the API's own address.
    fn begin_again(&mut self) {
        self.redirected = None;
        self.hops = 0;
    }

    /// Whether the server refused the request because of what the session has settled.
    fn is_refused(&self, answer: &Answer) -> bool {
        self.question.is_none()
            && self
                .session()
                .is_some_and(|session| session.is_refused(&self.session_headers, answer))
    }

    /// The request that this attempt is about.
    fn sent(&self) -> &Request {
        self.question
            .as_ref()
            .map_or(self.request, |question| &question.request)
    }

    /// Where the API is.
    fn base_url(&self) -> &BaseUrl {
        let other = self.options.and_then(CallOptions::base_url);
        other.unwrap_or(&self.hinge.terms.base_url)
    }

    /// What is settled with the server there.
    fn session(&self) -> Option<&dyn Session> {
        match self.options.and_then(CallOptions::base_url) {
            Some(_) => self.elsewhere.as_deref(),
            None => self.hinge.terms.session.as_deref(),
        }
    }

    fn misused(&self, text: &str) -> Error {
        Error::request(self.request.operation(), text)
    }
}

// Their clock waits as the blocking face does.
#[cfg(all(test, feature = "blocking"))]
mod tests;
