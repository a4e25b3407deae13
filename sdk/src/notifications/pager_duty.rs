//! `PagerDuty`'s events.

use std::collections::BTreeMap;

use crate::blocks::Block;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::NotificationBlock;
use super::notice::{APPRISE, Notice, NotifyType, Region, SENDER};
use super::request::NotificationRequest;
use crate::Error;
use crate::blocks::SecretString;

/// Tells `PagerDuty`, as an event of its Events API 2 that triggers an alert.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "Pager Duty Webhook",
    capabilities("notify"),
    version = prefect_client::PREFECT_VERSION,
    predefined
)]
#[non_exhaustive]
pub struct PagerDutyWebHook {
    /// What kind of notice it is; a failure is critical.
    #[serde(default)]
    pub notify_type: NotifyType,
    /// The integration's key, which is also called routing key.
    pub integration_key: SecretString,
    /// The key of the API.
    pub api_key: SecretString,
    /// What it is about.
    #[serde(default = "source")]
    pub source: Option<String>,
    /// The part of that.
    #[serde(default = "component")]
    pub component: String,
    /// The group of parts.
    #[serde(default)]
    pub group: Option<String>,
    /// The class of events.
    #[serde(default)]
    pub class_id: Option<String>,
    /// Where the service is asked.
    #[serde(default)]
    pub region_name: Region,
    /// A page to look at.
    #[serde(default)]
    pub clickable_url: Option<String>,
    /// Whether a picture shows what kind of notice it is.
    #[serde(default = "super::on")]
    pub include_image: bool,
    /// What else to know.
    #[serde(default)]
    pub custom_details: Option<BTreeMap<String, String>>,
}

#[expect(clippy::unnecessary_wraps, reason = "the field's type")]
fn source() -> Option<String> {
    Some("Prefect".to_owned())
}

fn component() -> String {
    "Notification".to_owned()
}

/// Where the text is, when the summary is the subject.
const BODY: &str = "Prefect Notification Body";
const TARGET: &str = "PagerDuty";

impl PagerDutyWebHook {
    /// Tells by this integration.
    #[must_use]
    pub fn new(integration_key: impl Into<SecretString>, api_key: impl Into<SecretString>) -> Self {
        Self {
            notify_type: NotifyType::default(),
            integration_key: integration_key.into(),
            api_key: api_key.into(),
            source: source(),
            component: component(),
            group: None,
            class_id: None,
            region_name: Region::default(),
            clickable_url: None,
            include_image: true,
            custom_details: None,
        }
    }

    fn payload(&self, notice: &Notice<'_>) -> Value {
        let mut details = self.custom_details.clone().unwrap_or_default();
        let summary = match notice.subject() {
            Some(subject) => {
                details.insert(BODY.to_owned(), notice.body().to_owned());
                // Apprise joins it with the text, which is elsewhere.
                format!("{subject}\r\n")
            }
            None => notice.body().to_owned(),
        };
        let mut payload = json!({
            "summary": summary,
            "severity": severity(self.notify_type),
            "source": self.source.as_deref().unwrap_or(APPRISE),
            "component": self.component,
        });
        if let Some(group) = &self.group {
            payload["group"] = group.as_str().into();
        }
        if let Some(class) = &self.class_id {
            payload["class"] = class.as_str().into();
        }
        if !details.is_empty() {
            payload["custom_details"] = json!(details);
        }
        payload
    }
}

impl NotificationBlock for PagerDutyWebHook {
    fn requests(&self, notice: &Notice<'_>) -> Result<Vec<NotificationRequest>, Error> {
        let kind = self.notify_type;
        let mut event = json!({
            "routing_key": self.integration_key.expose(),
            "payload": self.payload(notice),
            "client": SENDER,
            "event_action": "trigger",
        });
        if let Some(url) = &self.clickable_url {
            event["links"] = json!([{ "href": url }]);
        }
        if self.include_image {
            event["images"] = json!([{ "src": kind.image(128), "alt": kind.as_str() }]);
        }
        for (name, key) in [
            ("integration", &self.integration_key),
            ("API", &self.api_key),
        ] {
            if key.expose().trim().is_empty() {
                let text = format!("{TARGET}: the {name} key is empty");
                return Err(Error::invalid(text));
            }
        }
        let url = match self.region_name {
            Region::Us => "https://events.pagerduty.com/v2/enqueue",
            Region::Eu => "https://events.eu.pagerduty.com/v2/enqueue",
        };
        let mut request = NotificationRequest::json(TARGET, url, &event)?;
        request.authorize(&format!("Token token={}", self.api_key.expose()))?;
        Ok(vec![request.accepting(&[200, 201, 202])])
    }
}

fn severity(kind: NotifyType) -> &'static str {
    match kind {
        NotifyType::Info | NotifyType::Success => "info",
        NotifyType::Warning => "warning",
        NotifyType::Failure => "critical",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Python's block keeps the text, and sends it again with the next notice.
    #[test]
    fn a_notice_s_text_is_in_no_later_notice() {
        let block = PagerDutyWebHook::new("i", "a");
        let options = super::super::NotifyOptions::new().subject("S");
        let first = Notice::new("once", &options).unwrap();
        assert!(block.payload(&first).to_string().contains("once"));
        let options = super::super::NotifyOptions::new();
        let second = Notice::new("B", &options).unwrap();
        assert!(!block.payload(&second).to_string().contains("once"));
    }
}
