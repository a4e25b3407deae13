//! What the environment of a process says: which server it talks to and as whom, and which run it is for.

use std::time::Duration;

use prefect_client::Config;
use prefect_client::transport::http::header::AUTHORIZATION;
use uuid::Uuid;

use crate::context::FLOW_RUN_ID;
use crate::entry::{HOOKS_OF_PARENT, OWN_CANCELLATION};

/// How the names of variables begin by which Prefect tells a process of its run.
pub(super) const OF_A_RUN: &str = "PREFECT__";

/// The runner calls the hooks of the run, where it says how that ends.
pub(super) const HOOKS_OF_RUNNER: [&str; 2] = [HOOKS_OF_PARENT, "true"];
/// A process of Python's that is cancelled says so, and calls the hooks of its flow, as nobody else here has them.
pub(super) const OF_PYTHON: [&str; 2] = [OWN_CANCELLATION, "true"];

const HEARTBEAT: &str = "PREFECT_FLOWS_HEARTBEAT_FREQUENCY";
const KEY: &str = "PREFECT_API_KEY";
const AUTH_STRING: &str = "PREFECT_API_AUTH_STRING";

/// The server of the runner's client, and who that says it is: what the environment says may be meant for another server.
pub(super) fn of_the_server(config: &Config) -> Vec<(String, String)> {
    let mut env = vec![("PREFECT_API_URL".to_owned(), config.base_url())];
    let headers = config.own_headers();
    let header = headers.get(AUTHORIZATION);
    let is_basic = header.is_some_and(|value| value.as_bytes().starts_with(b"Basic "));
    let (key, auth_string) = match config.credential() {
        Some(secret) if is_basic => ("", secret.expose()),
        Some(secret) => (secret.expose(), ""),
        // A header of the client's own is not known to be a key.
        None if header.is_some() => return env,
        None => ("", ""),
    };
    env.push((KEY.to_owned(), key.to_owned()));
    env.push((AUTH_STRING.to_owned(), auth_string.to_owned()));
    env
}

/// How often a run says that it is alive. Prefect takes no less than 30 seconds, and whole ones.
pub(super) fn heartbeat(every: Duration) -> (String, String) {
    let seconds = every.as_secs().clamp(30, u64::from(u32::MAX));
    (HEARTBEAT.to_owned(), seconds.to_string())
}

/// What a process is told of its run: as Prefect's runner tells it, which reports cancellations itself.
pub(super) fn of_the_run(id: Uuid) -> [(String, String); 2] {
    [
        (FLOW_RUN_ID, id.to_string()),
        (OWN_CANCELLATION, "false".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use prefect_client::{Authorization, Config, Secret};

    use super::*;

    fn said(authorization: Option<Authorization>) -> Vec<(String, String)> {
        let mut config = Config::new("http://localhost:4200/api").unwrap();
        if let Some(authorization) = authorization {
            config = config.authorization(&authorization).unwrap();
        }
        of_the_server(&config)
    }

    fn pairs(env: &[(&str, &str)]) -> Vec<(String, String)> {
        let env = env.iter();
        env.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_heartbeat_is_as_prefect_takes_it() {
        for (every, said) in [
            (Duration::ZERO, "30"),
            (Duration::from_millis(90_500), "90"),
            (Duration::MAX, "4294967295"),
        ] {
            assert_eq!(heartbeat(every).1, said);
        }
    }

    #[test]
    fn a_process_says_to_the_server_what_the_runner_says() {
        let url = ("PREFECT_API_URL", "http://localhost:4200/api");
        let key = Authorization::Bearer(Secret::from("k3y"));
        let auth_string = Authorization::Basic(Secret::from("me:s3cret"));
        assert_eq!(
            said(Some(key)),
            pairs(&[url, (KEY, "k3y"), (AUTH_STRING, "")])
        );
        let expected = pairs(&[url, (KEY, ""), (AUTH_STRING, "me:s3cret")]);
        assert_eq!(said(Some(auth_string)), expected);
        // The environment's key is another server's.
        assert_eq!(said(None), pairs(&[url, (KEY, ""), (AUTH_STRING, "")]));
    }
}
