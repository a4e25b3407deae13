//! What is no number in JSON, or none in a text, is refused before anything is sent, wherever the value travels.

use diptych_cases::not_finite::models::{AsPatchRequest, Point, PointEither};
use diptych_cases::not_finite::requests::{AsPatch, InQuery};

use crate::{both, nothing};

const NUMBERS: [f64; 3] = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];

/// That the call is refused in both faces, and that the error does not speak of the network.
macro_rules! refused {
    ($client:ident => $call:expr) => {{
        let (got, sent) = both!(not_finite, nothing(), $client => $call);
        let error = got.unwrap_err();
        assert!(error.is_request(), "{error:?}");
        assert_eq!(sent, [], "{error}");
    }};
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what is not finite stays what it is"
)]
fn points(number: f64) -> Vec<Point> {
    vec![
        Point::new().x(number),
        Point::new().y(number as f32),
        Point::new().more([1.0, number]),
        Point::new().map([("k", number)]),
        Point::new().either(PointEither::Number(number)),
        Point::new().next(Point::new().next(Point::new().x(number))),
    ]
}

#[test]
fn in_bodies() {
    for number in NUMBERS {
        for point in points(number) {
            refused!(client => client.as_json(&point));
            refused!(client => client.as_form(&point));
            refused!(client => client.as_styled_form(&point));
            refused!(client => client.as_parts(&point));
        }
        let patch = AsPatch::new().body(AsPatchRequest::new().x(number));
        refused!(client => client.as_patch_with(&patch));
    }
    refused!(client => client.as_number(f32::NAN));
    refused!(client => client.as_number(f32::INFINITY));
}

#[test]
#[expect(
    clippy::cast_possible_truncation,
    reason = "what is not finite stays what it is"
)]
fn in_parameters() {
    for number in NUMBERS {
        refused!(client => client.in_path(number, &[1.0]));
        refused!(client => client.in_path(1.0, &[1.0, number]));
        let requests = [
            InQuery::new().list([1.0, number as f32]),
            InQuery::new().piped([number]),
            InQuery::new().reserved(number),
            InQuery::new().union(PointEither::Number(number)),
            InQuery::new().x_number(number),
            InQuery::new().x_numbers([number, 1.0]),
            InQuery::new().cookie(number),
        ];
        let of_objects = points(number).into_iter().flat_map(|point| {
            let deep = InQuery::new().deep(point.clone());
            [deep, InQuery::new().json(point)]
        });
        for request in requests.into_iter().chain(of_objects) {
            refused!(client => client.in_query_with(&request));
        }
    }
}
