//! Components that are no more than files have their names, also behind an index; anchors are found in other files.

use diptych_cases::shop::models::{
    CodeRequest, CodeRequest1, CodeRequest2, Customer, OneLine, Order,
};

use crate::{body, both, json, nothing};

#[test]
fn each_schema_of_a_file_has_one_name() {
    let text = r#"[{"id":1,"customer":{"name":"c","orders":[{"id":2}]},"lines":[{"sku":"s"}]}]"#;
    let (got, _) = both!(shop, json(200, text), client => client.orders());
    let customer = Customer::new("c").orders([Order::new(2)]);
    let order = Order::new(1).customer(customer).lines([OneLine::new("s")]);
    assert_eq!(got.unwrap(), [order]);
}

#[test]
fn an_anchor_of_another_file_is_found() {
    let line = OneLine::new("s").order(Order::new(1));
    let (got, sent) = both!(shop, json(200, r#"{"name":"c"}"#), client => client.put_line(&line));
    assert_eq!(got.unwrap(), Customer::new("c"));
    assert_eq!(body(&sent), r#"{"sku":"s","order":{"id":1}}"#);
}

#[test]
fn numbers_that_tell_branches_apart_are_sent() {
    let codes: [(CodeRequest, &str); 2] = [
        (CodeRequest1::new().into(), r#"{"code":1}"#),
        (
            CodeRequest2::new().why("w").into(),
            r#"{"code":2,"why":"w"}"#,
        ),
    ];
    for (code, expected) in codes {
        let (_, sent) = both!(shop, nothing(), client => client.code(&code));
        assert_eq!(body(&sent), expected);
    }
}
