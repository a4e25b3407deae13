//! Types that look alike are one only where they mean the same.

use diptych_cases::alike::models::{
    All, AllCount, AllFlagged, AllFlaggedFalse, AllLevel, AllLevelString, AllNumbered,
    AllNumbered2, AllTextFirst, AllTextLast, AllTuples, AllWhen, ByFormAnswer, ByKindAnswer,
    ByTypeAnswer, FirstRequest, FourthRequest, PdfRequest, PngRequest, SecondRequest, ThirdRequest,
};
use diptych_cases::alike::{Client, headers, operations};
use diptych_runtime::File;

use crate::{body, both, json, nothing, parts_of, server};

#[test]
fn constants_and_what_only_the_server_says() {
    let (_, sent) = both!(alike, nothing(), client => client.first(&FirstRequest::new("x")));
    assert_eq!(body(&sent), r#"{"v":1,"a":"x"}"#);
    let (_, sent) = both!(alike, nothing(), client => client.second(&SecondRequest::new("x")));
    assert_eq!(body(&sent), r#"{"v":2,"a":"x"}"#);
    let (_, sent) = both!(alike, nothing(), client => client.third(&ThirdRequest::new("x")));
    assert_eq!(body(&sent), r#"{"a":"x"}"#);
    let secret = FourthRequest::new(7, "hidden");
    assert!(!format!("{secret:?}").contains("hidden"));
    let (_, sent) = both!(alike, nothing(), client => client.fourth(&secret));
    assert_eq!(body(&sent), r#"{"v":7,"a":"hidden"}"#);
}

#[test]
fn defaults() {
    let (three, _) = both!(alike, json(200, "{}"), client => client.of_three());
    let (five, _) = both!(alike, json(200, "{}"), client => client.of_five());
    assert_eq!((three.unwrap().n, five.unwrap().n), (3, 5));
}

#[test]
fn how_branches_are_told_apart() {
    let answer = json(200, r#"{"kind":"A","type":"y","b":"x"}"#);
    let (by_kind, _) = both!(alike, answer.clone(), client => client.by_kind());
    assert!(matches!(by_kind.unwrap(), ByKindAnswer::A(_)));
    let (by_type, _) = both!(alike, answer.clone(), client => client.by_type());
    assert!(matches!(by_type.unwrap(), ByTypeAnswer::B(_)));
    let (by_form, _) = both!(alike, answer, client => client.by_form());
    assert!(matches!(by_form.unwrap(), ByFormAnswer::B(_)));
}

#[test]
fn media_types_of_parts() {
    let part = |media_type| format!("\"f\"; filename=\"f\"\r\ncontent-type: {media_type}\r\n\r\nx");
    let form = PngRequest::new().f(File::from("x"));
    let (_, sent) = both!(alike, nothing(), client => client.png(&form));
    assert_eq!(parts_of(&sent), [part("image/png")]);
    let form = PdfRequest::new().f(File::from("x"));
    let (_, sent) = both!(alike, nothing(), client => client.pdf(&form));
    assert_eq!(parts_of(&sent), [part("application/pdf")]);
}

#[test]
fn tuples_constants_and_kinds() {
    let text = concat!(
        r#"{"largest":18446744073709551615,"count":18446744073709551615,"flagged":{"ok":false,"a":"f"},"level":"low","#,
        r#""list":["a","b"],"numbered":{"v":2,"a":"n"},"text_first":{"pair":["t",1]},"text_last":{"pair":[1,"t"]},"#,
        r#""tuples":["t",true],"when":"2026-01-02T03:04:05Z"}"#,
    );
    let when = "2026-01-02T03:04:05Z".parse().unwrap();
    let all = All::new()
        .count(AllCount::Integer(u64::MAX))
        .flagged(AllFlagged::AllFlaggedFalse(AllFlaggedFalse::new().a("f")))
        .level(AllLevel::AllLevelString(AllLevelString::Low))
        .list(["a", "b"])
        .numbered(AllNumbered::AllNumbered2(AllNumbered2::new().a("n")))
        .text_first(AllTextFirst::new().pair(("t".to_owned(), 1)))
        .text_last(AllTextLast::new().pair((1, "t".to_owned())))
        .tuples(AllTuples::Tuple_(("t".to_owned(), true)))
        .when(AllWhen::DateTime(when));
    let (answer, sent) = both!(alike, json(200, text), client => client.all(&all));
    assert_eq!(answer.unwrap(), all);
    assert_eq!(body(&sent), text);
}

#[test]
fn a_whole_number_in_a_header() {
    let text = r#"{"largest":18446744073709551615}"#;
    let answer = json(200, text).header("X-Total", "18446744073709551615");
    let (_server, config) = server(&answer);
    let client = Client::from_config(config).unwrap();
    let call = operations::all(&All::new());
    let (_, answer) = client.execute_with_answer(call).unwrap();
    assert_eq!(headers::All::try_from(&answer).unwrap().x_total, u64::MAX);
}
