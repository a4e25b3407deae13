//! What inline schemas are called after, and formats that say the type.

use diptych_cases::named_branches::models::{
    PaidReceipt, PayRequest, PayRequestLoginCode, PayRequestOrder, PayRequestState,
    PayRequestStateOpen, PayRequestWayByBankTransfer,
};

use crate::{body, both, json};

#[test]
fn branches_are_called_by_their_titles_or_by_what_tells_them_apart() {
    let request = PayRequest::new(
        PayRequestWayByBankTransfer::new("D"),
        PayRequestOrder::MinusName,
    )
    .state(PayRequestStateOpen::new().since("s"))
    .count(3)
    .ratio(0.5)
    .id(uuid::Uuid::nil())
    .login(PayRequestLoginCode::new("u", 7))
    .ids([uuid::Uuid::nil()])
    .guid(uuid::Uuid::max());
    let answer = json(200, r#"{"number":1}"#);
    let (got, sent) = both!(named_branches, answer, client => client.pay(&request));
    let got: PaidReceipt = got.unwrap();
    assert_eq!(got.number, Some(1));
    let sent: serde_json::Value = serde_json::from_str(body(&sent)).unwrap();
    let expected = serde_json::json!({
        "way": {"iban": "D"}, "order": "-name", "state": {"kind": "open", "since": "s"},
        "login": {"user": "u", "code": 7}, "ids": ["00000000-0000-0000-0000-000000000000"],
        "guid": "ffffffff-ffff-ffff-ffff-ffffffffffff", "count": 3, "ratio": 0.5, "id": "00000000-0000-0000-0000-000000000000",
    });
    assert_eq!(sent, expected);
    // Without a word of its own, it is what its kind says.
    let shut: PayRequestState = serde_json::from_str(r#"{"kind":"shut"}"#).unwrap();
    assert!(matches!(shut, PayRequestState::PayRequestStateShut(_)));
    let orders = [
        PayRequestOrder::Name,
        PayRequestOrder::Plus1,
        PayRequestOrder::Minus1,
    ];
    let texts = serde_json::to_string(&orders).unwrap();
    assert_eq!(texts, r#"["name","+1","-1"]"#);
}
