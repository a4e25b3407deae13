//! Prefect's handshake: the client's first message says who it is, and the server's first one says that it may go on.

use diptych_macros::dual;
use serde_json::{Value, json};

#[dual(sdk)]
use super::AsyncSocket;
use super::{ANSWER_TIMEOUT, Broken, Endpoint, Incoming};
use crate::faces::sdk;

/// Opens a websocket and says who the client is.
#[dual(sdk)]
pub(crate) async fn aconnect(endpoint: &Endpoint) -> Result<AsyncSocket, Broken> {
    let mut socket = AsyncSocket::open(endpoint).await?;
    let token = endpoint.token()?;
    let token = token.as_ref().map(prefect_client::Secret::expose);
    let who = json!({"type": "auth", "token": token}).to_string();
    socket.send(who.into()).await?;
    loop {
        match socket.receive(ANSWER_TIMEOUT).await? {
            Incoming::Text(text) => {
                check(&text)?;
                return Ok(socket);
            }
            Incoming::Pong => {}
            Incoming::Nothing => return Err(Broken::lost("the server does not answer")),
        }
    }
}

fn check(answer: &str) -> Result<(), Broken> {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    if answer.get("type").and_then(Value::as_str) == Some("auth_success") {
        return Ok(());
    }
    let reason = answer.get("reason").and_then(Value::as_str);
    Err(Broken::Refused(
        reason.unwrap_or("it gives no reason").to_owned(),
    ))
}
