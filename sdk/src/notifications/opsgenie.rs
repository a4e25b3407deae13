//! Opsgenie's alerts.

use std::collections::BTreeMap;

use crate::blocks::Block;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::NotificationBlock;
use super::notice::{Notice, NotifyType, Region, SENDER, words};
use super::request::NotificationRequest;
use crate::Error;
use crate::blocks::SecretString;

/// Tells users, teams and others of Opsgenie, by an alert; without any, whom its own rules name.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "Opsgenie Webhook",
    capabilities("notify"),
    version = prefect_client::PREFECT_VERSION,
    predefined
)]
#[non_exhaustive]
pub struct OpsgenieWebhook {
    /// What kind of notice it is.
    #[serde(default)]
    pub notify_type: NotifyType,
    /// The key of the API.
    pub apikey: SecretString,
    /// The users that are told.
    #[serde(default)]
    pub target_user: Option<Vec<String>>,
    /// The teams that are told.
    #[serde(default)]
    pub target_team: Option<Vec<String>>,
    /// The schedules whose people are told.
    #[serde(default)]
    pub target_schedule: Option<Vec<String>>,
    /// The escalations that begin.
    #[serde(default)]
    pub target_escalation: Option<Vec<String>>,
    /// Where the service is asked.
    #[serde(default)]
    pub region_name: Region,
    /// Whether one alert tells up to 50 of them, where else each has one.
    #[serde(default)]
    pub batch: bool,
    /// The alert's tags.
    #[serde(default)]
    pub tags: Option<Vec<String>>,
    /// The alert's priority: `P1`, the most urgent, to `P5` as 1 to 5; 3 unless set.
    #[serde(default = "priority")]
    pub priority: Option<i64>,
    /// The name by which later alerts are the same one.
    #[serde(default)]
    pub alias: Option<String>,
    /// What it is about.
    #[serde(default)]
    pub entity: Option<String>,
    /// What else to know.
    #[serde(default)]
    pub details: Option<BTreeMap<String, String>>,
}

#[expect(clippy::unnecessary_wraps, reason = "the field's type")]
fn priority() -> Option<i64> {
    Some(3)
}

/// How many one alert may tell.
const MOST: usize = 50;
/// How long the message of an alert may be; its description is the whole text.
const LONGEST: usize = 130;

impl OpsgenieWebhook {
    /// Tells whom the rules of the account name.
    #[must_use]
    pub fn new(apikey: impl Into<SecretString>) -> Self {
        Self {
            notify_type: NotifyType::default(),
            apikey: apikey.into(),
            target_user: None,
            target_team: None,
            target_schedule: None,
            target_escalation: None,
            region_name: Region::default(),
            batch: false,
            tags: None,
            priority: priority(),
            alias: None,
            entity: None,
            details: None,
        }
    }

    /// Those who are told, each as a person knows it and as Opsgenie does.
    fn responders(&self) -> Vec<(String, Value)> {
        let kinds = [
            ("team", "name", &self.target_team),
            ("schedule", "name", &self.target_schedule),
            ("user", "username", &self.target_user),
            ("escalation", "name", &self.target_escalation),
        ];
        let mut all = Vec::new();
        for (kind, key, names) in kinds {
            let names: std::collections::BTreeSet<&String> = names.iter().flatten().collect();
            for name in names {
                let responder = json!({ "type": kind, key: name });
                all.push((format!("the {kind} `{name}`"), responder));
            }
        }
        all
    }

    fn alert(&self, notice: &Notice<'_>) -> Value {
        let mut details = self.details.clone().unwrap_or_default();
        let kind = self.notify_type.as_str();
        details
            .entry("type".to_owned())
            .or_insert_with(|| kind.to_owned());
        let mut alert = json!({
            "source": SENDER,
            "message": shortened(notice.subject().unwrap_or(notice.body())),
            "description": notice.body(),
            "details": details,
            "priority": format!("P{}", self.priority.filter(|it| (1..=5).contains(it)).unwrap_or(3)),
        });
        let tags = words(self.tags.iter().flatten());
        if !tags.is_empty() {
            alert["tags"] = json!(tags);
        }
        for (name, text) in [("entity", &self.entity), ("alias", &self.alias)] {
            if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
                alert[name] = text.into();
            }
        }
        alert
    }
}

impl NotificationBlock for OpsgenieWebhook {
    fn requests(&self, notice: &Notice<'_>) -> Result<Vec<NotificationRequest>, Error> {
        if self.apikey.expose().trim().is_empty() {
            return Err(Error::invalid("Opsgenie: the API key is empty"));
        }
        let url = match self.region_name {
            Region::Us => "https://api.opsgenie.com/v2/alerts",
            Region::Eu => "https://api.eu.opsgenie.com/v2/alerts",
        };
        let alert = self.alert(notice);
        let one = |target: &str, alert: &Value| -> Result<NotificationRequest, Error> {
            let mut request = NotificationRequest::json(target, url, alert)?;
            request.authorize(&format!("GenieKey {}", self.apikey.expose()))?;
            Ok(request.accepting(&[200, 202]))
        };
        let responders = self.responders();
        if responders.is_empty() {
            return Ok(vec![one("Opsgenie", &alert)?]);
        }
        let mut told = Vec::new();
        for some in responders.chunks(if self.batch { MOST } else { 1 }) {
            let names: Vec<&str> = some.iter().map(|(name, _)| name.as_str()).collect();
            let mut alert = alert.clone();
            alert["responders"] = some
                .iter()
                .map(|(_, responder)| responder.clone())
                .collect();
            told.push(one(&names.join(", "), &alert)?);
        }
        Ok(told)
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST - 3).collect();
    format!("{start}...")
}
