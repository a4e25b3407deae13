//! The same surroundings, resolved here and by the pinned `prefect` package.
//!
//! `cargo xtask test` installs the package and names its interpreter in `PREFECT_TEST_PYTHON`.

mod cases;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use prefect_client::{Error, Settings};
use serde_json::{Map, Value, json};

use cases::{Case, Outcome};

#[test]
fn settings_are_those_of_the_prefect_package() {
    let python = std::env::var_os("PREFECT_TEST_PYTHON").expect(
        "PREFECT_TEST_PYTHON has to be the interpreter of an environment with the pinned prefect package; \
         `cargo xtask test` installs one",
    );
    let cases = cases::all();
    assert!(cases.len() >= 40, "{} cases", cases.len());
    let places: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(at, case)| Place::make(at, case))
        .collect();
    let answers = ask_python(Path::new(&python), &cases, &places);
    let wrong: Vec<_> = cases
        .iter()
        .zip(&places)
        .zip(&answers)
        .filter_map(|((case, place), theirs)| difference(case, &place.resolve(case), theirs))
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {} cases differ:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

/// Where a case happens.
struct Place(PathBuf);

impl Place {
    fn make(at: usize, case: &Case) -> Self {
        let place = Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("settings/{at}")));
        if place.0.exists() {
            fs::remove_dir_all(&place.0).expect("what an earlier run left goes");
        }
        for directory in [place.home(), place.work()] {
            fs::create_dir_all(directory).expect("a directory");
        }
        for (name, text) in &case.files {
            let path = place.0.join(name);
            fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
            fs::write(path, place.filled(text)).expect("a file");
        }
        place
    }

    fn home(&self) -> PathBuf {
        self.0.join("home")
    }

    fn work(&self) -> PathBuf {
        self.0.join("work")
    }

    fn answer(&self) -> PathBuf {
        self.0.join("answer.json")
    }

    /// `{place}` is the directory of the case.
    fn filled(&self, text: &str) -> String {
        text.replace("{place}", self.0.to_str().expect("a path in UTF-8"))
    }

    fn environment(&self, case: &Case) -> Vec<(String, String)> {
        let home = self.home().to_str().expect("a path in UTF-8").to_owned();
        let given = case.environment.iter();
        let given = given.map(|(name, value)| ((*name).to_owned(), self.filled(value)));
        [("HOME".to_owned(), home)]
            .into_iter()
            .chain(given)
            .collect()
    }

    fn resolve(&self, case: &Case) -> Result<Value, Error> {
        let mut builder = Settings::builder()
            .environment(self.environment(case))
            .directory(self.work());
        for (name, value) in &case.explicit {
            builder = match *name {
                "api.url" => builder.api_url(*value),
                "api.key" => builder.api_key(*value),
                "client.max_retries" => {
                    builder.client_max_retries(value.parse().expect("a number"))
                }
                other => panic!("the test can't set {other}"),
            };
        }
        builder.load().map(|settings| values(&settings))
    }
}

fn values(settings: &Settings) -> Value {
    let headers = settings.client_custom_headers().iter();
    let headers: Map<_, _> = headers
        .map(|(name, value)| (name.clone(), Value::from(value.expose())))
        .collect();
    let timeout = settings
        .api_request_timeout()
        .map(|timeout| timeout.as_secs_f64());
    json!({
        "home": settings.home(),
        "profiles_path": settings.profiles_path(),
        "api.url": settings.api_url(),
        "api.key": settings.api_key(),
        "api.auth_string": settings.api_auth_string(),
        "api.request_timeout": timeout.map_or(json!("inf"), |seconds| json!(seconds)),
        "api.enable_http2": settings.api_enable_http2(),
        "api.ssl_cert_file": settings.api_ssl_cert_file(),
        "api.tls_insecure_skip_verify": settings.api_tls_insecure_skip_verify(),
        "client.max_retries": settings.client_max_retries(),
        "client.retry_jitter_factor": settings.client_retry_jitter_factor(),
        "client.retry_extra_codes": settings.client_retry_extra_codes(),
        "client.csrf_support_enabled": settings.client_csrf_support_enabled(),
        "client.custom_headers": headers,
        "client.server_version_check_enabled": settings.client_server_version_check_enabled(),
        "cloud.api_url": settings.cloud_api_url(),
        "silence_api_url_misconfiguration": silenced(settings),
        "is_cloud": settings.is_cloud(),
    })
}

/// There is nothing to be done with it, and so no accessor.
fn silenced(settings: &Settings) -> bool {
    let explanation = settings.explain();
    let silenced = explanation.get(prefect_client::Setting::SilenceApiUrlMisconfiguration);
    silenced.and_then(prefect_client::Explained::value) == Some("true")
}

fn ask_python(python: &Path, cases: &[Case], places: &[Place]) -> Vec<Value> {
    let questions: Vec<_> = cases
        .iter()
        .zip(places)
        .map(|(case, place)| {
            json!({
                "work": place.work(),
                "answer": place.answer(),
                "environment": place.environment(case),
                "explicit": case.explicit,
            })
        })
        .collect();
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("settings/cases.json");
    fs::write(&file, Value::from(questions).to_string()).expect("a file");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/settings/resolve.py");
    let home = places.first().expect("a case").home();
    let mut command = Command::new(python);
    command.env_clear().env("HOME", &home).current_dir(&home);
    let output = command.arg(script).arg(file).output().expect("Python runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    let read = |place: &Place| {
        let text = fs::read_to_string(place.answer());
        let text =
            text.unwrap_or_else(|_| panic!("no answer about {}\n{errors}", place.0.display()));
        serde_json::from_str(&text).expect("an answer in JSON")
    };
    places.iter().map(read).collect()
}

/// What is not as the case says, if anything.
fn difference(case: &Case, ours: &Result<Value, Error>, theirs: &Value) -> Option<String> {
    let text = match (case.outcome, ours, &theirs["resolved"]) {
        (Outcome::Same, Ok(ours), Value::Object(theirs)) => {
            let keys = theirs
                .iter()
                .filter(|(key, value)| !is_same(&ours[*key], value));
            let different: Vec<_> = keys
                .map(|(key, value)| format!("{key}: ours {}, theirs {value}", ours[key]))
                .collect();
            let text = different.join("; ");
            return (!text.is_empty()).then(|| format!("- {}: {text}", case.name));
        }
        (Outcome::BothRefuse, Err(_), Value::Null)
        | (Outcome::OnlyWeRefuse, Err(_), Value::Object(_)) => {
            return None;
        }
        (_, Ok(_), Value::Object(_)) => "neither refuses".to_owned(),
        (_, Err(ours), Value::Null) => format!("both refuse: {ours}; {}", theirs["refused"]),
        (_, Err(ours), _) => format!("we refuse: {ours}"),
        (_, Ok(_), _) => format!("Prefect refuses: {}", theirs["refused"]),
    };
    Some(format!("- {} ({:?}): {text}", case.name, case.outcome))
}

/// 60 and 60.0 are the same number.
fn is_same(ours: &Value, theirs: &Value) -> bool {
    match (ours.as_f64(), theirs.as_f64()) {
        (Some(ours), Some(theirs)) => ours.to_bits() == theirs.to_bits(),
        _ => ours == theirs,
    }
}
