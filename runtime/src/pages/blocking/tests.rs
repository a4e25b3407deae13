use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use super::*;
use crate::call::{Answer, RequestBuilder, TransportError, read as reader};
use crate::config::Config;
use crate::transport::Transport;

static LIST: Operation = Operation::new("list", Method::GET, "/list", "Lists");

/// A bound against hanging.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers two numbers for each request until five are given, after the gate was passed.
#[derive(Clone, Default)]
struct Server {
    asked: Arc<AtomicUsize>,
    gate: Arc<Mutex<()>>,
    fails: Option<fn() -> Answer>,
}

impl Transport for Server {
    fn send(&self, _: http::Request<Bytes>, _: Option<Instant>) -> Result<Answer, TransportError> {
        let turn = self.asked.fetch_add(1, Ordering::SeqCst);
        drop(self.gate.lock());
        if let Some(fails) = self.fails.filter(|_| turn == 1) {
            return Ok(fails());
        }
        let body = ["[0,1]", "[2,3]", "[4]", "[]"][turn.min(3)];
        Ok(Answer::new(StatusCode::OK, HeaderMap::new(), body))
    }
}

impl Server {
    fn pages(&self) -> Pages<Client, i64> {
        let config = Config::new("http://host").unwrap().transport(self.clone());
        let sequence = Sequence::offset(0, None, |offset| {
            let mut http = RequestBuilder::new(&LIST);
            http.query("offset", &offset);
            http.answer(reader::json)
        });
        Pages::new(Client::new(config).unwrap(), sequence)
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "{what}");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn items_come_in_order_and_pages_as_they_are() {
    for ahead in [false, true] {
        let pages = |server: &Server| {
            if ahead {
                server.pages().read_ahead()
            } else {
                server.pages()
            }
        };
        let server = Server::default();
        let items: Result<Vec<i64>, _> = pages(&server).collect();
        assert_eq!(items.unwrap(), [0, 1, 2, 3, 4]);
        assert_eq!(server.asked(), 4);
        let by_page = pages(&Server::default()).by_page();
        let by_page: Result<Vec<Vec<i64>>, _> = by_page.collect();
        assert_eq!(by_page.unwrap(), [vec![0, 1], vec![2, 3], vec![4]]);
    }
}

#[test]
fn what_is_left_of_a_page_comes_before_the_next_one() {
    let server = Server::default();
    let mut pages = server.pages();
    assert_eq!(pages.next().unwrap().unwrap(), 0);
    assert_eq!(pages.next_page().unwrap().unwrap(), [1]);
    assert_eq!(pages.next_page().unwrap().unwrap(), [2, 3]);
    assert_eq!(pages.next().unwrap().unwrap(), 4);
    assert!(pages.next_page().is_none());
    assert!(pages.next().is_none());
    assert_eq!(server.asked(), 4, "after the end nobody is asked");
}

#[test]
fn nothing_is_sent_before_it_is_asked_for() {
    let server = Server::default();
    let mut pages = server.pages();
    assert_eq!(server.asked(), 0);
    pages.next_page().unwrap().unwrap();
    assert_eq!(server.asked(), 1);
    drop(server.pages().read_ahead());
    assert_eq!(server.asked(), 1);
}

#[test]
fn one_page_is_read_ahead_and_no_more() {
    let server = Server::default();
    let mut pages = server.pages().read_ahead();
    for page in 1..3 {
        pages.next_page().unwrap().unwrap();
        wait_until("the next page is read", || server.asked() == page + 1);
        // Were there a third page in the air, it would be asked for now.
        thread::sleep(Duration::from_millis(20));
        assert_eq!(server.asked(), page + 1);
    }
}

#[test]
fn dropped_pages_wait_for_nobody_and_leave_no_thread() {
    let server = Server::default();
    let mut pages = server.pages().read_ahead();
    pages.next_page().unwrap().unwrap();
    wait_until("the second page is read", || server.asked() == 2);
    assert!(Arc::strong_count(&server.asked) > 1);
    drop(pages);
    wait_until("the thread ends", || Arc::strong_count(&server.asked) == 1);

    let server = Server::default();
    let gate = server.gate.lock().unwrap();
    let mut pages = server.pages().read_ahead();
    let State::Ready(sequence) = std::mem::replace(&mut pages.state, State::Over) else {
        panic!("nothing was asked yet");
    };
    let ahead = start(pages.face.clone(), sequence).unwrap();
    pages.state = State::Underway(ahead);
    wait_until("the first page is asked for", || server.asked() == 1);
    // The server has not answered: waiting for the thread would last for ever.
    drop(pages);
    drop(gate);
    wait_until("the thread ends", || Arc::strong_count(&server.asked) == 1);
}

#[test]
fn an_error_comes_once_and_ends_the_pages() {
    for ahead in [false, true] {
        let server = Server {
            fails: Some(|| Answer::new(StatusCode::BAD_GATEWAY, HeaderMap::new(), "")),
            ..Server::default()
        };
        let mut pages = server.pages();
        if ahead {
            pages = pages.read_ahead();
        }
        let outcomes: Vec<_> = pages.by_ref().collect();
        assert!(outcomes[..2].iter().all(Result::is_ok));
        let error = outcomes[2].as_ref().unwrap_err();
        assert_eq!(error.status(), Some(StatusCode::BAD_GATEWAY));
        assert_eq!(outcomes.len(), 3);
        assert!(pages.next_page().is_none());
        assert_eq!(server.asked(), 2);
    }
}

#[test]
fn a_thread_that_panics_is_an_error_and_no_end() {
    let server = Server {
        fails: Some(|| panic!("a transport that somebody wrote")),
        ..Server::default()
    };
    let mut pages = server.pages().read_ahead();
    assert!(pages.next_page().unwrap().is_ok());
    let error = pages.next_page().unwrap().unwrap_err();
    assert_eq!(error.operation(), Some("list"));
    assert!(
        error.to_string().contains("the exchange broke off: "),
        "{error}"
    );
    assert!(pages.next_page().is_none());
}

#[test]
fn what_is_shown_of_pages_has_no_items() {
    let mut pages = Server::default().pages();
    pages.next().unwrap().unwrap();
    let shown = format!("{pages:?} {:?}", Server::default().pages().by_page());
    assert!(shown.contains("items: 1"), "{shown}");
    assert!(shown.contains("ready"), "{shown}");
}
