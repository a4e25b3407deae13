use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diptych_runtime::Error;

use super::*;

/// A home and a current directory that go when this is dropped.
pub(super) struct Place(PathBuf);

impl Place {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let (process, next) = (std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let place = Self(std::env::temp_dir().join(format!("settings-{process}-{next}")));
        for (name, text) in files.iter().chain(&[("home/x", ""), ("work/x", "")]) {
            let path = place.0.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        place
    }

    pub(super) fn builder(&self, variables: &[(&str, &str)]) -> SettingsBuilder {
        Settings::builder()
            .environment(variables.iter().copied())
            .directory(self.0.join("work"))
            .home_directory(self.0.join("home"))
    }

    fn load(&self, variables: &[(&str, &str)]) -> Settings {
        self.builder(variables).load().unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const FILES: [(&str, &str); 4] = [
    ("work/.env", "PREFECT_API_KEY=from-dotenv\n"),
    ("work/prefect.toml", "[client]\nmax_retries = 2\n"),
    (
        "work/pyproject.toml",
        "[tool.prefect.client]\nretry_jitter_factor = 0.5\nmax_retries = 3\n",
    ),
    (
        "home/.prefect/profiles.toml",
        "active = 'mine'\n[profiles.mine]\nPREFECT_API_URL = 'http://profile/api'\nPREFECT_API_KEY = 'from-profile'\n",
    ),
];

fn source(settings: &Settings, setting: Setting) -> Source {
    let explanation = settings.explain();
    explanation.get(setting).unwrap().source().clone()
}

fn refusal(variables: &[(&str, &str)], files: &[(&str, &str)]) -> String {
    let place = Place::new(files);
    let error = place.builder(variables).load().unwrap_err();
    assert!(error.is_config());
    assert!(!format!("{error:?}").contains("s3cret"));
    let text = error.to_string();
    text.replace(&*place.0.to_string_lossy(), "")
}

#[test]
fn each_value_says_where_it_came_from() {
    let place = Place::new(&FILES);
    let variables = [
        ("Prefect_Api_Request_Timeout", "5"),
        ("SSL_CERT_FILE", "/ca.pem"),
    ];
    let settings = place
        .builder(&variables)
        .cloud_api_url("https://c")
        .load()
        .unwrap();
    let work = |name: &str| place.0.join("work").join(name);
    let variable = |name: &str| Source::Environment(name.to_owned());
    let dotenv = Source::DotEnv {
        path: work(".env"),
        key: "PREFECT_API_KEY".to_owned(),
    };
    let profile = Source::Profile {
        name: "mine".to_owned(),
        path: Some(place.0.join("home/.prefect/profiles.toml")),
    };
    let prefect_toml = Source::PrefectToml(work("prefect.toml"));
    let pyproject = Source::PyprojectToml(work("pyproject.toml"));
    let expected = [
        (Setting::CloudApiUrl, Source::Explicit),
        (
            Setting::ApiRequestTimeout,
            variable("Prefect_Api_Request_Timeout"),
        ),
        (Setting::ApiSslCertFile, variable("SSL_CERT_FILE")),
        (Setting::ApiKey, dotenv),
        (Setting::ClientMaxRetries, prefect_toml),
        (Setting::ClientRetryJitterFactor, pyproject),
        (Setting::ApiUrl, profile),
        (Setting::ApiAuthString, Source::Default),
    ];
    for (setting, expected) in expected {
        assert_eq!(source(&settings, setting), expected, "{setting:?}");
    }
    assert_eq!(settings.client_max_retries(), 2);
    assert_eq!(settings.profile(), Some("mine"));
}

#[test]
fn an_explanation_is_a_line_for_each_setting_without_secrets() {
    let place = Place::new(&FILES);
    let headers = r#"{"X-Key": "s3cret"}"#;
    let settings = place.load(&[
        ("PREFECT_API_URL", "http://user:s3cret@host/api"),
        ("PREFECT_API_KEY", "s3cret"),
        ("PREFECT_API_AUTH_STRING", "user:s3cret"),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", headers),
    ]);
    let shown = settings.explain().to_string();
    assert_eq!(shown.lines().count(), 17, "{shown}");
    let line = |start: &str| shown.lines().find(|line| line.starts_with(start)).unwrap();
    let words = |start| line(start).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(
        words("api.key"),
        "api.key [REDACTED] environment variable PREFECT_API_KEY"
    );
    assert!(words("api.url").starts_with("api.url http://[REDACTED]@host/api "));
    assert!(words("client.custom_headers").contains(" X-Key: [REDACTED] "));
    assert_eq!(
        words("client.csrf"),
        "client.csrf_support_enabled true default"
    );
    assert_eq!(words("api.ssl"), "api.ssl_cert_file not set default");
    let builder = place
        .builder(&[("PREFECT_API_KEY", "s3cret")])
        .api_key("s3cret");
    let debug = format!("{shown} {settings:?} {:?} {builder:?}", settings.explain());
    assert!(!debug.contains("s3cret"), "{debug}");
}

#[test]
fn an_error_names_the_setting_the_place_and_what_is_expected() {
    let refused = |name, value| refusal(&[(name, value)], &[]);
    assert_eq!(
        refused("PREFECT_CLIENT_MAX_RETRIES", "many"),
        "client.max_retries (environment variable PREFECT_CLIENT_MAX_RETRIES): it must be a whole number from 0 on, \
         and not \"many\""
    );
    assert_eq!(
        refused("PREFECT_CLIENT_CUSTOM_HEADERS", "X-Key: s3cret"),
        "client.custom_headers (environment variable PREFECT_CLIENT_CUSTOM_HEADERS): it must be a JSON object of \
         text, such as {\"X-Team\": \"data\"}"
    );
    assert_eq!(
        refusal(&[], &[("work/prefect.toml", "[api]\nkey = ['s3cret']")]),
        "api.key (/work/prefect.toml): it must be text"
    );
    assert_eq!(
        refusal(&[], &[("work/.env", "prefect_api_request_timeout=soon")]),
        "api.request_timeout (prefect_api_request_timeout in /work/.env): it must be a number of seconds from 0 on, \
         and not \"soon\""
    );
    assert_eq!(
        refusal(
            &[],
            &[("work/pyproject.toml", "[tool]\nprefect = 's3cret'")]
        ),
        "/work/pyproject.toml: `prefect` is no table"
    );
    let json = refused("PREFECT_API", r#"{"key": "s3cret"}"#);
    assert!(
        json.starts_with("PREFECT_API (environment variable PREFECT_API): "),
        "{json}"
    );
}

#[test]
fn a_profile_that_does_not_exist_is_said() {
    let place = Place::new(&FILES);
    let settings = place.load(&[("PREFECT_PROFILE", "other")]);
    assert_eq!(settings.profile(), Some("ephemeral"));
    assert_eq!(settings.api_url(), None);
    assert!(settings.warnings()[0].starts_with("there is no profile `other` in /"));
    let error = settings.config().unwrap_err().to_string();
    assert!(
        error.contains("set PREFECT_API_URL") && error.contains("profile `other`"),
        "{error}"
    );
    assert!(
        settings
            .explain()
            .to_string()
            .contains("warning: there is no profile `other`")
    );
}

#[test]
fn a_profile_given_in_code_has_to_exist() {
    let place = Place::new(&FILES);
    let url = |name| {
        let settings = place.builder(&[]).profile(name).load()?;
        Ok::<_, Error>(settings.api_url().map(str::to_owned))
    };
    assert_eq!(url("mine").unwrap().as_deref(), Some("http://profile/api"));
    assert_eq!(
        url("local").unwrap().as_deref(),
        Some("http://127.0.0.1:4200/api")
    );
    assert!(
        url("other")
            .unwrap_err()
            .to_string()
            .starts_with("there is no profile `other` in /")
    );
}

#[test]
fn an_unknown_home_directory_matters_only_where_it_is_needed() {
    let place = Place::new(&[]);
    let load = |variables: &[(&str, &str)]| {
        let builder = Settings::builder().environment(variables.iter().copied());
        builder.directory(place.0.join("work")).load()
    };
    assert!(load(&[]).unwrap_err().to_string().contains("set HOME"));
    let settings = load(&[("PREFECT_HOME", "/p")]).unwrap();
    assert_eq!(settings.profiles_path(), Path::new("/p/profiles.toml"));
}

#[cfg(unix)]
#[test]
fn what_is_not_text_is_refused_where_it_counts() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let place = Place::new(&[]);
    let load = |name: &str| {
        let value = OsStr::from_bytes(b"\xff");
        let builder = place.builder(&[]).environment([(name, value)]);
        builder
            .load()
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    assert_eq!(load("OTHER"), Ok(()));
    let expected = "environment variable PREFECT_API_KEY: it is not UTF-8";
    assert_eq!(load("PREFECT_API_KEY"), Err(expected.to_owned()));
}

#[test]
fn a_call_may_take_three_times_as_long_as_an_attempt() {
    let place = Place::new(&[]);
    let builder = place.builder(&[]).api_url("http://host/api");
    let timeouts = |timeout: Option<Duration>| {
        let settings = builder.clone().api_request_timeout(timeout).load().unwrap();
        format!("{:?}", settings.config().unwrap())
    };
    let shown = timeouts(Some(Duration::from_secs(7)));
    assert!(shown.contains(" timeout: Some(21s)"), "{shown}");
    assert!(timeouts(None).contains(" timeout: None"));
}

#[test]
fn a_timeout_as_long_as_there_are_any_is_without_end() {
    let place = Place::new(&[]);
    let longest = place
        .builder(&[])
        .api_request_timeout(Duration::MAX)
        .load()
        .unwrap();
    assert_eq!(longest.api_request_timeout(), None);
    let long = place
        .builder(&[])
        .api_request_timeout(Duration::MAX / 2)
        .load()
        .unwrap();
    assert!(long.api_request_timeout().is_some());
}

#[test]
fn a_configuration_refuses_what_can_t_be_sent() {
    let place = Place::new(&[]);
    let refused = |builder: SettingsBuilder| {
        let settings = builder.api_url("http://host/api").load().unwrap();
        let text = settings.config().unwrap_err().to_string();
        assert!(!text.contains("s3cret"), "{text}");
        text
    };
    let name = refused(
        place
            .builder(&[])
            .client_custom_headers([("X Team", "s3cret")]),
    );
    assert_eq!(
        name,
        "client.custom_headers (given in code): \"X Team\" can't be the name of a header"
    );
    let value = refused(
        place
            .builder(&[])
            .client_custom_headers([("X-Team", "s3cret\n")]),
    );
    assert!(value.contains("the value of X-Team"), "{value}");
    let broken = |variables: &[(&str, &str)]| {
        let url = ("PREFECT_API_URL", "http://host/api");
        let variables = [&[url][..], variables].concat();
        let text = place.load(&variables).config().unwrap_err().to_string();
        assert!(
            text.contains("is not shown") && !text.contains("s3cret"),
            "{text}"
        );
        text
    };
    let key = broken(&[("PREFECT_API_KEY", "s3cret\n")]);
    assert!(
        key.starts_with("api.key (environment variable PREFECT_API_KEY): "),
        "{key}"
    );
    assert!(key.contains("line break"), "{key}");
    let auth = broken(&[
        ("PREFECT_API_URL", "http://host/api "),
        ("PREFECT_API_AUTH_STRING", "s3cret"),
    ]);
    assert!(
        auth.starts_with("api.url (environment variable PREFECT_API_URL): "),
        "{auth}"
    );
    assert!(auth.contains("a blank or a line break"), "{auth}");
    let empty = place
        .load(&[("PREFECT_API_URL", "")])
        .config()
        .unwrap_err()
        .to_string();
    assert!(
        empty.contains("environment variable PREFECT_API_URL is empty"),
        "{empty}"
    );
}

#[cfg(any(feature = "rustls", feature = "async"))]
#[test]
fn certificates_are_read_from_the_directory_of_the_settings() {
    let place = Place::new(&[("work/ca.pem", "none")]);
    let error = |file: &str| {
        let builder = place.builder(&[("PREFECT_API_SSL_CERT_FILE", file)]);
        let settings = builder.api_url("https://host/api").load().unwrap();
        settings.config().unwrap_err().to_string()
    };
    assert!(error("ca.pem").contains("work/ca.pem: the root certificates hold no certificate"));
    let missing = error("other.pem");
    assert!(
        missing
            .starts_with("api.ssl_cert_file (environment variable PREFECT_API_SSL_CERT_FILE): /")
    );
    assert!(missing.contains("work/other.pem: "), "{missing}");
    let settings = place
        .builder(&[
            ("SSL_CERT_FILE", "other.pem"),
            ("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "1"),
        ])
        .api_url("https://host/api")
        .load()
        .unwrap();
    assert!(
        settings.config().is_ok(),
        "what verifies nothing needs no certificates"
    );
}

#[test]
fn what_is_hardly_meant_is_said() {
    let place = Place::new(&[("work/.env", "PREFECT_API_ENABLE_HTTP2=on\n=x\n")]);
    let variables = [
        ("PREFECT_API_URL", "https://app.prefect.cloud/api"),
        ("PREFECT_CLIENT_CUSTOM_HEADERS", r#"{"User-Agent": "x"}"#),
    ];
    let settings = place.load(&variables);
    let starts: Vec<_> = settings
        .warnings()
        .iter()
        .map(|text| text.split(' ').next().unwrap())
        .collect();
    assert_eq!(starts.len(), 4, "{:?}", settings.warnings());
    assert!(settings.warnings()[0].contains(".env: line 2 "));
    assert_eq!(
        starts[1..],
        ["api.url", "client.custom_headers:", "api.enable_http2"]
    );
}
