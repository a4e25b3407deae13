use serde_json::json;

use super::ParameterStyle as Style;
use super::*;

/// The table of the specification: a text, a list, an object.
#[test]
fn what_is_looked_at_byte_by_byte_is_what_the_encoder_says() {
    for character in (0..=0x17f).filter_map(char::from_u32) {
        let text = format!("a{character}");
        let encoded = utf8_percent_encode(&text, UNRESERVED).to_string();
        assert_eq!(in_unreserved(&text), encoded);
    }
    assert_eq!(in_unreserved(""), "");
}

#[test]
fn a_path_is_as_the_specification_says() {
    let written = |style| {
        [
            json!("blue"),
            json!(["blue", "black"]),
            json!({"B": 150, "R": 100}),
        ]
        .map(|value| in_place(style, "color", &value, unreserved))
    };
    assert_eq!(
        written(Style::Simple),
        ["blue", "blue,black", "B,150,R,100"]
    );
    assert_eq!(
        written(Style::SimpleExploded),
        ["blue", "blue,black", "B=150,R=100"]
    );
    assert_eq!(
        written(Style::Label),
        [".blue", ".blue,black", ".B,150,R,100"]
    );
    assert_eq!(
        written(Style::LabelExploded),
        [".blue", ".blue.black", ".B=150.R=100"]
    );
    assert_eq!(
        written(Style::Matrix),
        [";color=blue", ";color=blue,black", ";color=B,150,R,100"]
    );
    assert_eq!(
        written(Style::MatrixExploded),
        [";color=blue", ";color=blue;color=black", ";B=150;R=100"]
    );
}

#[test]
fn a_query_is_as_the_specification_says() {
    let written = |style| {
        [
            json!("blue"),
            json!(["blue", "black"]),
            json!({"B": 150, "R": 100}),
        ]
        .map(|value| in_pairs(style, "color", &value, unreserved).join("&"))
    };
    assert_eq!(
        written(Style::Form),
        ["color=blue", "color=blue,black", "color=B,150,R,100"]
    );
    assert_eq!(
        written(Style::FormExploded),
        ["color=blue", "color=blue&color=black", "B=150&R=100"]
    );
    assert_eq!(written(Style::SpaceDelimited)[1], "color=blue%20black");
    assert_eq!(written(Style::PipeDelimited)[1], "color=blue%7Cblack");
    assert_eq!(
        written(Style::DeepObject)[2],
        "color%5BB%5D=150&color%5BR%5D=100"
    );
    assert_eq!(
        written(Style::Json)[1],
        "color=%5B%22blue%22%2C%22black%22%5D"
    );
}

#[test]
fn nothing_in_a_value_ends_it() {
    let pairs = in_pairs(Style::Form, "a&b", &json!(["x,y", "p&q=r +"]), unreserved);
    assert_eq!(pairs, ["a%26b=x%2Cy,p%26q%3Dr%20%2B"]);
    let pairs = in_pairs(
        Style::Form,
        "u",
        &json!("http://h/?a&b#c+ d"),
        with_reserved,
    );
    assert_eq!(pairs, ["u=http://h/?a%26b%23c%2B%20d"]);
    for (text, encoded) in [
        ("a%20b", "a%20b"),
        ("100%", "100%25"),
        ("%2 %é%zz%", "%252%20%25%C3%A9%25zz%25"),
    ] {
        assert_eq!(with_reserved(text), encoded);
    }
}

#[test]
fn what_is_null_is_not_there() {
    let value = json!({"a": null, "b": {"c": [1, null], "d": true}});
    let pairs = in_pairs(Style::DeepObject, "x", &value, unreserved);
    assert_eq!(pairs, ["x%5Bb%5D%5Bc%5D=1", "x%5Bb%5D%5Bd%5D=true"]);
    assert!(in_pairs(Style::Form, "x", &json!(null), unreserved).is_empty());
    for style in [Style::FormExploded, Style::Form, Style::SpaceDelimited] {
        assert!(in_pairs(style, "x", &json!([]), unreserved).is_empty());
    }
    let json = in_pairs(Style::Json, "x", &json!([]), unreserved);
    assert_eq!(json, ["x=%5B%5D"]);
    let nothing = in_place(Style::Matrix, "x", &json!(""), unreserved);
    assert_eq!(nothing, ";x");
}
