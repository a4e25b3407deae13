//! What a description says in another way than most, and means all the same.

use diptych_cases::said_loosely::models::Codes404;
use diptych_cases::said_loosely::requests;
use diptych_cases::siblings::models::{
    Holder, HolderKind, HolderMore, HolderNamed, HolderPart, Pet,
};
use serde_json::json;

use crate::{body, both, json, nothing, reply, target};

#[test]
fn yamls_numbers_and_flags_are_texts_where_texts_are_meant() {
    let text = r#"{"200": "ok", "y": 18446744073709551615}"#;
    let request = requests::Codes::new()
        .n404(Codes404::N25)
        .empty(Vec::<String>::new());
    let (got, sent) = both!(said_loosely, json(200, text), client => client.codes_with(&request));
    assert_eq!(target(&sent), "/codes?404=2.5");
    let codes = got.unwrap();
    assert_eq!((codes.n200.as_str(), codes.y), ("ok", u64::MAX));
}

#[test]
fn keywords_that_say_nothing_where_they_stand_are_in_nobodys_way() {
    let text = r#"{"a": "1", "b": ["x", 2], "c": 1.5, "d": true}"#;
    let (got, _) = both!(said_loosely, json(200, text), client => client.tagged());
    let tagged = got.unwrap();
    assert_eq!(
        (tagged.a.as_deref(), tagged.c, tagged.d),
        (Some("1"), Some(1.5), Some(true))
    );
    assert_eq!(tagged.b, Some(("x".to_owned(), 2)));
    let (got, _) = both!(said_loosely, nothing(), client => client.untagged());
    got.unwrap();
}

#[test]
fn what_may_stand_beside_properties_is_kept() {
    let text = r#"{"200": "", "y": 1, "open": {"a": "1", "b": [2]}, "rest": {"a": "1", "c": 3}}"#;
    let (got, _) = both!(said_loosely, json(200, text), client => client.codes());
    let codes = got.unwrap();
    assert_eq!(codes.open.unwrap().additional["b"], json!([2]));
    assert_eq!(codes.rest.unwrap().additional["c"], 3);
}

#[test]
fn a_text_or_bytes_may_not_be_there() {
    let none = || reply(204, "text/plain", "");
    let (got, _) = both!(said_loosely, none(), client => client.draft());
    assert_eq!(got.unwrap(), None);
    let (got, _) = both!(said_loosely, none(), client => client.file());
    assert_eq!(got.unwrap(), None);
    let (got, _) = both!(said_loosely, reply(200, "text/plain", "x"), client => client.draft());
    assert_eq!(got.unwrap().as_deref(), Some("x"));
    let pdf = reply(200, "application/pdf", "%PDF");
    let (got, _) = both!(said_loosely, pdf, client => client.file());
    assert_eq!(got.unwrap().as_deref(), Some(b"%PDF".as_slice()));
}

#[test]
fn what_stands_beside_a_reference_holds() {
    let holder = Holder::new(HolderNamed::new("n"))
        .more(HolderMore::new().colour("red").age(3))
        .kind(HolderKind::B)
        .part(HolderPart::C)
        .plain(Pet::new().name("p"));
    let (got, sent) = both!(
        siblings,
        json(200, r#"{"named": {"name": "n"}, "kept": {"age": 1}, "kind": "c"}"#),
        client => client.pet(&holder)
    );
    assert_eq!(
        body(&sent),
        r#"{"named":{"name":"n"},"kind":"b","more":{"age":3,"colour":"red"},"part":"c","plain":{"name":"p"}}"#
    );
    let got = got.unwrap();
    assert_eq!(got.kept, Some(Pet::new().age(1)));
    assert_eq!(got.kind, Some(HolderKind::Unknown("c".to_owned())));
    let (got, _) = both!(siblings, json(200, r#"{"named": {}}"#), client => client.pet(&holder));
    assert!(got.unwrap_err().to_string().contains("named"));
}

#[test]
fn what_a_child_says_of_a_property_holds() {
    use diptych_cases::siblings::models::{Child, ChildKind};
    let child: Child = serde_json::from_value(json!({"data": {"age": 2}, "kind": "y"})).unwrap();
    assert_eq!(child.data, Some(Pet::new().age(2)));
    assert_eq!(child.kind, Some(ChildKind::Y));
}

#[test]
fn names_of_a_form_have_their_styles() {
    use diptych_cases::form_styles::models::{SendRequest, SendRequestDeep};
    let place = || SendRequestDeep::new().street("s t").zip(1);
    let form = SendRequest::new("a b")
        .csv(["a", "b,c"])
        .pipes(["a", "b"])
        .deep(place())
        .fields(place())
        .list([1, 2])
        .url("http://h/?a=b&c");
    let (_, sent) = both!(form_styles, nothing(), client => client.send(&form));
    assert_eq!(
        body(&sent),
        "csv=a,b%2Cc&deep%5Bstreet%5D=s%20t&deep%5Bzip%5D=1&street=s%20t&zip=1&list=1&list=2&name=a+b&\
         pipes=a%7Cb&url=http://h/?a=b%26c"
    );
}

#[test]
fn a_form_has_its_files_also_where_its_type_travels_otherwise_too() {
    use diptych_cases::form_styles::models::{ReplaceRequest, UploadRequest};
    use diptych_cases::form_styles::requests::Upload;
    let photo = UploadRequest::new(b"\x01".to_vec()).title("t");
    let upload = Upload::new().body(photo);
    let (_, sent) = both!(form_styles, nothing(), client => client.upload_with(&upload));
    assert_eq!(
        body(&sent),
        "--B\r\ncontent-disposition: form-data; name=\"data\"; filename=\"data\"\r\n\
         content-type: application/octet-stream\r\n\r\n\u{1}\r\n\
         --B\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nt\r\n--B--\r\n"
    );
    let (got, _) = both!(form_styles, json(200, r#"{"data": "x"}"#), client => client.photo());
    assert_eq!(got.unwrap().data, "x");
    let scan = ReplaceRequest::new(b"s".to_vec()).page(2);
    let (_, sent) = both!(form_styles, nothing(), client => client.replace(&scan));
    assert!(body(&sent).contains("filename=\"data\""), "{}", body(&sent));
}
