//! Mails by `SendGrid`.

use crate::blocks::Block;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::NotificationBlock;
use super::notice::{Notice, NotifyType};
use super::request::NotificationRequest;
use crate::Error;
use crate::blocks::SecretString;

/// Tells people by mails of `SendGrid`. The text is HTML.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "Sendgrid Email",
    capabilities("notify"),
    version = prefect_client::PREFECT_VERSION,
    predefined
)]
#[non_exhaustive]
pub struct SendgridEmail {
    /// What kind of notice it is; the mail does not show it.
    #[serde(default)]
    pub notify_type: NotifyType,
    /// The key of the API.
    pub api_key: SecretString,
    /// The address that mails come from.
    pub sender_email: String,
    /// The addresses that are told.
    pub to_emails: Vec<String>,
}

impl SendgridEmail {
    /// Tells these addresses.
    #[must_use]
    pub fn new(
        api_key: impl Into<SecretString>,
        sender_email: impl Into<String>,
        to_emails: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            notify_type: NotifyType::default(),
            api_key: api_key.into(),
            sender_email: sender_email.into(),
            to_emails: to_emails.into_iter().map(Into::into).collect(),
        }
    }
}

impl NotificationBlock for SendgridEmail {
    fn requests(&self, notice: &Notice<'_>) -> Result<Vec<NotificationRequest>, Error> {
        let key = self.api_key.expose();
        let is_key = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if key.is_empty() || !key.chars().all(is_key) {
            return Err(Error::invalid("SendGrid: the API key can't be one"));
        }
        let from = mail(&self.sender_email)?;
        let mut told = Vec::new();
        for to in &self.to_emails {
            let to = mail(to)?;
            let message = json!({
                "personalizations": [{ "to": [{ "email": to }] }],
                "from": { "email": from },
                "subject": notice.subject().unwrap_or("<no subject>"),
                "content": [{ "type": "text/html", "value": notice.body() }],
            });
            let url = "https://api.sendgrid.com/v3/mail/send";
            let mut request = NotificationRequest::json(to, url, &message)?;
            request.authorize(&format!("Bearer {key}"))?;
            told.push(request.accepting(&[200, 202]));
        }
        Ok(told)
    }
}

fn mail(text: &str) -> Result<&str, Error> {
    let text = text.trim();
    let is_mail = text.split_once('@').is_some_and(|(user, host)| {
        let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && c != '@';
        !user.is_empty()
            && host.contains('.')
            && text.matches('@').count() == 1
            && user.chars().chain(host.chars()).all(is_plain)
    });
    if is_mail {
        Ok(text)
    } else {
        Err(Error::invalid(format!("`{text}` is no mail address")))
    }
}

#[cfg(test)]
mod tests {
    use super::super::refusal;
    use super::*;

    /// Apprise leaves it out, or tells the sender instead.
    #[test]
    fn what_is_no_address_is_refused_before_anybody_is_told() {
        for bad in ["bad", "", "a@b", "@b.c", "a@b@c.d", "a b@c.d"] {
            let block = SendgridEmail::new("k", "a@b.com", ["c@d.com", bad]);
            let error = refusal(&block);
            assert!(error.is_invalid(), "{bad}");
        }
    }
}
