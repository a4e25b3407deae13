//! What can't be used.

use super::{Case, PROFILES, refused, stricter};

pub(super) fn all() -> impl Iterator<Item = Case> {
    [variables(), files(), only_here()].into_iter().flatten()
}

fn variables() -> Vec<Case> {
    vec![
        refused("not a number of retries").env("PREFECT_CLIENT_MAX_RETRIES", "many"),
        refused("fewer than no retries").env("PREFECT_CLIENT_MAX_RETRIES", "-1"),
        refused("no number of retries").env("PREFECT_CLIENT_MAX_RETRIES", ""),
        refused("half a retry").env("PREFECT_CLIENT_MAX_RETRIES", "1.5"),
        refused("not a time").env("PREFECT_API_REQUEST_TIMEOUT", "1m"),
        refused("a negative jitter").env("PREFECT_CLIENT_RETRY_JITTER_FACTOR", "-0.1"),
        refused("no jitter that is a number").env("PREFECT_CLIENT_RETRY_JITTER_FACTOR", "nan"),
        refused("neither true nor false").env("PREFECT_CLIENT_CSRF_SUPPORT_ENABLED", "2"),
        refused("an empty truth").env("PREFECT_API_ENABLE_HTTP2", ""),
        refused("no HTTP status").env("PREFECT_CLIENT_RETRY_EXTRA_CODES", "99"),
        refused("a comma too many").env("PREFECT_CLIENT_RETRY_EXTRA_CODES", "404,"),
        refused("headers that are no JSON").env("PREFECT_CLIENT_CUSTOM_HEADERS", "X-A: b"),
        refused("headers that are no text").env("PREFECT_CLIENT_CUSTOM_HEADERS", r#"{"X-A": 1}"#),
        refused("no headers").env("PREFECT_CLIENT_CUSTOM_HEADERS", ""),
        refused("a group that is no JSON").env("PREFECT_API", "http://a/api"),
        refused("an invalid value in .env").file("work/.env", "PREFECT_CLIENT_MAX_RETRIES=many\n"),
    ]
}

fn files() -> Vec<Case> {
    let toml = |name, text| refused(name).file("work/prefect.toml", text);
    let profile = |name, text| refused(name).file(PROFILES, text);
    vec![
        toml("no name of the profiles' file", "profiles_path = ''\n"),
        refused("an empty name of the profiles' file").env("PREFECT_PROFILES_PATH", ""),
        toml("no TOML", "[api\n"),
        toml("a URL that is no text", "[api]\nurl = 1\n"),
        toml("a key that is no text", "[api]\nkey = true\n"),
        toml("a section that is no table", "api = 1\n"),
        toml("a home that is no text", "home = 1\n"),
        toml(
            "headers that are null",
            "[client]\ncustom_headers = 'null'\n",
        ),
        toml(
            "codes in JSON in a text",
            "[client]\nretry_extra_codes = '[404]'\n",
        ),
        refused("a broken pyproject.toml").file("work/pyproject.toml", "= 1\n"),
        refused("a pyproject.toml with something else")
            .file("work/pyproject.toml", "[tool]\nprefect = 1\n"),
        profile("broken profiles", "active = \n"),
        profile("a profile that is no table", "[profiles]\na = 1\n"),
        profile(
            "an invalid value in a profile",
            "active = 'a'\n[profiles.a]\nPREFECT_CLIENT_MAX_RETRIES = 'many'\n",
        ),
        profile(
            "headers as a table in a profile",
            "active = 'a'\n[profiles.a]\nPREFECT_CLIENT_CUSTOM_HEADERS = {X-A = 'b'}\n",
        ),
    ]
}

fn only_here() -> Vec<Case> {
    vec![
        stricter("a timeout below zero").env("PREFECT_API_REQUEST_TIMEOUT", "-1"),
        stricter("a timeout that is no number").env("PREFECT_API_REQUEST_TIMEOUT", "nan"),
        stricter("a group as JSON").env("PREFECT_API", r#"{"url": "http://a/api"}"#),
        stricter("a table for a text").file("work/prefect.toml", "[api.url]\nx = 1\n"),
        stricter("another user's home").env("PREFECT_HOME", "~root/.prefect"),
    ]
}
