//! What came of a call, in a form that can be compared.

use diptych_runtime::{Answer, Call, Error};
use serde::Serialize;
use serde_json::Value;

use prefect_client::{AsyncPrefectClient, Pages, PrefectClient};

use crate::{Faces, Fallible};

/// The value that was read, written again, or why there is none.
pub type Outcome = Result<Value, Failure>;

/// An error, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// The status of the answer.
    pub status: Option<u16>,
    /// What the server says.
    pub detail: Option<String>,
    /// The body as it came.
    pub body: Option<Vec<u8>>,
    /// The place in it that could not be read.
    pub json_path: Option<String>,
    /// Whether a success could not be read.
    pub is_decode: bool,
    /// The operation.
    pub operation: Option<&'static str>,
    /// The message.
    pub message: String,
}

/// A request that was built without I/O, and what was read from some answers.
pub struct Data {
    /// The HTTP method.
    pub method: String,
    /// The path and query.
    pub target: String,
    /// The headers, sorted.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What each answer gave.
    pub outcomes: Vec<Outcome>,
}

/// What both faces gave.
#[derive(Debug)]
pub struct Pair {
    /// The blocking face.
    pub blocking: Outcome,
    /// The async face.
    pub asynchronous: Outcome,
    /// Whether the values themselves are equal, before they are written.
    pub are_equal: bool,
}

/// What both faces gave when all pages were read: each page or the error that ended them.
#[derive(Debug)]
pub struct PagesPair {
    /// The blocking face, by page.
    pub blocking: Vec<Outcome>,
    /// The async face, by page.
    pub asynchronous: Vec<Outcome>,
}

/// What progenitor's client gave: the value, written again.
#[derive(Debug)]
pub struct Theirs(pub Result<Value, String>);

pub(crate) fn data<T: Serialize>(call: &Call<T>, answers: Vec<Answer>) -> Fallible<Data> {
    let outcomes = answers
        .into_iter()
        .map(|answer| outcome(&call.read(answer)))
        .collect::<Fallible<_>>()?;
    let request = call.request().map_err(ToString::to_string)?;
    let mut headers = Vec::new();
    for (name, value) in request.headers() {
        headers.push((name.to_string(), value.to_str()?.to_owned()));
    }
    headers.sort();
    Ok(Data {
        method: request.method().to_string(),
        target: request.path_and_query().to_owned(),
        headers,
        body: request.body().unwrap_or_default().to_vec(),
        outcomes,
    })
}

pub(crate) fn pair<T: PartialEq + Serialize>(
    blocking: &Result<T, Error>,
    asynchronous: &Result<T, Error>,
) -> Fallible<Pair> {
    Ok(Pair {
        are_equal: match (blocking, asynchronous) {
            (Ok(one), Ok(other)) => one == other,
            (Err(_), Err(_)) => true,
            _ => false,
        },
        blocking: outcome(blocking)?,
        asynchronous: outcome(asynchronous)?,
    })
}

pub(crate) fn pages<T: Send + Serialize + 'static>(
    faces: &Faces,
    blocking: Pages<PrefectClient, T>,
    mut asynchronous: Pages<AsyncPrefectClient, T>,
) -> Fallible<PagesPair> {
    let blocking = blocking.by_page().map(|page| outcome(&page));
    let mut pages = Vec::new();
    while let Some(page) = faces.wait(asynchronous.anext_page()) {
        pages.push(outcome(&page)?);
    }
    Ok(PagesPair {
        blocking: blocking.collect::<Fallible<_>>()?,
        asynchronous: pages,
    })
}

pub(crate) fn theirs<T: Serialize, E: std::fmt::Debug>(
    result: Result<progenitor_reference::ResponseValue<T>, progenitor_reference::Error<E>>,
) -> Fallible<Theirs> {
    Ok(Theirs(match result {
        Ok(value) => Ok(serde_json::to_value(value.into_inner())?),
        Err(error) => Err(format!("{error:?}")),
    }))
}

/// A stream is not read: what is compared is its request.
#[expect(
    clippy::unnecessary_wraps,
    reason = "the same form as that of other answers"
)]
pub(crate) fn their_stream<E: std::fmt::Debug>(
    result: Result<
        progenitor_reference::ResponseValue<progenitor_reference::ByteStream>,
        progenitor_reference::Error<E>,
    >,
) -> Fallible<Theirs> {
    Ok(Theirs(
        result
            .map(|_| Value::Null)
            .map_err(|error| format!("{error:?}")),
    ))
}

fn outcome<T: Serialize>(result: &Result<T, Error>) -> Fallible<Outcome> {
    Ok(match result {
        Ok(value) => Ok(serde_json::to_value(value)?),
        Err(error) => Err(Failure {
            status: error.status().map(|status| status.as_u16()),
            detail: error.detail(),
            body: error.body().map(<[u8]>::to_vec),
            json_path: error.json_path().map(str::to_owned),
            is_decode: error.is_decode(),
            operation: error.operation(),
            message: error.to_string(),
        }),
    })
}
