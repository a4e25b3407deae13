//! Which 404 says that a thing is not there.

use serde_json::Value;

/// What the server answers where there is no such route, whatever the thing.
const NO_ROUTE: &str = "Not Found";

/// Whether the server says that it does not have the thing. The 404 of a route that it does not have says nothing about
/// the thing, and neither does that of something else that answers at this address.
pub(crate) fn is_missing(error: &prefect_client::Error) -> bool {
    error.is_not_found() && error.body().is_some_and(is_about_a_thing)
}

fn is_about_a_thing(body: &[u8]) -> bool {
    let Ok(Value::Object(answer)) = serde_json::from_slice(body) else {
        return false;
    };
    match answer.get("detail") {
        Some(detail) => detail != NO_ROUTE,
        // What Prefect's own exceptions are answered with.
        None => answer.contains_key("exception_message"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_about_a_thing;

    #[test]
    fn a_missing_route_says_nothing_about_the_thing() {
        for thing in [
            r#"{"detail": "Variable not found"}"#,
            r#"{"exception_message": "Flow run not found"}"#,
        ] {
            assert!(is_about_a_thing(thing.as_bytes()), "{thing}");
        }
        for route in ["", "<html>", "[]", "{}", r#"{"detail":"Not Found"}"#] {
            assert!(!is_about_a_thing(route.as_bytes()), "{route}");
        }
    }
}
