//! What answers have in their headers is there for those who ask for it.

use diptych_cases::answer_headers::{AsyncClient, Client, headers, operations};
use diptych_runtime::{Answer, Error};
use test_server::Answer as Reply;

use crate::{json, on_tokio, server};

/// The answer to one call in each face.
macro_rules! answered {
    ($call:expr, $headers:expr) => {{
        let mut reply: Reply = json(200, "\"x\"");
        let headers: &[(&'static str, &str)] = $headers;
        for (name, value) in headers {
            reply.headers.push((name, (*value).to_owned()));
        }
        let (_server, config) = server(&reply);
        let one = Client::from_config(config)
            .unwrap()
            .execute_with_answer($call);
        let other = on_tokio(async {
            let (_server, config) = server(&reply);
            let client = AsyncClient::from_config(config).unwrap();
            client.execute_with_answer($call).await
        });
        [one, other].map(|got: Result<(_, Answer), Error>| got.unwrap().1)
    }};
}

#[test]
fn each_header_is_of_its_type() {
    let answers = answered!(
        operations::report(),
        &[
            ("x-total", "12"),
            ("link", "<https://example.com>; rel=next"),
            ("x-tags", "a, b"),
            ("x-tags", "c"),
            ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("x-limits", "{\"left\": 3}"),
            ("x-sampled", "true"),
            ("x-shape", "a,1"),
        ]
    );
    for answer in answers {
        let headers = headers::Report::try_from(&answer).unwrap();
        let total: i32 = headers.x_total;
        assert_eq!(total, 12);
        assert_eq!(
            headers.link.as_deref(),
            Some("<https://example.com>; rel=next")
        );
        assert_eq!(headers.x_tags.unwrap(), ["a", "b", "c"]);
        let modified = headers.last_modified.unwrap();
        assert_eq!(modified.to_rfc3339(), "1994-11-06T08:49:37+00:00");
        assert_eq!(headers.x_limits.unwrap()["left"], 3);
        assert_eq!((headers.x_sampled, headers.x_ids), (Some(true), None));
        assert_eq!(headers.x_shape.as_deref(), Some("a,1"));
    }
}

#[test]
fn what_must_be_there_and_is_not_is_an_error_that_names_it() {
    for answer in answered!(operations::report(), &[("x-total", "many")]) {
        let error = headers::Report::try_from(&answer).unwrap_err();
        assert_eq!((error.name(), error.is_missing()), ("X-Total", false));
    }
    for answer in answered!(operations::report(), &[]) {
        let error = headers::Report::try_from(&answer).unwrap_err();
        assert!(error.is_missing());
    }
}

#[test]
fn what_only_some_successes_have_may_be_away() {
    for answer in answered!(operations::start(), &[("retry-after", "7")]) {
        let headers = headers::Start::try_from(&answer).unwrap();
        let after: i64 = headers.retry_after;
        assert_eq!((after, headers.location), (7, None));
    }
}
