//! Values of every form in every place, as the table of the specification and RFC 6570 write them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeZone as _, Utc};
use diptych_cases::placed::models::{GridA, HxJson, QDeep, QDeepA, QIds, QKind, QMulti, QOne};
use diptych_cases::placed::requests::{H, Q, SameA};
use serde_json::json as value;

use crate::{both, header, nothing, target};

fn colour() -> GridA {
    GridA::new().r(100).g(200)
}

#[test]
fn objects_in_the_path() {
    let more = BTreeMap::from([("a b".to_owned(), 1), ("c".to_owned(), 2)]);
    let texts = ["x/y".to_owned(), String::new()];
    let at = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
    let (_, sent) = both!(placed, nothing(), client =>
        client.grid(&colour(), &colour(), &more, &colour(), &texts, at));
    assert_eq!(
        target(&sent),
        "/grid/;a=G,200,R,100/;G=200;R=100/.a%20b,1,c,2/G=200,R=100/;e=x%2Fy;e/2026-01-02T03%3A04%3A05Z.json"
    );
}

#[test]
fn values_of_a_query() {
    let day = NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
    let one = |request: Q| {
        let (_, sent) = both!(placed, nothing(), client => client.q_with(&request));
        target(&sent).to_owned()
    };
    assert_eq!(
        one(Q::new().spaced(colour())),
        "/q?spaced=G%20200%20R%20100"
    );
    assert_eq!(one(Q::new().piped(colour())), "/q?piped=G%7C200%7CR%7C100");
    let texts = ["a b", "c"];
    assert_eq!(
        one(Q::new().spaced_list(texts)),
        "/q?spacedList=a%20b&spacedList=c"
    );
    assert_eq!(one(Q::new().form_obj(colour())), "/q?formObj=G,200,R,100");
    let map = BTreeMap::from([("x".to_owned(), "1&2".to_owned())]);
    assert_eq!(one(Q::new().map(map)), "/q?x=1%262");
    let deep = QDeep::new().a(QDeepA::new().b("c")).when(day);
    assert_eq!(
        one(Q::new().deep(deep)),
        "/q?deep%5Ba%5D%5Bb%5D=c&deep%5Bwhen%5D=2026-01-02"
    );
    assert_eq!(one(Q::new().flag(false)), "/q?flag=false");
    assert_eq!(
        one(Q::new().dates([day, day])),
        "/q?dates=2026-01-02,2026-01-02"
    );
    let kinds = [QKind::AB, QKind::Empty];
    assert_eq!(one(Q::new().kinds(kinds)), "/q?kinds=a%20b&kinds=");
    assert_eq!(one(Q::new().one(QOne::Integer(5))), "/q?one=5");
    assert_eq!(one(Q::new().one("t")), "/q?one=t");
    assert_eq!(one(Q::new().filter_name("n")), "/q?filter%5Bname%5D=n");
    assert_eq!(one(Q::new().nullable("")), "/q?nullable=");
    assert_eq!(one(Q::new().num(1e21)), "/q?num=1000000000000000000000");
    assert_eq!(one(Q::new().any(value!([1, "a"]))), "/q?any=1&any=a");
    assert_eq!(one(Q::new().multi(QMulti::Bool(true))), "/q?multi=true");
    let ids = QIds::TextList(vec!["a".to_owned(), "b".to_owned()]);
    assert_eq!(one(Q::new().ids(ids)), "/q?ids=a&ids=b");
    assert_eq!(
        one(Q::new()
            .dates(Vec::<NaiveDate>::new())
            .kinds(Vec::<QKind>::new())),
        "/q"
    );
}

/// What must be there and is always the same is never asked for.
#[test]
fn values_of_headers_and_constants_of_every_kind() {
    let at = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
    let request = H::new()
        .x_dates([at, at])
        .x_obj(colour())
        .x_obj_x(colour())
        .x_json(HxJson::new().a("ä\u{1F600}\"").b(1.0))
        .a("1; 2");
    let (_, sent) = both!(placed, nothing(), client => client.h_with(&request));
    assert_eq!(target(&sent), "/h?num=1.5&list=a&list=b&a=1");
    let said = |name| header(&sent, name);
    assert_eq!(
        said("x-dates"),
        Some("2026-01-02T03:04:05Z,2026-01-02T03:04:05Z")
    );
    assert_eq!(said("x-obj"), Some("G,200,R,100"));
    assert_eq!(said("x-objx"), Some("G=200,R=100"));
    assert_eq!(said("x-const-int"), Some("3"));
    assert_eq!(said("x-const-bool"), Some("true"));
    assert_eq!(
        said("x-json"),
        Some(r#"{"a":"\u00e4\ud83d\ude00\"","b":1.0}"#)
    );
    assert_eq!(said("cookie"), Some("a=1%3B%202"));
    // A list of nothing is no value.
    let (_, sent) = both!(placed, nothing(), client => client.h_with(&H::new().x_dates(Vec::<DateTime<Utc>>::new())));
    assert_eq!(header(&sent, "x-dates"), None);
}

#[test]
fn one_name_in_every_place() {
    let request = SameA::new().id_query("q").id_header("h").id_cookie("c");
    let (_, sent) = both!(placed, nothing(), client => client.same_a_with(7, &request));
    assert_eq!(target(&sent), "/same/7?id=q");
    assert_eq!(header(&sent, "id"), Some("h"));
    assert_eq!(header(&sent, "cookie"), Some("id=c"));
}

#[test]
fn templates_are_kept_to_the_letter() {
    let (_, sent) = both!(placed, nothing(), client => client.same_b("a/b"));
    assert_eq!(target(&sent), "/same/a%2Fb/");
    let (_, sent) = both!(placed, nothing(), client => client.odata(3));
    assert_eq!(target(&sent), "/items(3)");
    let (_, sent) = both!(placed, nothing(), client => client.range(1, 2));
    assert_eq!(target(&sent), "/range/1..2");
    let (_, sent) = both!(placed, nothing(), client => client.enc("%", "ü"));
    assert_eq!(target(&sent), "/enc%20oded/%25/%C3%BC");
    let (_, sent) = both!(placed, nothing(), client => client.const_path());
    assert_eq!(target(&sent), "/const/v%201");
    let (_, sent) = both!(placed, nothing(), client => client.enum_path(2, &[1, 2]));
    assert_eq!(target(&sent), "/enum/2?list=1&list=2");
}
