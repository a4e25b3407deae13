//! Values in the environment.

use super::{Case, same};

pub(super) fn all() -> impl Iterator<Item = Case> {
    [values(), spellings(), forms()].into_iter().flatten()
}

fn values() -> Vec<Case> {
    vec![
        same("every setting as a variable")
            .env(
                "PREFECT_API_URL",
                "https://api.prefect.cloud/api/accounts/a/workspaces/w",
            )
            .env("PREFECT_API_KEY", "pnu_1")
            .env("PREFECT_API_AUTH_STRING", "user:pass word")
            .env("PREFECT_API_REQUEST_TIMEOUT", "1_0.5")
            .env("PREFECT_API_ENABLE_HTTP2", "Yes")
            .env("PREFECT_API_SSL_CERT_FILE", "certs/ca.pem")
            .env("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "on")
            .env("PREFECT_CLIENT_MAX_RETRIES", " 7.0 ")
            .env("PREFECT_CLIENT_RETRY_JITTER_FACTOR", "1e-1")
            .env("PREFECT_CLIENT_RETRY_EXTRA_CODES", "404, 500")
            .env("PREFECT_CLIENT_CSRF_SUPPORT_ENABLED", "OFF")
            .env(
                "PREFECT_CLIENT_CUSTOM_HEADERS",
                r#"{"X-A": "b", "Authorization": "Bearer x"}"#,
            )
            .env("PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED", "n")
            .env("PREFECT_CLOUD_API_URL", "https://api.prefect.cloud/api")
            .env("PREFECT_SILENCE_API_URL_MISCONFIGURATION", "t"),
    ]
}

fn spellings() -> Vec<Case> {
    vec![
        same("names in lower and mixed case")
            .env("prefect_api_url", "http://lower/api")
            .env("Prefect_Client_Max_Retries", "3"),
        same("the last spelling counts")
            .env("PREFECT_API_URL", "http://upper/api")
            .env("prefect_api_url", "http://lower/api"),
        same("the last spelling counts, the other way")
            .env("prefect_api_url", "http://lower/api")
            .env("PREFECT_API_URL", "http://upper/api"),
        same("names without a prefix mean nothing")
            .env("URL", "http://x")
            .env("API_URL", "http://y")
            .env("KEY", "k"),
        same("another cloud")
            .env("PREFECT_CLOUD_API_URL", "https://stg/api")
            .env("PREFECT_API_URL", "https://stg/api/x"),
        same("the certificates of Python's ssl").env("SSL_CERT_FILE", "/etc/ca.pem"),
        same("Prefect's own certificates go before")
            .env("SSL_CERT_FILE", "/etc/ca.pem")
            .env("PREFECT_API_SSL_CERT_FILE", "/etc/other.pem"),
        same("no certificates hide those of Python's ssl")
            .env("SSL_CERT_FILE", "/etc/ca.pem")
            .env("PREFECT_API_SSL_CERT_FILE", ""),
        same("empty credentials")
            .env("PREFECT_API_KEY", "")
            .env("PREFECT_API_AUTH_STRING", ""),
    ]
}

fn forms() -> Vec<Case> {
    vec![
        same("a timeout without end").env("PREFECT_API_REQUEST_TIMEOUT", "inf"),
        same("no timeout to speak of").env("PREFECT_API_REQUEST_TIMEOUT", "0"),
        same("one extra code").env("PREFECT_CLIENT_RETRY_EXTRA_CODES", "404"),
        same("extra codes in JSON")
            .env("PREFECT_CLIENT_RETRY_EXTRA_CODES", "[404, \"500\", 501.0]"),
        same("extra codes in a text in JSON")
            .env("PREFECT_CLIENT_RETRY_EXTRA_CODES", "\"404,500\""),
        same("no extra codes").env("PREFECT_CLIENT_RETRY_EXTRA_CODES", ""),
        same("null shows what is below")
            .env("PREFECT_CLIENT_RETRY_EXTRA_CODES", "null")
            .env("PREFECT_CLIENT_CUSTOM_HEADERS", " null ")
            .file(
                "work/prefect.toml",
                "[client]\nretry_extra_codes = 404\ncustom_headers = {X-A = 'b'}\n",
            ),
        same("headers in a text in JSON")
            .env("PREFECT_CLIENT_CUSTOM_HEADERS", r#""{\"X-A\": \"b\"}""#),
        same("a URL that is hardly meant").env(
            "PREFECT_API_URL",
            "https://app.prefect.cloud/account/x/workspace/y",
        ),
    ]
}
