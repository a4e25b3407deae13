use super::*;
use http::Method;

static OPERATION: Operation = Operation::new("read_flow", Method::GET, "/flows/{id}", "Flows");

fn status(code: u16, body: &str) -> Error {
    let code = StatusCode::from_u16(code).unwrap();
    let answer = Answer::new(code, HeaderMap::new(), body.to_owned());
    Error::from_answer(&OPERATION, answer)
}

fn transport(kind: TransportErrorKind) -> Error {
    let error = TransportError::new(kind, "the cause");
    let address = Some("http://host:4200".to_owned());
    Error::transport(&OPERATION, error, address, Progress::MayBeExecuted)
}

#[test]
fn a_message_names_operation_status_and_detail_on_one_line() {
    let error = status(404, r#"{"detail":"Flow\nnot found"}"#);
    assert_eq!(
        error.to_string(),
        "read_flow: GET /flows/{id}: 404 Not Found: Flow not found"
    );
    assert_eq!(error.detail().as_deref(), Some("Flow\nnot found"));
    assert_eq!(error.body(), Some(&br#"{"detail":"Flow\nnot found"}"#[..]));
    assert!(error.headers().is_some());
    let bare = status(503, "<p>");
    assert_eq!(
        bare.to_string(),
        "read_flow: GET /flows/{id}: 503 Service Unavailable"
    );
}

#[test]
fn a_long_detail_is_cut() {
    let error = status(500, &format!(r#"{{"detail":"{}"}}"#, "ä".repeat(600)));
    assert!(
        error
            .to_string()
            .ends_with(&format!(": {}…", "ä".repeat(500)))
    );
    assert_eq!(error.detail().unwrap().chars().count(), 600);
}

#[test]
fn kinds_follow_the_status() {
    assert!(status(404, "").is_not_found());
    assert!(status(409, "").is_conflict());
    for code in [408, 429, 502, 503] {
        assert!(status(code, "").is_retryable(), "{code}");
    }
    for code in [302, 400, 404, 409, 422, 500, 504] {
        assert!(!status(code, "").is_retryable(), "{code}");
    }
    assert_eq!(status(404, "").status(), Some(StatusCode::NOT_FOUND));
    assert_eq!(status(404, "").operation(), Some("read_flow"));
}

#[test]
fn transport_errors_keep_their_kind_and_source() {
    let connect = transport(TransportErrorKind::Connect);
    assert!(connect.is_connect() && connect.is_retryable() && !connect.is_timeout());
    assert_eq!(
        connect.to_string(),
        "read_flow: GET /flows/{id}: could not connect to http://host:4200: the cause"
    );
    assert_eq!(connect.source().unwrap().to_string(), "the cause");
    assert!(connect.status().is_none() && connect.body().is_none());
    let timeout = transport(TransportErrorKind::Timeout);
    assert!(timeout.is_timeout() && !timeout.is_connect() && !timeout.is_retryable());
    let interrupted = transport(TransportErrorKind::Interrupted);
    assert!(!interrupted.is_timeout() && !interrupted.is_connect() && !interrupted.is_retryable());
}

#[test]
fn an_unreadable_answer_keeps_its_bytes_and_path() {
    let answer = Answer::new(StatusCode::OK, HeaderMap::new(), "[1,\"x\"]");
    let problem = crate::call::read::json::<Vec<i64>>(&answer).unwrap_err();
    let error = Error::decode(&OPERATION, answer, problem);
    assert!(error.is_decode() && !error.is_not_found());
    assert_eq!(error.json_path(), Some("[1]"));
    assert_eq!(error.body(), Some(&b"[1,\"x\"]"[..]));
    assert_eq!(error.status(), Some(StatusCode::OK));
    assert_eq!(error.detail(), None);
    // serde_json's words would repeat the value, which may be a secret.
    assert!(error.source().is_none());
    let answer = Answer::new(StatusCode::OK, HeaderMap::new(), "[1,");
    let problem = crate::call::read::json::<Vec<i64>>(&answer).unwrap_err();
    let error = Error::decode(&OPERATION, answer, problem);
    assert!(error.source().unwrap().is::<serde_json::Error>());
}

#[test]
fn debug_shows_no_body_and_no_header_value() {
    let mut headers = HeaderMap::new();
    headers.insert("set-cookie", http::HeaderValue::from_static("s3cret"));
    let answer = Answer::new(StatusCode::FORBIDDEN, headers, "s3cret");
    let error = Error::from_answer(&OPERATION, answer);
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[test]
fn the_error_is_small_and_can_be_sent() {
    fn sendable<T: Send + Sync + 'static>() {}
    sendable::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}
