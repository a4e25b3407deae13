//! Which file of profiles counts, and which profile in it.

use super::{Case, MINE, PROFILES, same};

pub(super) fn all() -> impl Iterator<Item = Case> {
    [profiles(), homes()].into_iter().flatten()
}

fn profiles() -> Vec<Case> {
    let mine = |name| same(name).file(PROFILES, MINE);
    vec![
        mine("PREFECT_PROFILE chooses").env("PREFECT_PROFILE", "other"),
        mine("an empty PREFECT_PROFILE does not").env("PREFECT_PROFILE", ""),
        mine("an unknown profile").env("PREFECT_PROFILE", "nobody"),
        mine("a profile of Prefect's is unknown beside a file").env("PREFECT_PROFILE", "local"),
        same("a profile of Prefect's without a file").env("PREFECT_PROFILE", "local"),
        same("a profile where the file is missing").env("PREFECT_HOME", "{place}/h").env("PREFECT_PROFILE", "local"),
        same("an unknown active profile").file(PROFILES, "active = 'x'\n[profiles.a]\nPREFECT_API_URL = 'http://a'\n"),
        same("no active profile").file(PROFILES, "[profiles.a]\nPREFECT_API_URL = 'http://a'\n"),
        same("no profiles").file(PROFILES, "active = 'a'\n"),
        same("values of every form").file(
            PROFILES,
            "active = 'a'\n[profiles.a]\nPREFECT_API_REQUEST_TIMEOUT = '5'\nPREFECT_CLIENT_MAX_RETRIES = '3'\n\
             PREFECT_CLIENT_CSRF_SUPPORT_ENABLED = false\nPREFECT_CLIENT_RETRY_EXTRA_CODES = [404]\n\
             PREFECT_CLIENT_CUSTOM_HEADERS = '{\"X-A\": \"b\"}'\nPREFECT_API_KEY = 'k'\nPREFECT_HOME = '/from/profile'\n\
             PREFECT_PROFILES_PATH = '$PREFECT_HOME/other.toml'\nPREFECT_UNKNOWN = 1\nPREFECT_TEST_SETTING = 'x'\n",
        ),
        same("keys have to be in upper case").file(
            PROFILES,
            "active = 'a'\n[profiles.a]\nprefect_api_url = 'http://a'\n'api.url' = 'http://b'\n",
        ),
        mine("a file of one's own").env("PREFECT_PROFILES_PATH", "{place}/p.toml").file("p.toml", "active = 'a'\n[profiles.a]\nPREFECT_API_URL = 'http://p'\n"),
        mine("a file of one's own that is not there").env("PREFECT_PROFILES_PATH", "{place}/p.toml"),
        mine("a template is not filled in to find profiles")
            .env("PREFECT_HOME", "{place}/h")
            .env("PREFECT_PROFILES_PATH", "$PREFECT_HOME/p.toml")
            .file("h/p.toml", MINE),
        mine("the environment's file goes before that of .env")
            .env("PREFECT_PROFILES_PATH", "{place}/a.toml")
            .file("a.toml", "active = 'a'\n[profiles.a]\nPREFECT_API_URL = 'http://a'\n")
            .file("work/.env", "PREFECT_PROFILES_PATH={place}/b.toml\n")
            .file("b.toml", MINE),
        mine("the name of the file has one spelling").env("prefect_profiles_path", "{place}/p.toml").file("p.toml", ""),
        mine("no profile in test mode").env("PREFECT_TEST_MODE", "0"),
        mine("no profile in the other test mode").env("PREFECT_UNIT_TEST_MODE", "1").env("PREFECT_PROFILE", "other"),
    ]
}

fn homes() -> Vec<Case> {
    vec![
        same("a home of one's own")
            .env("PREFECT_HOME", "{place}/h")
            .file("h/profiles.toml", MINE)
            .file(PROFILES, MINE),
        same("a home in the home directory")
            .env("PREFECT_HOME", "~/h//./p/")
            .file("home/h/p/profiles.toml", MINE),
        same("the home directory itself").env("PREFECT_HOME", "~"),
        same("a relative home")
            .env("PREFECT_HOME", "./h")
            .file("work/h/profiles.toml", MINE),
        same("an empty home")
            .env("PREFECT_HOME", "")
            .file(PROFILES, MINE),
        same("a home in another spelling")
            .env("prefect_home", "{place}/h")
            .file("h/profiles.toml", MINE),
        same("a home in a settings file")
            .file("work/prefect.toml", "home = '{place}/h'\n")
            .file("h/profiles.toml", MINE),
    ]
}
