//! What a person should know of settings that are in order, but hardly meant.

use diptych_runtime::http::Uri;

use super::settings::Settings;

/// Headers that only the client itself sets.
const PROTECTED: [&str; 3] = ["user-agent", "prefect-csrf-token", "prefect-csrf-client"];

pub(super) fn is_protected(header: &str) -> bool {
    PROTECTED.contains(&header.to_ascii_lowercase().as_str())
}

pub(super) fn of(settings: &Settings) -> Vec<String> {
    let mut advice = Vec::new();
    if let Some(url) = settings.api_url()
        && !settings.silence_api_url_misconfiguration.value
    {
        advice.extend(about_url(url).map(str::to_owned));
    }
    let names = settings.client_custom_headers.value.keys();
    advice.extend(names.filter(|name| is_protected(name)).map(|name| {
        format!("client.custom_headers: {name} is left out, as only the client itself sets it")
    }));
    if settings.api_enable_http2.value {
        advice.push("api.enable_http2 has no effect: this client speaks HTTP/1.1".to_owned());
    }
    advice
}

/// What Prefect warns of, too.
fn about_url(url: &str) -> impl Iterator<Item = &'static str> {
    let path = url.parse::<Uri>().map(|url| url.path().to_owned());
    let path = path.unwrap_or_default();
    let lacks_api = url.contains("api.prefect.cloud")
        && !path.is_empty()
        && path != "/"
        && !path.starts_with("/api");
    let checks = [
        (
            url.contains("app.prefect.cloud"),
            "api.url names app.prefect.cloud, which has the pages; the API is at api.prefect.cloud",
        ),
        (
            url.contains("account/"),
            "api.url has `account/` where Prefect Cloud has `accounts/`",
        ),
        (
            url.contains("workspace/"),
            "api.url has `workspace/` where Prefect Cloud has `workspaces/`",
        ),
        (
            lacks_api,
            "api.url lacks `/api` behind api.prefect.cloud: https://api.prefect.cloud/api/accounts/…/workspaces/…",
        ),
    ];
    checks
        .into_iter()
        .filter_map(|(is_so, text)| is_so.then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unlikely_urls_of_prefect_cloud_are_noticed() {
        let count = |url| about_url(url).count();
        assert_eq!(
            count("https://api.prefect.cloud/api/accounts/1/workspaces/2"),
            0
        );
        assert_eq!(count("http://127.0.0.1:4200/api"), 0);
        assert_eq!(count("https://app.prefect.cloud/account/1/workspace/2"), 3);
        assert_eq!(count("https://api.prefect.cloud/accounts/1"), 1);
    }

    #[test]
    fn the_client_s_own_headers_are_protected_in_any_case() {
        assert!(is_protected("User-Agent") && is_protected("PREFECT-CSRF-TOKEN"));
        assert!(!is_protected("Authorization"));
    }
}
