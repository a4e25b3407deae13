//! Discord's webhooks.

use crate::blocks::Block;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::NotificationBlock;
use super::notice::{Notice, NotifyType, is_word};
use super::request::NotificationRequest;
use crate::Error;
use crate::blocks::SecretString;

/// Tells a channel of Discord, by a webhook.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "Discord Webhook",
    capabilities("notify"),
    version = prefect_client::PREFECT_VERSION,
    predefined
)]
#[non_exhaustive]
pub struct DiscordWebhook {
    /// What kind of notice it is.
    #[serde(default)]
    pub notify_type: NotifyType,
    /// The number in the webhook's address.
    pub webhook_id: SecretString,
    /// The token in the webhook's address.
    pub webhook_token: SecretString,
    /// The name that the message comes from; the webhook's own unless set.
    #[serde(default)]
    pub botname: Option<String>,
    /// Whether the message is read out.
    #[serde(default)]
    pub tts: bool,
    /// Whether a picture shows what kind of notice it is.
    #[serde(default)]
    pub include_image: bool,
    /// Whether the picture of who sends it shows what kind of notice it is.
    #[serde(default)]
    pub avatar: bool,
    /// The picture of who sends it.
    #[serde(default)]
    pub avatar_url: Option<String>,
}

impl DiscordWebhook {
    /// Tells by the webhook whose address ends in this number and this token.
    #[must_use]
    pub fn new(id: impl Into<SecretString>, token: impl Into<SecretString>) -> Self {
        Self {
            notify_type: NotifyType::default(),
            webhook_id: id.into(),
            webhook_token: token.into(),
            botname: None,
            tts: false,
            include_image: false,
            avatar: false,
            avatar_url: None,
        }
    }

    fn url(&self) -> Result<String, Error> {
        let (id, token) = (self.webhook_id.expose(), self.webhook_token.expose());
        if !is_word(id) || !is_word(token) {
            let text = "the id and token are not those of a webhook of Discord: a number, and the word behind it";
            return Err(Error::invalid(text));
        }
        Ok(format!("https://discord.com/api/webhooks/{id}/{token}"))
    }
}

impl NotificationBlock for DiscordWebhook {
    fn requests(&self, notice: &Notice<'_>) -> Result<Vec<NotificationRequest>, Error> {
        let mut message = json!({
            "tts": self.tts,
            // What is read out is not waited for.
            "wait": !self.tts,
            "content": notice.whole(),
        });
        if self.avatar {
            let own = self.avatar_url.clone();
            let url = own.unwrap_or_else(|| self.notify_type.image(256));
            message["avatar_url"] = url.into();
        }
        if let Some(name) = &self.botname {
            message["username"] = name.as_str().into();
        }
        let mut request = NotificationRequest::json("Discord", &self.url()?, &message)?;
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        request.set(CONTENT_TYPE, json);
        Ok(vec![request.accepting(&[200, 204])])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python's block loses it on the way to Apprise.
    #[test]
    fn the_name_that_was_chosen_is_sent() {
        let mut block = DiscordWebhook::new("1", "t");
        block.botname = Some("bot".to_owned());
        let options = super::super::NotifyOptions::new();
        let notice = Notice::new("B", &options).unwrap();
        let requests = block.requests(&notice).unwrap();
        let sent: serde_json::Value = serde_json::from_slice(requests[0].http.body()).unwrap();
        assert_eq!(sent["username"], "bot");
    }

    #[test]
    fn what_would_change_the_address_is_refused() {
        for (id, token) in [("1/2", "t"), ("1", "t?x"), ("", "t"), ("1", "..")] {
            let block = DiscordWebhook::new(id, token);
            assert!(block.url().unwrap_err().is_invalid());
        }
    }
}
