//! Mattermost's incoming webhooks.

use crate::blocks::Block;
use http::HeaderValue;
use http::header::USER_AGENT;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::NotificationBlock;
use super::notice::{APPRISE, Notice, NotifyType, words};
use super::request::NotificationRequest;
use crate::Error;
use crate::blocks::SecretString;

/// Tells channels of a Mattermost server, by an incoming webhook.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "Mattermost Webhook",
    capabilities("notify"),
    version = prefect_client::PREFECT_VERSION,
    predefined
)]
#[non_exhaustive]
pub struct MattermostWebhook {
    /// What kind of notice it is.
    #[serde(default)]
    pub notify_type: NotifyType,
    /// The server's host.
    pub hostname: String,
    /// Whether it is asked by TLS.
    #[serde(default)]
    pub secure: bool,
    /// The webhook's token.
    pub token: SecretString,
    /// The name that the message comes from.
    #[serde(default)]
    pub botname: Option<String>,
    /// The channels; the webhook's own unless there are any.
    #[serde(default)]
    pub channels: Option<Vec<String>>,
    /// Whether a picture shows what kind of notice it is.
    #[serde(default)]
    pub include_image: bool,
    /// The path that the server's own begins with.
    #[serde(default)]
    pub path: Option<String>,
    /// The server's port.
    #[serde(default = "port")]
    pub port: u16,
}

fn port() -> u16 {
    8065
}

impl MattermostWebhook {
    /// Tells the webhook's own channel.
    #[must_use]
    pub fn new(hostname: impl Into<String>, token: impl Into<SecretString>) -> Self {
        Self {
            notify_type: NotifyType::default(),
            hostname: hostname.into(),
            secure: false,
            token: token.into(),
            botname: None,
            channels: None,
            include_image: false,
            path: None,
            port: port(),
        }
    }

    fn url(&self) -> Result<String, Error> {
        let scheme = if self.secure { "https" } else { "http" };
        let is_host = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        if self.hostname.is_empty() || !self.hostname.chars().all(is_host) {
            let text = format!("`{}` is no host of a Mattermost server", self.hostname);
            return Err(Error::invalid(text));
        }
        let token = self.token.expose();
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(Error::invalid(
                "the token is not that of a webhook of Mattermost",
            ));
        }
        let path = match self.path.as_deref().map(|path| path.trim_matches('/')) {
            None | Some("") => String::new(),
            Some(path) => format!("/{path}"),
        };
        let (host, port) = (self.hostname.to_ascii_lowercase(), self.port);
        Ok(format!("{scheme}://{host}:{port}{path}/hooks/{token}"))
    }
}

impl NotificationBlock for MattermostWebhook {
    fn requests(&self, notice: &Notice<'_>) -> Result<Vec<NotificationRequest>, Error> {
        let url = self.url()?;
        let mut message = json!({
            "text": notice.whole(),
            "username": self.botname.as_deref().unwrap_or(APPRISE),
        });
        if self.include_image {
            message["icon_url"] = self.notify_type.image(72).into();
        }
        let channels = self.channels.as_deref().unwrap_or_default();
        let channels: Vec<&str> = words(channels)
            .into_iter()
            .map(|channel| channel.trim_start_matches('#'))
            .collect();
        let one =
            |target: &str, message: &serde_json::Value| -> Result<NotificationRequest, Error> {
                let mut request = NotificationRequest::json(target, &url, message)?;
                request.set(USER_AGENT, HeaderValue::from_static(APPRISE));
                Ok(request.accepting(&[200]))
            };
        if channels.is_empty() {
            return Ok(vec![one("Mattermost", &message)?]);
        }
        let mut told = Vec::new();
        for channel in channels {
            message["channel"] = channel.into();
            told.push(one(&format!("the channel `{channel}`"), &message)?);
        }
        Ok(told)
    }
}
