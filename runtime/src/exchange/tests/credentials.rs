//! Who gets to hear who asks.

use super::*;

#[test]
fn another_origin_gets_no_credentials() {
    static READ: Operation = Operation::new("read", Method::GET, "/read", "Flows");
    let mut defaults = HeaderMap::new();
    defaults.insert("x-key", HeaderValue::from_static("s3cret"));
    let config = config()
        .default_headers(defaults)
        .authorization(&Authorization::Bearer("s3cret".into()))
        .unwrap();
    // What a description calls a parameter may be a key, too.
    let mut builder = RequestBuilder::new(&READ);
    builder.header("x-parameter", "s3cret");
    builder.header("accept", "text/plain");
    let request = builder.answer(read::nothing).request().unwrap().clone();
    let hinge = hinge(&config.session(Tokens::default()));
    for (location, kept) in [
        ("/x", true),
        ("http://HOST:80/x", true),
        ("http://other/x", false),
    ] {
        let mut exchange = Exchange::new(&request, &hinge);
        let first = sent(&mut exchange);
        if first.uri().path().ends_with("/token") {
            exchange.answered(answer(200));
            sent(&mut exchange);
        }
        exchange.answered(with_header(302, LOCATION, location));
        let redirected = sent(&mut exchange);
        assert_eq!(redirected.headers()["accept"], "text/plain");
        for name in ["authorization", "x-key", "x-token", "x-parameter"] {
            assert_eq!(
                redirected.headers().contains_key(name),
                kept,
                "{location} {name}"
            );
        }
    }
}

/// Gives another token each time.
fn numbered() -> impl Fn() -> Result<crate::Secret, Box<dyn std::error::Error + Send + Sync>> {
    let count = Arc::new(Mutex::new(0));
    move || {
        let mut count = count.lock().unwrap();
        *count += 1;
        Ok(format!("t{count}").into())
    }
}

fn authorization(request: &Request, hinge: &Hinge, options: &CallOptions) -> String {
    let http = sent(&mut Exchange::with_options(request, hinge, options));
    let mut all = http.headers().get_all(AUTHORIZATION).iter();
    let value = all.next().unwrap().to_str().unwrap().to_owned();
    assert!(all.next().is_none());
    value
}

#[test]
fn a_call_s_own_authorization_goes_before_a_provided_token() {
    let hinge = hinge(&config().token_provider(numbered()));
    let plain = request(|_| {});
    let own = request(|builder| builder.header("authorization", "Basic b3du"));
    let options = CallOptions::new();
    let said = CallOptions::new().header("Authorization", "Bearer said");
    assert_eq!(authorization(&plain, &hinge, &options), "Bearer t1");
    assert_eq!(authorization(&plain, &hinge, &said), "Bearer said");
    assert_eq!(authorization(&own, &hinge, &said), "Basic b3du");
    assert_eq!(authorization(&plain, &hinge, &options), "Bearer t2");
    let mut defaults = HeaderMap::new();
    defaults.insert(AUTHORIZATION, HeaderValue::from_static("Bearer default"));
    let config = config()
        .token_provider(numbered())
        .default_headers(defaults);
    assert!(config.token_source().is_none());
    assert_eq!(
        authorization(&plain, &config.hinge(), &options),
        "Bearer default"
    );
}

#[test]
fn a_token_that_can_t_be_had_for_another_attempt_does_not_undo_the_first() {
    let asked = std::sync::atomic::AtomicU32::new(0);
    let provider = move || match asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
        0 => Ok(crate::Secret::from("t")),
        _ => Err("it is expired".into()),
    };
    let config = config()
        .token_provider(provider)
        .retry_policy(StandardRetry::new(2).jitter(0.0))
        .clock(Stopped::default());
    let (hinge, request) = (hinge(&config), get());
    let mut exchange = Exchange::new(&request, &hinge);
    sent(&mut exchange);
    exchange.failed(TransportError::new(
        TransportErrorKind::Interrupted,
        "reset",
    ));
    assert!(matches!(exchange.next(), Step::Sleep(_)));
    let Step::Done(Err(error)) = exchange.next() else {
        panic!("there is no token");
    };
    assert_eq!(error.progress(), crate::Progress::MayBeExecuted);
    assert!(!error.is_request(), "{error}");
}

#[test]
fn a_key_in_the_query_goes_with_redirects_within_the_origin_once() {
    static READ: Operation = Operation::new("read", Method::GET, "/read", "Flows");
    let key = crate::Secret::from("k&1");
    let config = config()
        .api_key(crate::ApiKey::Query("api key"), &key)
        .unwrap();
    let hinge = hinge(&config);
    let request = RequestBuilder::new(&READ).answer::<()>(read::nothing);
    let request = request.request().unwrap().clone();
    for (location, expected) in [
        ("/x", "http://host/x?api%20key=k%261"),
        ("/x?a=b", "http://host/x?a=b&api%20key=k%261"),
        (
            "/x?api%20key=k%261&a=b",
            "http://host/x?api%20key=k%261&a=b",
        ),
        (
            "http://HOST:80?api%20key=other",
            "http://HOST:80/?api%20key=other&api%20key=k%261",
        ),
        ("http://other/x", "http://other/x"),
    ] {
        let mut exchange = Exchange::new(&request, &hinge);
        let first = sent(&mut exchange);
        assert_eq!(first.uri(), "http://host/api/read?api%20key=k%261");
        exchange.answered(with_header(307, LOCATION, location));
        assert_eq!(sent(&mut exchange).uri(), expected);
    }
}

#[test]
fn a_call_may_go_to_another_server_of_the_api() {
    let who = Authorization::Bearer("s3cret".into());
    let hinge = hinge(
        &config()
            .authorization(&who)
            .unwrap()
            .session(Tokens::default()),
    );
    let request = request(|_| {});
    let elsewhere = CallOptions::new().server("https://files.example.com/v2");
    told(&hinge, &request, vec![Ok(answer(200)), Ok(answer(200))]);
    let mut exchange = Exchange::with_options(&request, &hinge, &elsewhere);
    // What was settled with the client's own server is no matter of that one.
    let first = sent(&mut exchange);
    assert_eq!(first.uri(), "https://files.example.com/v2/count");
    assert!(!first.headers().contains_key("x-token"));
    assert_eq!(first.headers()[AUTHORIZATION], "Bearer s3cret");
    exchange.answered(with_header(307, LOCATION, "/v3/count"));
    let second = sent(&mut exchange);
    assert_eq!(second.uri(), "https://files.example.com/v3/count");
    assert_eq!(second.headers()[AUTHORIZATION], "Bearer s3cret");
    exchange.answered(with_header(307, LOCATION, "http://host/api/count"));
    let Step::Done(Err(error)) = exchange.next() else {
        panic!("it is not followed");
    };
    assert_eq!(error.status(), Some(StatusCode::TEMPORARY_REDIRECT));
    let unusable = CallOptions::new().server("files.example.com");
    let mut exchange = Exchange::with_options(&request, &hinge, &unusable);
    assert!(matches!(exchange.next(), Step::Done(Err(error)) if error.is_request()));
}
