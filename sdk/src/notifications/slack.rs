//! Slack's incoming webhooks.

use crate::blocks::Block;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Uri};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::NotificationBlock;
use super::notice::{APPRISE, Notice, NotifyType, SENDER, is_word};
use super::request::NotificationRequest;
use crate::Error;
use crate::blocks::SecretString;

/// Tells a channel of Slack, by an incoming webhook or a workflow of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "Slack Webhook",
    capabilities("notify"),
    version = prefect_client::PREFECT_VERSION,
    predefined
)]
#[non_exhaustive]
pub struct SlackWebhook {
    /// What kind of notice it is.
    #[serde(default)]
    pub notify_type: NotifyType,
    /// The webhook's address, such as `https://hooks.slack.com/services/T…/B…/…`.
    pub url: SecretString,
    /// Whether the address may lead to a host that isn't public.
    #[serde(default = "super::on")]
    pub allow_private_urls: bool,
}

/// What Slack tells apart by the address, each with it.
enum Way {
    Webhook(String),
    /// That of the United States' government, where Apprise does not know who sends.
    Government(String),
    Workflow(String),
}

const TARGET: &str = "Slack";

impl SlackWebhook {
    /// Tells by this webhook.
    #[must_use]
    pub fn new(url: impl Into<SecretString>) -> Self {
        Self {
            notify_type: NotifyType::default(),
            url: url.into(),
            allow_private_urls: true,
        }
    }

    fn message(&self, notice: &Notice<'_>, sender: &str) -> Value {
        let picture = self.notify_type.image(72);
        json!({
            "mrkdwn": true,
            "attachments": [{
                "title": escaped(notice.subject().unwrap_or("")),
                "text": escaped(notice.body()),
                "color": self.notify_type.color(),
                "footer_icon": picture,
                "footer": sender,
                "ts": seconds_now(),
            }],
            "icon_url": picture,
        })
    }
}

impl NotificationBlock for SlackWebhook {
    fn requests(&self, notice: &Notice<'_>) -> Result<Vec<NotificationRequest>, Error> {
        let unknown = || Error::invalid("the URL is not that of a webhook or workflow of Slack");
        let way = way(self.url.expose()).ok_or_else(unknown)?;
        let mut request = match &way {
            Way::Webhook(url) => {
                NotificationRequest::json(TARGET, url, &self.message(notice, SENDER))?
            }
            Way::Government(url) => {
                let message = self.message(notice, APPRISE);
                let mut request = NotificationRequest::json(TARGET, url, &message)?;
                request.set(USER_AGENT, HeaderValue::from_static(APPRISE));
                request
            }
            Way::Workflow(url) => {
                let text = match notice.subject() {
                    Some(subject) => format!("{subject}: {}", notice.body()),
                    None => notice.body().to_owned(),
                };
                NotificationRequest::json(TARGET, url, &json!({ "text": text }))?
            }
        };
        request.set(ACCEPT, HeaderValue::from_static("application/json"));
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        request.set(CONTENT_TYPE, json);
        let request = match way {
            Way::Workflow(_) => request.accepting(&[200]),
            Way::Webhook(_) | Way::Government(_) => request.accepting_text("ok"),
        };
        Ok(vec![request.within(self.allow_private_urls)])
    }
}

/// What the address leads to, and the address without what Slack does not look at.
fn way(url: &str) -> Option<Way> {
    let uri: Uri = url.trim().parse().ok()?;
    let is_http = matches!(uri.scheme_str(), Some("https" | "http"));
    let host = uri.host().filter(|_| is_http)?.to_ascii_lowercase();
    let mut parts = uri.path().trim_matches('/').split('/');
    let kind = parts.next()?.to_ascii_lowercase();
    let parts: Vec<&str> = parts.collect();
    if !parts.iter().all(|part| is_word(part)) {
        return None;
    }
    let url = format!("https://{host}/{kind}/{}", parts.join("/"));
    match (host.as_str(), kind.as_str(), parts.len()) {
        ("hooks.slack.com", "services", 3) => Some(Way::Webhook(url)),
        ("hooks.slack-gov.com", "services", 3) => Some(Way::Government(url)),
        ("hooks.slack.com", "workflows", 4) | ("hooks.slack.com", "triggers", 3) => {
            Some(Way::Workflow(url))
        }
        _ => None,
    }
}

/// Writes what has a meaning in Slack's markup as text, apart from mentions (`<!channel>`, `<@U123>`) and links
/// (`<https://…|text>`), which people write to have that meaning.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['&', '<', '>']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let markup = rest
            .find('>')
            .map(|end| &rest[..=end])
            .filter(|it| is_markup(it));
        let taken = if let Some(markup) = markup {
            out.push_str(markup);
            markup.len()
        } else {
            out.push_str(match rest.as_bytes().first() {
                Some(b'&') => "&amp;",
                Some(b'<') => "&lt;",
                _ => "&gt;",
            });
            1
        };
        rest = &rest[taken..];
    }
    out.push_str(rest);
    out
}

fn is_markup(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('<').and_then(|it| it.strip_suffix('>')) else {
        return false;
    };
    let leads = ["!", "@", "http://", "https://", "mailto://"];
    let to = inside.split('|').next().unwrap_or("");
    leads
        .iter()
        .any(|lead| to.len() > lead.len() && to.starts_with(lead))
        && !to.contains([' ', '<', '\n'])
        && !inside.contains(['\n', '<'])
}

/// Seconds since 1970, as Slack shows them below a message.
#[expect(clippy::cast_precision_loss, reason = "microseconds of our time fit")]
fn seconds_now() -> f64 {
    chrono::Utc::now().timestamp_micros() as f64 / 1e6
}

#[cfg(test)]
mod tests {
    use super::super::refusal;
    use super::*;

    #[test]
    fn mentions_and_links_keep_their_meaning_and_nothing_else_has_any() {
        let cases = [
            ("a & b <c> d", "a &amp; b &lt;c&gt; d"),
            (
                "<!channel> <@U1> <https://x/?a&b|c>",
                "<!channel> <@U1> <https://x/?a&b|c>",
            ),
            ("<!> <@ a> <http://", "&lt;!&gt; &lt;@ a&gt; &lt;http://"),
            ("<<!here>>", "&lt;<!here>&gt;"),
            ("<https://x|a\nb>", "&lt;https://x|a\nb&gt;"),
        ];
        for (given, expected) in cases {
            assert_eq!(escaped(given), expected);
        }
    }

    #[test]
    fn addresses_that_are_not_slack_s_are_refused_without_showing_them() {
        let urls = [
            "",
            "s3cret",
            "json://127.0.0.1/s3cret",
            "https://example.com/services/A/B/s3cret",
            "https://hooks.slack.com/services/A/s3cret",
            "https://hooks.slack.com/services/A/B/s3cret/D",
            "https://hooks.slack.com.evil.example/services/A/B/s3cret",
            "ftp://hooks.slack.com/services/A/B/s3cret",
        ];
        for url in urls {
            let block = SlackWebhook::new(url);
            let error = refusal(&block);
            assert!(error.is_invalid(), "{url}");
            assert!(!format!("{error} {error:?} {block:?}").contains("s3cret"));
        }
    }
}
