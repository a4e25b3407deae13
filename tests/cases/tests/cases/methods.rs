//! Methods that 3.2 added: QUERY, and any other as it is written.

use diptych_cases::other_methods::models::{CopyNotesIdRequest, SearchRequest};
use diptych_cases::other_methods::operations;
use diptych_cases::other_methods::requests::Search;

use crate::{body, both, header, json, nothing, reply, target};

#[test]
fn a_query_has_a_body_and_may_be_sent_twice() {
    let request = Search::new().page(2);
    let (got, sent) = both!(other_methods, json(200, r#"["a"]"#), client =>
        client.search_with(&SearchRequest::new("t"), &request));
    assert_eq!(got.unwrap(), ["a"]);
    assert_eq!(
        (sent[0].method.as_str(), target(&sent)),
        ("QUERY", "/notes?page=2")
    );
    assert_eq!(body(&sent), r#"{"text":"t"}"#);
    assert_eq!(header(&sent, "content-length"), Some("12"));
    assert!(operations::SEARCH.is_repeatable());
    let (got, sent) = both!(other_methods, reply(200, "text/csv", "a,b"), client =>
        client.search_as_csv(&SearchRequest::new("t")));
    assert_eq!(got.unwrap(), "a,b");
    assert_eq!(sent[0].method, "QUERY");
}

#[test]
fn other_methods_are_sent_as_they_are_written() {
    let (_, sent) = both!(other_methods, nothing(), client => client.link("x"));
    assert_eq!(
        (sent[0].method.as_str(), target(&sent)),
        ("LINK", "/notes?to=x")
    );
    let (_, sent) = both!(other_methods, nothing(), client => client.purge_notes());
    assert_eq!(
        (sent[0].method.as_str(), target(&sent)),
        ("purge", "/notes")
    );
    let copy = CopyNotesIdRequest::new().to("y");
    let (_, sent) = both!(other_methods, json(201, ""), client => client.copy_notes_id(3, &copy));
    assert_eq!(
        (sent[0].method.as_str(), target(&sent)),
        ("COPY", "/notes/3")
    );
    assert_eq!(body(&sent), r#"{"to":"y"}"#);
    let (_, sent) = both!(other_methods, json(201, ""), client =>
        client.copy_notes_id_from_text(3, "t"));
    assert_eq!((sent[0].method.as_str(), body(&sent)), ("COPY", "t"));
    assert!(!operations::LINK.is_repeatable());
    assert_eq!(operations::ALL.len(), 7);
}
