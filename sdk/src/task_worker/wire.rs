//! What is said on the connection of a worker. No I/O.

use prefect_client::models::TaskRun;
use serde_json::json;

/// Where the server hands out runs, below the API.
pub(super) const PATH: &str = "/task_runs/subscriptions/scheduled";

/// Says of which tasks runs are wanted, and who wants them.
pub(super) fn subscribe(keys: &[&str], client_id: &str) -> String {
    json!({"type": "subscribe", "keys": keys, "client_id": client_id}).to_string()
}

/// Says that the run that was handed out last is taken.
pub(super) fn ack() -> String {
    json!({"type": "ack"}).to_string()
}

/// As Python's workers call themselves: the machine and the process.
pub(super) fn client_id() -> String {
    let host = gethostname::gethostname();
    format!("{}-{}", host.to_string_lossy(), std::process::id())
}

pub(super) fn read(text: &str) -> Result<TaskRun, serde_json::Error> {
    serde_json::from_str(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_python_s() {
        let told = subscribe(&["a-1", "b-2"], "host-7");
        let expected = json!({"type": "subscribe", "keys": ["a-1", "b-2"], "client_id": "host-7"});
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&told).unwrap(),
            expected
        );
        assert_eq!(ack(), r#"{"type":"ack"}"#);
        assert!(client_id().ends_with(&std::process::id().to_string()));
        for poison in ["", "{}", "null", r#"{"id": 1}"#] {
            assert!(read(poison).is_err(), "{poison}");
        }
    }
}
