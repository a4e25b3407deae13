use super::*;

fn no_json() -> serde_json::Error {
    serde_json::from_str::<u8>("{").unwrap_err()
}

#[test]
fn a_kind_holds_its_source_and_ends_with_its_text() {
    let kinds = [
        Error::invalid("bad"),
        Error::exists("bad"),
        Error::unfit("bad"),
        Error::answer("bad"),
        Error::timeout("bad"),
        Error::refused(Refusal::State, "bad"),
        Error::not_found("bad"),
        Error::lost("bad"),
        Error::disconnected("bad"),
        Error::full("bad"),
    ];
    for error in kinds {
        let kind = error.0.kind;
        assert_eq!(error.to_string(), "bad");
        assert!(
            error.source().is_none() && error.api().is_none(),
            "{kind:?}"
        );
        let error = error.because(no_json());
        assert_eq!(error.to_string(), format!("bad: {}", no_json()));
        let source = error.source().expect("a source");
        assert!(source.is::<serde_json::Error>(), "{kind:?}");
        let error = error.because(prefect_client::Error::config("no URL"));
        assert_eq!(error.to_string(), "bad: no URL");
        assert!(
            error
                .source()
                .expect("a source")
                .is::<prefect_client::Error>()
        );
        assert!(error.api().is_some_and(prefect_client::Error::is_config));
    }
}

#[test]
fn an_error_has_one_kind() {
    type Question = fn(&Error) -> bool;
    let ask: [(Question, Error); 9] = [
        (Error::is_invalid, Error::invalid("")),
        (Error::is_already_exists, Error::exists("")),
        (Error::is_unfit, Error::unfit("")),
        (Error::is_decode, Error::answer("")),
        (Error::is_timeout, Error::timeout("")),
        (Error::is_refused, Error::refused(Refusal::Request, "")),
        (Error::is_not_found, Error::not_found("")),
        (Error::is_lost, Error::lost("")),
        (Error::is_full, Error::full("")),
    ];
    for (asked, (is, _)) in ask.iter().enumerate() {
        for (given, (_, error)) in ask.iter().enumerate() {
            assert_eq!(is(error), asked == given, "{error:?}");
        }
    }
    assert!(Error::disconnected("").is_connect());
}

#[test]
fn the_causes_of_a_refusal_are_told_apart() {
    for why in [Refusal::Request, Refusal::State, Refusal::Credentials] {
        assert_eq!(Error::refused(why, "no").refusal(), Some(why));
    }
    assert_eq!(Error::invalid("no").refusal(), None);
}
