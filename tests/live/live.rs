//! One face on its way through the scenarios: the client, its names, and what it has seen so far.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::error::Error as _;
use std::fmt::{Debug, Write as _};

use prefect_client::Error;
use uuid::Uuid;

/// How much of a body a failure shows, in bytes.
const BODY_SHOWN: usize = 2000;

pub(crate) struct Live<C> {
    pub(crate) client: C,
    pub(crate) face: &'static str,
    run: String,
    seen: RefCell<Seen>,
}

#[derive(Default)]
pub(crate) struct Seen {
    /// Operations whose successful answer was decoded.
    pub(crate) answered: BTreeSet<&'static str>,
    /// The refusals that scenarios ask for, in their order.
    pub(crate) refused: Vec<Refusal>,
}

/// What the faces must agree on when the server refuses.
#[derive(Debug, PartialEq)]
pub(crate) struct Refusal {
    operation: &'static str,
    status: Option<u16>,
    detail: Option<String>,
    body: Option<String>,
}

impl<C> Live<C> {
    pub(crate) fn new(client: C, face: &'static str) -> Self {
        Self {
            client,
            face,
            run: format!("{face}-{}", Uuid::new_v4().simple()),
            seen: RefCell::default(),
        }
    }

    /// A name that no other face and no other run has.
    pub(crate) fn name(&self, what: &str) -> String {
        format!("{what}-{}", self.run)
    }

    pub(crate) fn into_seen(self) -> Seen {
        self.seen.into_inner()
    }

    /// The value of an answer, which counts as seen.
    #[track_caller]
    pub(crate) fn answered<T>(&self, method: &'static str, answer: Result<T, Error>) -> T {
        let operation = operation_of(method);
        match answer {
            Ok(value) => {
                self.seen.borrow_mut().answered.insert(operation);
                value
            }
            Err(error) => panic!("{operation} ({} face): {}", self.face, describe(&error)),
        }
    }

    /// The error of a call that has to be refused.
    #[track_caller]
    pub(crate) fn refused<T: Debug>(
        &self,
        method: &'static str,
        answer: Result<T, Error>,
    ) -> Error {
        let operation = operation_of(method);
        let error = match answer {
            Ok(value) => panic!(
                "{operation} ({} face) was not refused: {value:?}",
                self.face
            ),
            Err(error) => error,
        };
        assert_eq!(error.operation(), Some(operation));
        let same = |text: String| text.replace(&self.run, "<run>");
        self.seen.borrow_mut().refused.push(Refusal {
            operation,
            status: error.status().map(|status| status.as_u16()),
            detail: error.detail().map(same),
            body: error
                .body()
                .map(|body| same(String::from_utf8_lossy(body).into_owned())),
        });
        error
    }
}

/// Two methods may call one operation: the second one takes what is optional too.
fn operation_of(method: &'static str) -> &'static str {
    method.strip_suffix("_with").unwrap_or(method)
}

/// Everything that is known about an error, the body included.
fn describe(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    if let Some(path) = error.json_path() {
        let _ = write!(text, "\n  at {path}");
    }
    if let Some(body) = error.body() {
        let shown = String::from_utf8_lossy(&body[..body.len().min(BODY_SHOWN)]);
        let _ = write!(text, "\n  body: {shown}");
    }
    text
}
