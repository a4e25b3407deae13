//! Sending requests to services.

use std::sync::OnceLock;
use std::time::Instant;

use diptych_macros::dual;
use prefect_client::Config;
#[cfg(feature = "async")]
use prefect_client::transport::{AsyncTransport as _, ReqwestTransport};
#[cfg(feature = "blocking")]
use prefect_client::transport::{HttpTransport, Transport as _};
use prefect_client::transport::{TransportError, TransportErrorKind};

use super::request::{Addresses, NotificationRequest};
use super::telling;
use crate::Error;
use crate::made_once::made_once;
use crate::notified::NotifiedTarget;

/// Tells each target, one after the other, whatever happens to those before.
///
/// # Errors
///
/// A target was not told, or none was to be.
#[dual(telling)]
pub(super) async fn atell(requests: Vec<NotificationRequest>) -> Result<(), Error> {
    if requests.is_empty() {
        return Err(Error::invalid("there is no target to be told"));
    }
    let mut targets = Vec::with_capacity(requests.len());
    for request in requests {
        let name = request.target.clone();
        let failure = atell_one(request).await?;
        targets.push(NotifiedTarget { name, failure });
    }
    verdict(targets)
}

/// Why the target was not told, if so.
///
/// # Errors
///
/// Nothing can be sent at all.
#[dual(telling)]
async fn atell_one(request: NotificationRequest) -> Result<Option<String>, Error> {
    let deadline = Instant::now().checked_add(request.timeout);
    let transport = atransport(request.addresses)?;
    Ok(match transport.send(request.http, deadline).await {
        Ok(answer) => request.accepts.refusal(&answer),
        Err(error) => Some(reason(&error)),
    })
}

/// Says how many were told only where that is known: a target that did not answer may have been told.
fn verdict(targets: Vec<NotifiedTarget>) -> Result<(), Error> {
    let failures: Vec<String> = targets
        .iter()
        .filter_map(|target| Some(format!("{}: {}", target.name, target.failure.as_ref()?)))
        .collect();
    if failures.is_empty() {
        return Ok(());
    }
    let text = match targets.len() {
        1 => failures.join(""),
        all => format!(
            "{} of {all} targets are not known to be told: {}",
            failures.len(),
            failures.join("; ")
        ),
    };
    Err(Error::undelivered(text, targets))
}

fn reason(error: &TransportError) -> String {
    match error.kind() {
        TransportErrorKind::Timeout => "it did not answer in time".to_owned(),
        _ => error.to_string(),
    }
}

/// What sends the requests of all blocks of this process.
#[cfg(feature = "async")]
fn atransport(addresses: Addresses) -> Result<&'static ReqwestTransport, Error> {
    static ANY: OnceLock<ReqwestTransport> = OnceLock::new();
    static PUBLIC: OnceLock<ReqwestTransport> = OnceLock::new();
    match addresses {
        Addresses::Any => made_once(&ANY, || ReqwestTransport::new(&config()?)),
        Addresses::Public => made_once(&PUBLIC, || {
            ReqwestTransport::new(&config()?.public_addresses_only())
        }),
    }
}

/// What sends the requests of all blocks of this process, on the calling thread.
#[cfg(feature = "blocking")]
fn transport(addresses: Addresses) -> Result<&'static HttpTransport, Error> {
    static ANY: OnceLock<HttpTransport> = OnceLock::new();
    static PUBLIC: OnceLock<HttpTransport> = OnceLock::new();
    match addresses {
        Addresses::Any => made_once(&ANY, || HttpTransport::new(&config()?)),
        Addresses::Public => made_once(&PUBLIC, || {
            HttpTransport::new(&config()?.public_addresses_only())
        }),
    }
}

/// The services have addresses of their own, so the base URL is never asked.
fn config() -> Result<Config, prefect_client::Error> {
    Config::new("https://localhost")
}

#[cfg(all(test, feature = "blocking", feature = "async"))]
mod tests {
    use std::time::Duration;

    use prefect_client::transport::Bytes;
    use test_server::{Answer, Door, End, Fault, Server};

    use super::*;

    fn request(target: &str, url: &str) -> NotificationRequest {
        NotificationRequest::post(target, url, Bytes::from_static(b"s3cret")).unwrap()
    }

    /// What each face says of the same requests.
    fn both(requests: &[NotificationRequest]) -> [Result<(), Error>; 2] {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let awaited = runtime.unwrap().block_on(atell(requests.to_vec()));
        [tell(requests.to_vec()), awaited]
    }

    fn url(server: &Server) -> String {
        format!("{}/s3cret", server.url())
    }

    #[test]
    fn each_target_is_told_whatever_happens_to_the_others() {
        let server = Server::answering(|request| match request.target.as_str() {
            "/api/good" => Answer::new(200, "text/plain", "ok"),
            _ => Answer::new(404, "text/plain", "no s3cret here"),
        })
        .unwrap();
        let to = |name: &str| request(name, &format!("{}/{name}", server.url()));
        let nobody = request("nobody", "http://127.0.0.1:1/s3cret");
        for outcome in both(&[to("bad"), nobody, to("good")]) {
            let error = outcome.unwrap_err();
            assert!(error.is_undelivered());
            let failed = |target: &NotifiedTarget| (target.name.clone(), target.failure.is_some());
            let told: Vec<_> = error.targets().iter().map(failed).collect();
            let expected = [("bad", true), ("nobody", true), ("good", false)];
            assert_eq!(
                told,
                expected.map(|(name, failed)| (name.to_owned(), failed))
            );
            let text = format!("{error} {error:?}");
            assert!(text.contains("2 of 3") && text.contains("404"), "{text}");
            assert!(!text.contains("s3cret"), "{text}");
        }
        assert!(both(&[to("good")]).iter().all(Result::is_ok));
        assert_eq!(server.requests().len(), 6);
        assert!(
            server
                .requests()
                .iter()
                .all(|request| request.body == b"s3cret")
        );
    }

    #[test]
    fn what_does_not_answer_ends_in_time_and_is_not_said_to_be_untold() {
        let server = Server::start(Door::Open, [Fault::Unread(End::Stall)]).unwrap();
        let slow = request("slow", &url(&server)).timeout(Duration::from_millis(200));
        for outcome in both(&[slow]) {
            let text = outcome.unwrap_err().to_string();
            assert_eq!(text, "slow: it did not answer in time");
        }
    }

    #[test]
    fn a_redirect_and_a_wrong_text_are_failures() {
        let redirect = Server::answering(|_| Answer::redirect(302, "/api/elsewhere")).unwrap();
        let wrong = Server::answering(|_| Answer::new(200, "text/plain", "no")).unwrap();
        let requests = [
            request("away", &url(&redirect)),
            request("wrong", &url(&wrong)).accepting_text("ok"),
        ];
        for outcome in both(&requests) {
            let failures = outcome.unwrap_err();
            let failures: Vec<_> = failures
                .targets()
                .iter()
                .map(|it| it.failure.clone())
                .collect();
            let expected = ["it answered 302 Found", "it answered 200 OK, but not `ok`"];
            assert_eq!(failures, expected.map(|text| Some(text.to_owned())));
        }
        assert_eq!(redirect.requests().len(), 2);
    }

    #[test]
    fn private_addresses_are_refused_where_the_connection_is_made() {
        let server = Server::answering(|_| Answer::json(200, "{}")).unwrap();
        // What resolvers and URL parsers take for an address, too.
        let in_words = |host| server.url().replace("127.0.0.1", host);
        let (number, short) = (in_words("2130706433"), in_words("127.1"));
        for url in [server.url(), server.url_by_name(), number, short] {
            let private = request("inside", &url).public_addresses_only();
            for outcome in both(&[private]) {
                let text = outcome.unwrap_err().to_string();
                assert!(text.contains("only public addresses are allowed"), "{text}");
            }
        }
        assert_eq!(server.connections(), 0);
    }
}
