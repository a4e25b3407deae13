//! Any webhook.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::blocks::Block;
use http::header::{CONTENT_TYPE, COOKIE, HeaderMap, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request};
use prefect_client::transport::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::{Url, form_urlencoded};

use super::NotificationBlock;
use super::notice::{Notice, SENDER};
use super::request::NotificationRequest;
use super::template::{self, Unknown};
use crate::Error;
use crate::blocks::SecretMap;

/// Tells by a request of your own to any address.
///
/// All texts in it may have placeholders: `{{subject}}`, `{{body}}`, `{{name}}`, and the names of its secrets. A text that is
/// one placeholder becomes the secret's value, which need not be a text. A notice without a subject has the subject `null`.
///
/// ```
/// use prefect_sdk::notifications::CustomWebhookNotificationBlock;
/// use serde_json::json;
///
/// let mut block = CustomWebhookNotificationBlock::new("ops", "https://example.com/{{ token }}");
/// block.json_data = json!({ "text": "{{subject}}: {{body}}" }).as_object().cloned();
/// block.secrets = [("token", "s3cret")].into_iter().collect();
/// ```
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, Block)]
#[block(
    name = "Custom Webhook",
    capabilities("notify"),
    version = prefect_client::PREFECT_VERSION,
    predefined
)]
#[non_exhaustive]
pub struct CustomWebhookNotificationBlock {
    /// The webhook's name.
    pub name: String,
    /// Its address.
    pub url: String,
    /// The method of the request.
    #[serde(default)]
    pub method: HttpMethod,
    /// The query, in place of that of the address.
    #[serde(default)]
    pub params: Option<BTreeMap<String, String>>,
    /// The body, as JSON.
    #[serde(default)]
    pub json_data: Option<Map<String, Value>>,
    /// The body, as a form or a text.
    #[serde(default)]
    pub form_data: Option<FormData>,
    /// Headers.
    #[serde(default)]
    pub headers: Option<BTreeMap<String, String>>,
    /// Cookies.
    #[serde(default)]
    pub cookies: Option<BTreeMap<String, String>>,
    /// How long the target may take to answer, in seconds.
    #[serde(default = "timeout")]
    pub timeout: f64,
    /// Whether the address may lead to a host that isn't public.
    #[serde(default = "super::on")]
    pub allow_private_urls: bool,
    /// The values of placeholders.
    #[serde(default)]
    pub secrets: SecretMap,
}

/// The method of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum HttpMethod {
    /// GET.
    Get,
    /// POST.
    #[default]
    Post,
    /// PUT.
    Put,
    /// PATCH.
    Patch,
    /// DELETE.
    Delete,
}

/// A form, or a text that is the whole body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[non_exhaustive]
pub enum FormData {
    /// The fields of a form.
    Fields(BTreeMap<String, String>),
    /// The body as it is.
    Text(String),
}

type Values = BTreeMap<String, Value>;

fn timeout() -> f64 {
    10.0
}

impl CustomWebhookNotificationBlock {
    /// Tells by a POST without a body.
    #[must_use]
    pub fn new(name: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            url: url.into(),
            method: HttpMethod::default(),
            params: None,
            json_data: None,
            form_data: None,
            headers: None,
            cookies: None,
            timeout: timeout(),
            allow_private_urls: true,
            secrets: SecretMap::default(),
        }
    }

    /// The secrets, and what each notice has, which wins.
    fn values(&self, notice: &Notice<'_>) -> Values {
        let mut values = self.secrets.expose().clone();
        let subject = notice.subject_as_given().unwrap_or("null");
        let own = [
            ("subject", subject),
            ("body", notice.body_as_given()),
            ("name", &self.name),
        ];
        values.extend(own.map(|(name, text)| (name.to_owned(), text.into())));
        values
    }

    fn address(&self, values: &Values) -> Result<Url, Error> {
        let filled = template::text(&self.url, values).map_err(|it| unknown("url", &it))?;
        let bad = |why: &str| Error::invalid(format!("the webhook `{}`: url: {why}", self.name));
        // What is wrong with it is not shown, as it may hold secrets.
        let mut url = Url::parse(&filled).map_err(|_| bad("it is no URL"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(bad("only http and https are possible"));
        }
        if self.params.is_some() {
            url.set_query(None);
        }
        for (name, value) in filled_pairs("params", self.params.as_ref(), values)? {
            url.query_pairs_mut().append_pair(&name, &value);
        }
        Ok(url)
    }

    /// The body, and its media type where it has one.
    fn body(&self, values: &Values) -> Result<(Bytes, Option<&'static str>), Error> {
        match (&self.json_data, &self.form_data) {
            (Some(_), Some(_)) => {
                let text = format!(
                    "the webhook `{}` has both json_data and form_data",
                    self.name
                );
                Err(Error::invalid(text))
            }
            (Some(json), None) => {
                let filled = template::value(&Value::Object(json.clone()), values)
                    .map_err(|it| unknown("json_data", &it))?;
                Ok((filled.to_string().into(), Some("application/json")))
            }
            (None, Some(FormData::Fields(fields))) => {
                let fields = filled_pairs("form_data", Some(fields), values)?;
                let mut form = form_urlencoded::Serializer::new(String::new());
                form.extend_pairs(fields);
                Ok((
                    form.finish().into(),
                    Some("application/x-www-form-urlencoded"),
                ))
            }
            (None, Some(FormData::Text(text))) => {
                let text = template::text(text, values).map_err(|it| unknown("form_data", &it))?;
                Ok((text.into(), None))
            }
            (None, None) => Ok((Bytes::new(), None)),
        }
    }

    fn header_map(
        &self,
        values: &Values,
        media_type: Option<&'static str>,
    ) -> Result<HeaderMap, Error> {
        let mut headers = HeaderMap::new();
        headers.insert(USER_AGENT, HeaderValue::from_static(SENDER));
        if let Some(media_type) = media_type {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        let cookies = filled_pairs("cookies", self.cookies.as_ref(), values)?;
        if !cookies.is_empty() {
            let cookies: Vec<String> = cookies
                .iter()
                .map(|(name, it)| format!("{name}={it}"))
                .collect();
            headers.insert(COOKIE, header("cookies", &cookies.join("; "))?);
        }
        for (name, text) in filled_pairs("headers", self.headers.as_ref(), values)? {
            let known = HeaderName::try_from(&name).map_err(|_| {
                Error::invalid(format!("headers: `{name}` can't be a header's name"))
            })?;
            headers.insert(known, header(&format!("headers/{name}"), &text)?);
        }
        Ok(headers)
    }
}

impl NotificationBlock for CustomWebhookNotificationBlock {
    fn requests(&self, notice: &Notice<'_>) -> Result<Vec<NotificationRequest>, Error> {
        let values = self.values(notice);
        let url = self.address(&values)?;
        let (body, media_type) = self.body(&values)?;
        let target = format!("the webhook `{}`", self.name);
        let timeout = Duration::try_from_secs_f64(self.timeout)
            .map_err(|error| Error::invalid(format!("{target}: timeout: {error}")))?;
        let mut request = Request::new(body);
        *request.method_mut() = self.method.into();
        *request.uri_mut() = String::from(url)
            .parse()
            .map_err(|_| Error::invalid(format!("{target}: url: it can't be asked")))?;
        *request.headers_mut() = self.header_map(&values, media_type)?;
        let request = NotificationRequest::new(target, request).timeout(timeout);
        Ok(vec![request.within(self.allow_private_urls)])
    }
}

impl From<HttpMethod> for Method {
    fn from(method: HttpMethod) -> Self {
        match method {
            HttpMethod::Get => Self::GET,
            HttpMethod::Post => Self::POST,
            HttpMethod::Put => Self::PUT,
            HttpMethod::Patch => Self::PATCH,
            HttpMethod::Delete => Self::DELETE,
        }
    }
}

fn filled_pairs(
    place: &str,
    pairs: Option<&BTreeMap<String, String>>,
    values: &Values,
) -> Result<Vec<(String, String)>, Error> {
    let filled = pairs.into_iter().flatten().map(|(name, text)| {
        let text = template::text(text, values);
        let text = text.map_err(|it| unknown(&format!("{place}/{name}"), &it))?;
        Ok((name.clone(), text))
    });
    filled.collect()
}

fn header(place: &str, text: &str) -> Result<HeaderValue, Error> {
    let Ok(mut value) = HeaderValue::from_str(text) else {
        let text = format!("{place}: it has characters that can't be sent in a header");
        return Err(Error::invalid(text));
    };
    value.set_sensitive(true);
    Ok(value)
}

fn unknown(place: &str, placeholder: &Unknown) -> Error {
    let name = &placeholder.0;
    Error::invalid(format!(
        "{place}: `{{{{{name}}}}}` is not known: there are subject, body, name, and the names of the secrets"
    ))
}
