//! An operation gets the credentials that it asks for, of those that the client has.

use diptych_cases::asked::{AsyncClient, Client, security};
use diptych_runtime::{Config, Error, Secret};
use test_server::Request;

use crate::{nothing, on_tokio, plain, server};

/// What one call in each face sends with a configuration that is made of the server's.
macro_rules! sent {
    ($method:ident, $make:expr) => {{
        let make: fn(Config) -> Result<Config, Error> = $make;
        let (recorded, config) = server(&nothing());
        let client = Client::from_config(make(config).unwrap()).unwrap();
        client.$method().unwrap();
        let mut sent = plain(recorded.take());
        let also_sent = on_tokio(async {
            let (recorded, config) = server(&nothing());
            let client = AsyncClient::from_config(make(config).unwrap()).unwrap();
            client.$method().await.unwrap();
            plain(recorded.take())
        });
        assert_eq!(sent, also_sent, "the faces differ in what they send");
        said(&sent.remove(0))
    }};
}

/// What a request says of who asks.
fn said(request: &Request) -> [Option<String>; 4] {
    let header = |name| request.header(name).map(str::to_owned);
    let key = request.target.split_once("?api%20key=");
    let key = key.map(|(_, key)| key.to_owned());
    [
        header("authorization"),
        header("x-key"),
        header("cookie"),
        key,
    ]
}

fn all(config: Config) -> Result<Config, Error> {
    let config = security::key_in_header(security::token(config, "t")?, "h")?;
    security::key_in_cookie(security::key_in_query(config, "q")?, "c")
}

fn some(texts: [&str; 4]) -> [Option<String>; 4] {
    texts.map(|text| (!text.is_empty()).then(|| text.to_owned()))
}

#[test]
fn only_what_an_operation_names_is_sent() {
    assert_eq!(sent!(usual, all), some(["Bearer t", "", "", ""]));
    assert_eq!(sent!(open, all), some(["", "", "", ""]));
    assert_eq!(sent!(one, all), some(["", "", "", "q"]));
    assert_eq!(sent!(both, all), some(["", "h", "sid=c", ""]));
}

#[test]
fn of_several_ways_the_first_that_the_client_has_is_taken() {
    let half = |config| security::key_in_header(security::token(config, "t")?, "h");
    assert_eq!(sent!(both, half), some(["Bearer t", "", "", ""]));
    let nothing_whole = |config| security::key_in_header(config, "h");
    assert_eq!(sent!(both, nothing_whole), some(["", "h", "", ""]));
    assert_eq!(sent!(maybe, all), some(["", "", "", ""]));
    let basic = |config| security::basic(config, "u", "p");
    assert_eq!(sent!(maybe, basic), some(["Basic dTpw", "", "", ""]));
}

#[test]
fn what_no_scheme_of_the_client_can_say_is_left_to_the_caller() {
    let whole = some(["Bearer t", "h", "sid=c", "q"]);
    assert_eq!(sent!(other, all), whole);
}

#[test]
fn a_token_is_not_asked_for_where_nothing_is_said_of_who_asks() {
    let dry = |config| security::flow(config, || Err("the well is dry".into()));
    assert_eq!(sent!(open, dry), some(["", "", "", ""]));
    let flow = |config| security::flow(config, || Ok(Secret::from("f")));
    assert_eq!(sent!(usual, flow), some(["Bearer f", "", "", ""]));
}
