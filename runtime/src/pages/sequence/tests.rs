use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;

use super::*;
use crate::call::{RequestBuilder, read};

static LIST: Operation = Operation::new("list", Method::GET, "/list", "Lists");

/// An answer in either of the two forms with fields.
#[derive(Deserialize)]
struct Object {
    items: Vec<i64>,
    page: Option<i64>,
    #[serde(default)]
    pages: i64,
    next: Option<String>,
}

fn call<A: serde::de::DeserializeOwned + 'static>(position: &impl ToString) -> Call<A> {
    let mut http = RequestBuilder::new(&LIST);
    http.query("at", &position.to_string());
    http.answer(read::json)
}

fn by_offset(start: i64, limit: Option<i64>) -> Sequence<i64> {
    Sequence::offset(start, limit, |at| call(&at))
}

fn by_number(first: i64, start: Option<i64>) -> Sequence<i64> {
    Sequence::number(
        first,
        start,
        |at| call(&at),
        |answer: Object| Numbered {
            items: answer.items,
            page: answer.page,
            pages: answer.pages,
        },
    )
}

fn by_link() -> Sequence<i64> {
    let build = |token: Option<&str>| call(&token.unwrap_or("first"));
    Sequence::link("page-token", build, |answer: Object| Linked {
        items: answer.items,
        next: answer.next,
    })
}

/// What is asked for, and what comes of it, until the end.
fn run(
    mut sequence: Sequence<i64>,
    mut server: impl FnMut(&str) -> String,
) -> (Vec<String>, Vec<Vec<i64>>, Option<Error>) {
    let (mut asked, mut pages) = (Vec::new(), Vec::new());
    while let Some(call) = sequence.call() {
        let target = call.request().unwrap().path_and_query().to_owned();
        let body = server(&target["/list?at=".len()..]);
        asked.push(target["/list?at=".len()..].to_owned());
        let answer = Answer::new(StatusCode::OK, HeaderMap::new(), body);
        match sequence.answered(Ok(answer)) {
            Some(Ok(page)) => pages.push(page),
            Some(Err(error)) => {
                assert!(sequence.call().is_none(), "an error is the last thing");
                return (asked, pages, Some(error));
            }
            None => assert!(sequence.call().is_none(), "the end is the end"),
        }
    }
    (asked, pages, None)
}

/// A list of `count` numbers by offset, at most `most` at once.
fn list(count: i64, most: i64) -> impl FnMut(&str) -> String {
    move |at: &str| {
        let from: i64 = at.parse().unwrap();
        format!("{:?}", (from..count.min(from + most)).collect::<Vec<_>>())
    }
}

#[test]
fn without_a_limit_an_empty_page_is_the_end() {
    let (asked, pages, error) = run(by_offset(0, None), list(5, 2));
    assert!(error.is_none());
    assert_eq!(asked, ["0", "2", "4", "5"]);
    assert_eq!(pages, [vec![0, 1], vec![2, 3], vec![4]]);
}

#[test]
fn with_a_limit_a_shorter_page_is_the_end() {
    let (asked, pages, _) = run(by_offset(0, Some(2)), list(5, 2));
    assert_eq!(asked, ["0", "2", "4"]);
    assert_eq!(pages.concat(), [0, 1, 2, 3, 4]);
    let (asked, pages, _) = run(by_offset(1, Some(2)), list(5, 2));
    assert_eq!(asked, ["1", "3", "5"], "the last full page may be the last");
    assert_eq!(pages, [[1, 2], [3, 4]]);
    let (asked, pages, _) = run(by_offset(0, Some(0)), list(5, 0));
    assert_eq!((asked.len(), pages.len()), (1, 0));
}

#[test]
fn an_offset_without_progress_is_an_error() {
    let (asked, pages, error) = run(by_offset(0, Some(2)), |_| "[1,2]".to_owned());
    assert_eq!((asked.len(), pages.len()), (8, 7));
    let error = error.unwrap();
    assert!(error.is_decode());
    assert!(
        error.to_string().contains("passes over the offset"),
        "{error}"
    );
    let (asked, _, error) = run(by_offset(i64::MAX - 1, Some(2)), |_| "[1,2]".to_owned());
    assert_eq!(asked.len(), 1);
    assert!(error.unwrap().to_string().contains("too large"));
}

#[test]
fn a_list_that_grows_at_its_front_may_answer_the_same_again() {
    let (asked, pages, error) = run(by_offset(0, Some(1)), |at| match at {
        "0" | "1" | "2" => "[1]".to_owned(),
        "3" => "[2]".to_owned(),
        _ => "[]".to_owned(),
    });
    assert!(error.is_none());
    assert_eq!((asked.len(), pages.concat()), (5, vec![1, 1, 1, 2]));
}

#[test]
fn numbered_pages_end_where_the_answer_says() {
    let server = |page: &str| format!(r#"{{"items":[{page}],"page":{page},"pages":3}}"#);
    assert_eq!(run(by_number(1, None), server).0, ["1", "2", "3"]);
    assert_eq!(run(by_number(1, Some(3)), server).0, ["3"]);
    assert_eq!(run(by_number(0, None), server).0, ["0", "1", "2"]);
    let (asked, pages, error) = run(by_number(1, Some(9)), |page| {
        format!(r#"{{"items":[],"page":{page},"pages":12}}"#)
    });
    assert_eq!((asked.len(), pages.len()), (1, 0));
    assert!(error.is_none(), "an empty page is the end as well");
}

#[test]
fn a_number_without_progress_is_an_error() {
    let same = |_: &str| r#"{"items":[1],"page":1,"pages":3}"#.to_owned();
    let (asked, _, error) = run(by_number(1, None), same);
    assert_eq!(asked, ["1", "2"]);
    let error = error.unwrap().to_string();
    assert!(
        error.contains("page 2 was asked for, page 1 came"),
        "{error}"
    );
    let more = |_: &str| format!(r#"{{"items":[1],"pages":{}}}"#, i64::MAX);
    let (asked, _, error) = run(by_number(i64::MAX, None), more);
    assert_eq!(asked.len(), 1);
    assert!(error.unwrap().to_string().contains("too large"));
}

/// A server whose tokens follow each other as given.
fn links(next: impl Fn(&str) -> Option<String>) -> impl FnMut(&str) -> String {
    move |at: &str| match next(at) {
        Some(next) => format!(r#"{{"items":[1],"next":"{next}"}}"#),
        None => r#"{"items":[2],"next":null}"#.to_owned(),
    }
}

#[test]
fn only_the_token_is_taken_from_a_link() {
    let (asked, pages, error) = run(
        by_link(),
        links(|at| match at {
            "first" => Some("https://evil.example/steal?a=1&page-token=b%2F%3D&c#d?e".to_owned()),
            "b%2F%3D" => Some("?page-token=c".to_owned()),
            _ => None,
        }),
    );
    assert!(error.is_none());
    assert_eq!(asked, ["first", "b%2F%3D", "c"]);
    assert_eq!(pages, [[1], [1], [2]]);
}

#[test]
fn a_link_without_a_token_is_an_error() {
    for next in [
        "",
        "http://host/",
        "?page-token=",
        "?other=a",
        "page-token=a",
    ] {
        let (asked, _, error) = run(by_link(), links(|_| Some(next.to_owned())));
        assert_eq!(asked.len(), 1, "{next}");
        let error = error.unwrap().to_string();
        assert!(error.contains("has no `page-token`"), "{error}");
        assert!(next.is_empty() || !error.contains(next), "{error}");
    }
}

#[test]
fn links_that_lead_in_a_circle_are_an_error() {
    for (before, round) in [(0, 1), (1, 1), (3, 1), (0, 2), (5, 7), (1, 40)] {
        let step = |at: &str| {
            let at: u32 = at.parse().unwrap_or(0);
            let next = if at + 1 < before + round {
                at + 1
            } else {
                before
            };
            Some(format!("?page-token={next}"))
        };
        let (asked, _, error) = run(by_link(), links(step));
        let error = error.unwrap().to_string();
        assert!(error.contains("one that came before"), "{error}");
        assert!(asked.len() < 4 * 48, "{before} {round}: {}", asked.len());
    }
    let (asked, _, error) = run(by_link(), |_| {
        r#"{"items":[],"next":"?page-token=a"}"#.to_owned()
    });
    assert_eq!(asked.len(), 1);
    assert!(error.unwrap().to_string().contains("without items"));
}

#[test]
fn what_fails_ends_the_pages() {
    for answer in [
        Err(Error::request(&LIST, "no")),
        Ok(Answer::new(StatusCode::NOT_FOUND, HeaderMap::new(), "")),
        Ok(Answer::new(StatusCode::OK, HeaderMap::new(), "{}")),
    ] {
        let mut sequence = by_offset(0, None);
        assert!(sequence.call().is_some());
        let error = sequence.answered(answer).unwrap().unwrap_err();
        assert_eq!(error.operation(), Some("list"));
        assert!(sequence.call().is_none());
    }
}
