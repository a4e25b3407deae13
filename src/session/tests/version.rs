//! What is said of the server's version.

use super::*;

#[test]
fn the_version_is_asked_once_per_server() {
    let clock = Stopped::begin();
    let url = "http://asked-once/api";
    let session = || PrefectSession::new(url).without_csrf();
    let fits = [answer(200, "\"3.8.8\""), answer(200, "true")];
    let first = exchange(&hinge(session(), &clock), &get(), &fits);
    assert_eq!(first, ["/api/admin/version -", "/api/health -", "200"]);
    let other_client = exchange(&hinge(session(), &clock), &get(), &[answer(200, "true")]);
    assert_eq!(other_client, ["/api/health -", "200"]);
}

#[test]
fn another_major_version_is_an_error_and_asked_again() {
    let clock = Stopped::begin();
    let session = PrefectSession::new("http://other-major/api");
    let hinge = hinge(session, &clock);
    for _ in 0..2 {
        let seen = exchange(&hinge, &get(), &[answer(200, "\"2.20.1\"")]);
        assert!(
            seen[1].starts_with("health_check: GET /health: the server at"),
            "{seen:?}"
        );
    }
}

#[test]
fn a_server_that_hides_its_version_is_taken_as_it_is() {
    let clock = Stopped::begin();
    let session = PrefectSession::new("http://hides/api").without_csrf();
    let hinge = hinge(session, &clock);
    let hidden = [answer(404, ""), answer(200, "true")];
    assert_eq!(exchange(&hinge, &get(), &hidden).len(), 3);
    assert_eq!(exchange(&hinge, &get(), &[answer(200, "true")]).len(), 2);
}
