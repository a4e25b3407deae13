//! Short messages by Twilio.

use crate::blocks::Block;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::{ACCEPT, CONTENT_TYPE};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::NotificationBlock;
use super::notice::{Notice, NotifyType};
use super::request::NotificationRequest;
use crate::Error;
use crate::blocks::SecretString;

/// Tells telephones, by short messages of Twilio.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "Twilio SMS",
    capabilities("notify"),
    version = prefect_client::PREFECT_VERSION,
    predefined
)]
#[non_exhaustive]
pub struct TwilioSms {
    /// What kind of notice it is; the message does not show it.
    #[serde(default)]
    pub notify_type: NotifyType,
    /// The account, which begins with `AC`.
    pub account_sid: String,
    /// The account's token.
    pub auth_token: SecretString,
    /// The number that messages come from, or a short code of five or six digits.
    pub from_phone_number: String,
    /// The numbers that are told.
    pub to_phone_numbers: Vec<String>,
}

impl TwilioSms {
    /// Tells these numbers.
    #[must_use]
    pub fn new(
        account_sid: impl Into<String>,
        auth_token: impl Into<SecretString>,
        from_phone_number: impl Into<String>,
        to_phone_numbers: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            notify_type: NotifyType::default(),
            account_sid: account_sid.into(),
            auth_token: auth_token.into(),
            from_phone_number: from_phone_number.into(),
            to_phone_numbers: to_phone_numbers.into_iter().map(Into::into).collect(),
        }
    }
}

impl NotificationBlock for TwilioSms {
    fn requests(&self, notice: &Notice<'_>) -> Result<Vec<NotificationRequest>, Error> {
        let account = &self.account_sid;
        if !account.starts_with("AC") || !account.bytes().all(|b| b.is_ascii_alphanumeric()) {
            let text = format!("`{account}` is no account of Twilio: it begins with `AC`");
            return Err(Error::invalid(text));
        }
        let from = sender(&self.from_phone_number)?;
        let url = format!("https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json");
        let who = STANDARD.encode(format!("{account}:{}", self.auth_token.expose()));
        let mut told = Vec::new();
        for to in &self.to_phone_numbers {
            let to = number(to)?;
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.append_pair("Body", &notice.whole())
                .append_pair("From", &from)
                .append_pair("To", &to);
            let mut request = NotificationRequest::post(to, &url, form.finish().into())?;
            let form = HeaderValue::from_static("application/x-www-form-urlencoded");
            request.set(CONTENT_TYPE, form);
            request.set(ACCEPT, HeaderValue::from_static("application/json"));
            request.authorize(&format!("Basic {who}"))?;
            told.push(request.accepting(&[200, 201]));
        }
        Ok(told)
    }
}

/// A short code stays as it is.
fn sender(text: &str) -> Result<String, Error> {
    let is_short = matches!(text.len(), 5 | 6) && text.bytes().all(|b| b.is_ascii_digit());
    if is_short {
        Ok(text.to_owned())
    } else {
        number(text)
    }
}

/// The number with a `+` and without what people put between its digits.
fn number(text: &str) -> Result<String, Error> {
    let (way, rest) = match text.trim().split_once(':') {
        Some((way, rest)) if way.eq_ignore_ascii_case("whatsapp") => ("whatsapp:", rest),
        _ => ("", text),
    };
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let is_number = rest
        .chars()
        .all(|c| c.is_ascii_digit() || " +-().".contains(c));
    if !is_number || !(10..=14).contains(&digits.len()) {
        let text = format!("`{text}` is no telephone number: 10 to 14 digits");
        return Err(Error::invalid(text));
    }
    Ok(format!("{way}+{digits}"))
}

#[cfg(test)]
mod tests {
    use super::super::refusal;
    use super::*;

    #[test]
    fn numbers_are_written_as_twilio_takes_them() {
        let cases = [
            ("18004242425", "+18004242425"),
            ("+1 (800) 424-2425", "+18004242425"),
            ("whatsapp:18004242425", "whatsapp:+18004242425"),
        ];
        for (given, expected) in cases {
            assert_eq!(number(given).unwrap(), expected);
        }
        assert_eq!(sender("12345").unwrap(), "12345");
    }

    /// Apprise leaves it out, or tells the sender instead.
    #[test]
    fn what_is_no_number_is_refused_before_anybody_is_told() {
        for number in ["abc", "", "123", "1800424242512345", "18004242425x"] {
            let block = TwilioSms::new("AC1", "t", "18001234567", ["18004242425", number]);
            let error = refusal(&block);
            assert!(error.is_invalid(), "{number}");
        }
    }
}
