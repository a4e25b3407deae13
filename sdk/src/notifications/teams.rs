//! Microsoft Teams, by its workflows.

use crate::blocks::Block;
use http::Uri;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::NotificationBlock;
use super::notice::{Notice, NotifyType, is_word};
use super::request::NotificationRequest;
use crate::Error;
use crate::blocks::SecretString;

/// Tells a channel of Microsoft Teams, by a workflow of Power Automate.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "Microsoft Teams Webhook",
    slug = "ms-teams-webhook",
    capabilities("notify"),
    version = prefect_client::PREFECT_VERSION,
    predefined
)]
#[non_exhaustive]
pub struct MicrosoftTeamsWebhook {
    /// What kind of notice it is.
    #[serde(default)]
    pub notify_type: NotifyType,
    /// The workflow's address: `https://HOST/workflows/ID/triggers/manual/paths/invoke?…&sig=SIGNATURE`.
    pub url: SecretString,
    /// Whether the address may lead to a host that isn't public.
    #[serde(default = "super::on")]
    pub allow_private_urls: bool,
    /// Whether a picture shows what kind of notice it is.
    #[serde(default = "super::on")]
    pub include_image: bool,
    /// Whether long lines of the text are wrapped.
    #[serde(default = "super::on")]
    pub wrap: bool,
}

const TARGET: &str = "Microsoft Teams";

impl MicrosoftTeamsWebhook {
    /// Tells by this workflow.
    #[must_use]
    pub fn new(url: impl Into<SecretString>) -> Self {
        Self {
            notify_type: NotifyType::default(),
            url: url.into(),
            allow_private_urls: true,
            include_image: true,
            wrap: true,
        }
    }

    fn card(&self, notice: &Notice<'_>) -> Value {
        let kind = self.notify_type;
        let mut body = Vec::new();
        if self.include_image {
            body.push(json!({
                "type": "Image", "url": kind.image(32), "height": "32px", "altText": kind.as_str(),
            }));
        }
        if let Some(subject) = notice.subject() {
            body.push(json!({
                "type": "TextBlock", "text": subject, "style": "heading", "weight": "Bolder", "size": "Large",
                "id": "title",
            }));
        }
        body.push(json!({
            "type": "TextBlock", "text": notice.body(), "style": "default", "wrap": self.wrap, "id": "body",
        }));
        json!({
            "type": "message",
            "attachments": [{
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": null,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "body": body,
                    "msteams": { "width": "full" },
                },
            }],
        })
    }
}

impl NotificationBlock for MicrosoftTeamsWebhook {
    fn requests(&self, notice: &Notice<'_>) -> Result<Vec<NotificationRequest>, Error> {
        let unknown = || Error::invalid("the URL is not that of a workflow of Microsoft Teams");
        let url = workflow(self.url.expose()).ok_or_else(unknown)?;
        let request = NotificationRequest::json(TARGET, &url, &self.card(notice))?;
        let request = request.accepting(&[200, 202]);
        Ok(vec![request.within(self.allow_private_urls)])
    }
}

/// The address that Apprise asks: always by TLS, with what it knows of the query.
fn workflow(url: &str) -> Option<String> {
    let uri: Uri = url.trim().parse().ok()?;
    if !matches!(uri.scheme_str(), Some("https" | "http")) {
        return None;
    }
    let authority = uri.authority()?;
    if authority.as_str().contains('@') {
        return None;
    }
    let (before, after) = uri.path().split_once("/workflows/")?;
    let (id, way) = after.split_once('/')?;
    if way.trim_end_matches('/') != "triggers/manual/paths/invoke"
        || !is_word(id)
        || !is_known(before)
    {
        return None;
    }
    let mut version = "2016-06-01".to_owned();
    let mut signature = None;
    for (name, value) in form_urlencoded::parse(uri.query()?.as_bytes()) {
        match &*name {
            "api-version" => version = value.into_owned(),
            "sig" => signature = Some(value.into_owned()),
            _ => {}
        }
    }
    let signature = signature.filter(|it| is_word(it))?;
    let host = authority.as_str().to_ascii_lowercase();
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("api-version", &version)
        .append_pair("sp", "/triggers/manual/run")
        .append_pair("sv", "1.0")
        .append_pair("sig", &signature);
    let query = query.finish();
    Some(format!(
        "https://{host}{before}/workflows/{id}/triggers/manual/paths/invoke?{query}"
    ))
}

/// What newer addresses have before the workflow; `cu` routes.
fn is_known(before: &str) -> bool {
    let Some(rest) = before.strip_prefix("/powerautomate/automations/direct") else {
        return before.is_empty();
    };
    rest.is_empty()
        || rest
            .strip_prefix("/cu/")
            .is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::super::refusal;
    use super::*;

    #[test]
    fn addresses_that_are_no_workflow_s_are_refused_without_showing_them() {
        let urls = [
            "",
            "s3cret",
            "https://host/workflows/ID/triggers/manual/paths/invoke",
            "https://host/workflows/ID/triggers/other/paths/invoke?sig=s3cret",
            "https://host/x/workflows/ID/triggers/manual/paths/invoke?sig=s3cret",
            "https://host/workflows/ID/triggers/manual/paths/invoke?sig=s3cret%2B",
            "https://u:p@host/workflows/ID/triggers/manual/paths/invoke?sig=s3cret",
        ];
        for url in urls {
            let block = MicrosoftTeamsWebhook::new(url);
            let error = refusal(&block);
            assert!(error.is_invalid(), "{url}");
            assert!(!format!("{error} {error:?} {block:?}").contains("s3cret"));
        }
    }
}
