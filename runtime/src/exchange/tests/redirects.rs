//! Where an answer leads on to another address.

use super::*;

#[test]
fn a_redirect_is_no_attempt_of_its_own_and_a_retry_begins_at_the_api_again() {
    let policy = StandardRetry::new(1).jitter(0.0);
    let hinge = hinge(&config().retry_policy(policy).clock(Stopped::default()));
    let moved = || Ok(with_header(302, LOCATION, "/elsewhere"));
    let steps = told(
        &hinge,
        &get(),
        vec![moved(), Ok(answer(503)), moved(), Ok(answer(200))],
    );
    let (first, second) = ("GET http://host/api/read", "GET http://host/elsewhere");
    assert_eq!(steps, [first, second, "wait 2s", first, second, "200"]);
}

#[test]
fn where_a_redirect_leads_is_of_the_same_attempt() {
    let hinge = hinge(&config().retry_policy(Patient).clock(Stopped::default()));
    let moved = || Ok(with_header(307, LOCATION, "/elsewhere"));
    let busy = || Ok(answer(503));
    let outcomes = vec![moved(), busy(), moved(), busy(), moved(), busy()];
    let steps = told(&hinge, &get(), outcomes);
    let (first, second) = ("GET http://host/api/read", "GET http://host/elsewhere");
    let attempt = [first, second, "wait 7ms"];
    assert_eq!(
        steps,
        [&attempt[..], &attempt, &[first, second, "503"]].concat()
    );
}

#[test]
fn redirects_in_a_circle_end_with_the_redirect() {
    let hinge = hinge(&config().max_redirects(2));
    let moved = || Ok(with_header(307, LOCATION, "/api/read"));
    let steps = told(&hinge, &get(), vec![moved(), moved(), moved()]);
    assert_eq!(steps.len(), 4);
    let end =
        "read: GET /read: 307 Temporary Redirect; 2 redirects were followed (`max_redirects`)";
    assert_eq!(steps[3], end);
}

#[test]
fn a_post_follows_only_what_keeps_its_method_and_only_within_the_origin() {
    let hinge = hinge(&config());
    let post = request(|_| {});
    for code in [301, 302, 303] {
        let steps = told(&hinge, &post, vec![Ok(with_header(code, LOCATION, "/x"))]);
        assert_eq!(steps.len(), 2, "{steps:?}");
        assert!(
            steps[1].contains(&format!("POST /count: {code} ")),
            "{steps:?}"
        );
    }
    let kept = vec![Ok(with_header(308, LOCATION, "/x")), Ok(answer(200))];
    let steps = told(&hinge, &post, kept);
    assert_eq!(steps[1], "POST http://host/x");
    let away = vec![Ok(with_header(308, LOCATION, "http://other/x"))];
    let steps = told(&hinge, &post, away);
    assert!(steps[1].contains("POST /count: 308 "), "{steps:?}");
    // Who wants to follow none gets the answer as it is.
    let hinge = self::hinge(&config().max_redirects(0));
    let moved = vec![Ok(with_header(308, LOCATION, "/x"))];
    assert_eq!(told(&hinge, &post, moved)[1], "308");
}
