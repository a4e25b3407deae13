//! What is settled with a server before it is asked.

use super::*;

#[test]
fn the_session_asks_first_and_settles_anew_when_it_is_refused() {
    let hinge = hinge(&config().session(Tokens::default()));
    let (ask, post) = ("GET http://host/api/token", "POST http://host/api/count");
    let request = request(|_| {});
    let answers = vec![
        Ok(answer(200)),
        Ok(answer(403)),
        Ok(answer(200)),
        Ok(answer(201)),
    ];
    assert_eq!(
        told(&hinge, &request, answers),
        [ask, post, ask, post, "201"]
    );
    let again = told(&hinge, &request, vec![Ok(answer(201))]);
    assert_eq!(again, [post, "201"], "what was settled is kept");
}

#[test]
fn a_server_that_never_settles_is_not_asked_for_ever() {
    let hinge = hinge(&config().session(Tokens::default()));
    let answers = (0..8).map(|index| Ok(answer(if index % 2 == 0 { 200 } else { 403 })));
    let steps = told(&hinge, &request(|_| {}), answers.collect());
    assert_eq!(steps.last().unwrap(), "403");
    assert_eq!(steps.len(), 7, "{steps:?}");
}

#[test]
fn a_question_is_asked_where_the_api_is_and_not_where_the_request_was_led() {
    let tokens = Tokens::default();
    let hinge = hinge(&config().session(tokens.clone()));
    let request = request(|_| {});
    let mut exchange = Exchange::new(&request, &hinge);
    assert_eq!(sent(&mut exchange).uri(), "http://host/api/token");
    exchange.answered(answer(200));
    assert_eq!(sent(&mut exchange).uri(), "http://host/api/count");
    exchange.answered(with_header(308, LOCATION, "/moved"));
    // Another exchange has heard meanwhile that the token is not good any more.
    *tokens.0.lock().unwrap() = None;
    for address in ["http://host/api/token", "http://host/api/count"] {
        assert_eq!(sent(&mut exchange).uri(), address);
        exchange.answered(answer(200));
    }
    assert!(matches!(exchange.next(), Step::Done(Ok(_))));
}

#[test]
fn what_keeps_a_question_from_its_answer_is_the_error_of_the_call() {
    let hinge = hinge(&config().session(Tokens::default()));
    let refused = TransportError::new(TransportErrorKind::Connect, "refused");
    let steps = told(&hinge, &request(|_| {}), vec![Err(refused)]);
    assert_eq!(
        steps[1],
        "count: POST /count: could not connect to http://host: refused"
    );
    let steps = told(&hinge, &request(|_| {}), vec![Ok(answer(500))]);
    assert_eq!(steps[1], "count: POST /count: no token");
}

#[test]
fn one_asks_while_others_wait() {
    let tokens = Tokens::default();
    let hinge = hinge(&config().session(tokens.clone()).clock(Stopped::default()));
    let request = request(|_| {});
    let (mut first, mut second) = (
        Exchange::new(&request, &hinge),
        Exchange::new(&request, &hinge),
    );
    assert!(sent(&mut first).uri().path().ends_with("/token"));
    assert!(matches!(second.next(), Step::Sleep(_)));
    first.answered(answer(200));
    assert!(sent(&mut second).headers().contains_key("x-token"));
    assert!(sent(&mut first).headers().contains_key("x-token"));
}

#[test]
fn one_that_is_cancelled_while_it_asks_holds_nobody_up() {
    let hinge = hinge(
        &config()
            .session(Tokens::default())
            .clock(Stopped::default()),
    );
    let request = request(|_| {});
    let mut cancelled = Exchange::new(&request, &hinge);
    sent(&mut cancelled);
    drop(cancelled);
    let next = sent(&mut Exchange::new(&request, &hinge));
    assert!(next.uri().path().ends_with("/token"));
}
