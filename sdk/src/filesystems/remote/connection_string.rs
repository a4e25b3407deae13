//! The text by which Azure's pages name an account with its keys.

use serde_json::{Map, Value};

use crate::Error;

/// Azure's emulator on this machine, whose key everybody knows.
const DEVELOPMENT: &str = "AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint=http://127.0.0.1:10000/devstoreaccount1";

/// What a connection string says of blobs.
#[derive(Default)]
pub(super) struct ConnectionString {
    pub(super) account: Option<String>,
    pub(super) key: Option<String>,
    pub(super) sas_token: Option<String>,
    pub(super) endpoint: Option<String>,
}

impl ConnectionString {
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let mut found = Self::default();
        let (mut protocol, mut suffix) = ("https", "core.windows.net");
        for part in text
            .split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
        {
            let (name, value) = part.split_once('=').ok_or_else(unfit)?;
            let kept = || Some(value.to_owned());
            // What belongs to other services is passed over.
            match name.to_ascii_lowercase().as_str() {
                "usedevelopmentstorage" if value.eq_ignore_ascii_case("true") => {
                    return Self::parse(DEVELOPMENT);
                }
                "accountname" => found.account = kept(),
                "accountkey" => found.key = kept(),
                "sharedaccesssignature" => found.sas_token = kept(),
                "blobendpoint" => found.endpoint = kept(),
                "defaultendpointsprotocol" => protocol = value,
                "endpointsuffix" => suffix = value,
                _ => {}
            }
        }
        if let (None, Some(account)) = (&found.endpoint, &found.account) {
            found.endpoint = Some(format!("{protocol}://{account}.blob.{suffix}"));
        }
        Ok(found)
    }
}

/// What may not be shown of the settings, where a service tells only a part of a longer text.
pub(super) fn secrets(settings: &Map<String, Value>) -> Vec<String> {
    let text = |name: &str| settings.get(name).and_then(Value::as_str);
    let said = text("connection_string").map(ConnectionString::parse);
    let said = said.and_then(Result::ok).unwrap_or_default();
    let token = said
        .sas_token
        .or_else(|| text("sas_token").map(str::to_owned));
    let signature = token.as_deref().and_then(|token| {
        let mut parts = token.trim_start_matches('?').split('&');
        parts
            .find_map(|part| part.strip_prefix("sig="))
            .map(str::to_owned)
    });
    [said.key, signature, token].into_iter().flatten().collect()
}

/// The text is not shown: there are keys in it.
fn unfit() -> Error {
    let text = "`connection_string` is `Name=value`, several of them with `;` between";
    Error::invalid(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_found() {
        let found = ConnectionString::parse(
            "DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=a2V5==;EndpointSuffix=core.chinacloudapi.cn;",
        )
        .unwrap();
        assert_eq!(found.key.as_deref(), Some("a2V5=="));
        assert_eq!(
            found.endpoint.as_deref(),
            Some("https://acc.blob.core.chinacloudapi.cn")
        );
        let found = ConnectionString::parse(
            "BlobEndpoint=http://h:1/acc; QueueEndpoint=http://h:2;SharedAccessSignature=sv=1&sig=x%3D",
        )
        .unwrap();
        assert_eq!(found.endpoint.as_deref(), Some("http://h:1/acc"));
        assert_eq!(found.sas_token.as_deref(), Some("sv=1&sig=x%3D"));
        let local = ConnectionString::parse("UseDevelopmentStorage=true").unwrap();
        assert_eq!(local.account.as_deref(), Some("devstoreaccount1"));
    }

    #[test]
    fn what_is_secret_in_it_is_known() {
        let settings = serde_json::json!({
            "connection_string": "AccountName=acc;AccountKey=a2V5==;SharedAccessSignature=sv=1&sig=x%3D",
        });
        let found = secrets(settings.as_object().unwrap());
        assert_eq!(found, ["a2V5==", "x%3D", "sv=1&sig=x%3D"]);
    }

    #[test]
    fn what_is_not_one_is_not_shown() {
        let error = ConnectionString::parse("s3cret").err().unwrap();
        assert!(error.is_invalid() && !error.to_string().contains("s3cret"));
    }
}
