//! Texts that look like numbers are sent as they are written, and the tags of a union whoever describes its branches.

use diptych_cases::own_branches::models::{
    ShapeRequest, ShapeRequestCircle, ShapeRequestPart, ShapeRequestSquare,
};
use diptych_cases::written::models::BuildsVersion;

use crate::{body, both, json, nothing, target};

#[test]
fn texts_that_look_like_numbers_are_what_is_written() {
    let answer = r#"{"version":"1.10"}"#;
    for version in ["1.1", "1.10", "007", "0x1F", "1e3", ".5", "1_000", "yes"] {
        let known = BuildsVersion::from(version);
        assert!(!matches!(known, BuildsVersion::Unknown(_)), "{version}");
        let (got, sent) = both!(written, json(200, answer), client => client.builds(&known));
        assert_eq!(target(&sent), format!("/builds/{version}?exact=2.10"));
        assert_eq!(got.unwrap().version, "1.10");
    }
    let (got, _) = both!(written, json(200, "{}"), client => client.builds(&"1.1".into()));
    assert_eq!(got.unwrap().version, "3.0");
    let server = diptych_cases::written::servers::Server::new();
    assert_eq!(server.url(), "https://example.com/v1.10");
}

#[test]
fn tags_of_branches_that_are_no_components_are_sent() {
    let shapes: [(ShapeRequest, &str); 3] = [
        (
            ShapeRequestCircle::new().radius(1.0).into(),
            r#"{"kind":"circle","radius":1.0}"#,
        ),
        (ShapeRequestSquare::new().into(), r#"{"kind":"square"}"#),
        (
            ShapeRequestPart::new().side(2.0).into(),
            r#"{"kind":"cube","side":2.0}"#,
        ),
    ];
    for (shape, expected) in shapes {
        let (_, sent) = both!(own_branches, nothing(), client => client.shape(&shape));
        assert_eq!(body(&sent), expected);
    }
}

#[test]
fn a_branch_that_nothing_fits_is_none() {
    let answer = r#"{"text":"t","size":-9223372036854775808}"#;
    let (got, _) = both!(own_branches, json(200, answer), client => client.sizes());
    let got = got.unwrap();
    assert_eq!((got.text.as_str(), got.size), ("t", i64::MIN));
}
