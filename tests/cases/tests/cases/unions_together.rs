//! Values of two unions at once.

use diptych_cases::unions_together::models::{
    Bare, BareBill, Checked, Order, OrderBill, OrderBillShop, OrderCard, OrderCardMail,
    SearchRequest, SearchRequestId, SearchRequestIdPage, SearchRequestText,
};

use crate::{body, both, json};

#[test]
fn a_branch_of_one_union_is_one_of_the_other_too() {
    let order = OrderCard::from(OrderCardMail::new(3, "44", "s"));
    let order = Order::from(order);
    let text = r#"{"pays": "bill", "number": 7, "days": 30, "shop": 5}"#;
    let (got, sent) = both!(unions_together, json(200, text), client => client.order(&order));
    let mut sent: serde_json::Value = serde_json::from_str(body(&sent)).unwrap();
    assert_eq!(sent["pays"].take(), "card");
    assert_eq!(
        sent,
        serde_json::json!({ "pays": null, "number": 3, "digits": "44", "street": "s" })
    );
    let Order::OrderBill(OrderBill::OrderBillShop(bill)) = got.unwrap() else {
        panic!("not a bill from a shop");
    };
    let expected = OrderBillShop::new(7, 5).days(30);
    assert_eq!(bill, expected);
}

#[test]
fn one_of_beside_any_of_has_both() {
    let request = SearchRequestId::from(SearchRequestIdPage::new(9, 2));
    let request = SearchRequest::from(request);
    let text = r#"[{"pays": "card", "digits": "1", "street": "s"}, {"pays": "bill", "shop": 4}]"#;
    let (got, sent) = both!(unions_together, json(200, text), client => client.search(&request));
    let sent: serde_json::Value = serde_json::from_str(body(&sent)).unwrap();
    assert_eq!(sent, serde_json::json!({ "id": 9, "page": 2 }));
    let got = got.unwrap();
    assert!(matches!(&got[0], Bare::BareCard(_)), "{got:?}");
    let Bare::BareBill(BareBill::BareBillShop(bill)) = &got[1] else {
        panic!("not a bill from a shop: {got:?}");
    };
    assert_eq!(bill.shop, 4);
    let read: SearchRequest = serde_json::from_str(r#"{"text": "t", "cursor": "c"}"#).unwrap();
    let SearchRequest::SearchRequestText(SearchRequestText::SearchRequestTextCursor(read)) = read
    else {
        panic!("not by text: {read:?}");
    };
    assert_eq!((&*read.text, &*read.cursor), ("t", "c"));
}

#[test]
fn branches_that_only_ask_for_fields_leave_the_other_union() {
    let (got, _) = both!(unions_together, json(200, r#"{"shop": 2}"#), client => client.checked());
    assert!(matches!(got.unwrap(), Checked::Shop(shop) if shop.shop == 2));
}
