//! The surroundings. `{place}` is the directory of the case; files are below its `home` or its `work`.

/// Surroundings, and who takes them.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) outcome: Outcome,
    pub(crate) environment: Vec<Pair>,
    pub(crate) files: Vec<Pair>,
    pub(crate) explicit: Vec<Pair>,
}

type Pair = (&'static str, &'static str);

/// Whether the surroundings give settings.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Outcome {
    /// They do, and every value is the same.
    Same,
    BothRefuse,
    /// We are stricter, as the documentation of `Settings` says.
    OnlyWeRefuse,
}

impl Case {
    fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.environment.push((name, value));
        self
    }

    fn file(mut self, name: &'static str, text: &'static str) -> Self {
        self.files.push((name, text));
        self
    }

    fn explicit(mut self, name: &'static str, value: &'static str) -> Self {
        self.explicit.push((name, value));
        self
    }
}

fn case(name: &'static str, outcome: Outcome) -> Case {
    Case {
        name,
        outcome,
        environment: Vec::new(),
        files: Vec::new(),
        explicit: Vec::new(),
    }
}

fn same(name: &'static str) -> Case {
    case(name, Outcome::Same)
}

fn refused(name: &'static str) -> Case {
    case(name, Outcome::BothRefuse)
}

fn stricter(name: &'static str) -> Case {
    case(name, Outcome::OnlyWeRefuse)
}

pub(crate) fn all() -> Vec<Case> {
    [
        precedence(),
        values(),
        dotenv(),
        toml(),
        profiles(),
        homes(),
        refusals(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

const PROFILES: &str = "home/.prefect/profiles.toml";
const MINE: &str = "active = 'mine'\n\
    [profiles.mine]\nPREFECT_API_URL = 'http://mine/api'\nPREFECT_CLIENT_MAX_RETRIES = 9\n\
    [profiles.other]\nPREFECT_API_URL = 'http://other/api'\nPREFECT_API_KEY = 'k'\n";

fn precedence() -> Vec<Case> {
    let layered = |name| {
        same(name)
            .file(PROFILES, MINE)
            .file(
                "work/pyproject.toml",
                "[tool.prefect.api]\nurl = 'http://pyproject/api'\nkey = 'pyproject'\n",
            )
            .file(
                "work/prefect.toml",
                "[api]\nurl = 'http://prefect-toml/api'\nauth_string = 'prefect:toml'\n",
            )
            .file(
                "work/.env",
                "PREFECT_API_URL=http://dotenv/api\nPREFECT_API_REQUEST_TIMEOUT=4\n",
            )
    };
    vec![
        same("nothing at all"),
        layered("files over each other"),
        layered("the environment over files").env("PREFECT_API_URL", "http://env/api"),
        layered("an empty variable hides what is below").env("PREFECT_API_URL", ""),
        layered("code over everything")
            .env("PREFECT_API_URL", "http://env/api")
            .explicit("api.url", "http://explicit/api")
            .explicit("client.max_retries", "1"),
        layered("an explicit key")
            .env("PREFECT_API_KEY", "env")
            .explicit("api.key", "explicit"),
        same("a profile alone").file(PROFILES, MINE),
        same("pyproject over the profile")
            .file(PROFILES, MINE)
            .file(
                "work/pyproject.toml",
                "[tool.prefect.client]\nmax_retries = 3\n",
            ),
        same("prefect.toml over pyproject")
            .file("work/prefect.toml", "[client]\nmax_retries = 2\n")
            .file(
                "work/pyproject.toml",
                "[tool.prefect.client]\nmax_retries = 3\nretry_jitter_factor = 1\n",
            ),
    ]
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

fn dotenv() -> Vec<Case> {
    let dotenv = |name, text| same(name).file("work/.env", text);
    vec![
        dotenv(
            "quotes, export and comments",
            "# first\nexport PREFECT_API_URL='http://a/api' # why\nPREFECT_API_KEY=\"k # no comment\"\n\
             PREFECT_API_AUTH_STRING = u:p#w # but this is\nPREFECT_CLIENT_MAX_RETRIES= # nothing before\n\
             PREFECT_CLIENT_MAX_RETRIES=4\n",
        ),
        dotenv(
            "escapes and more than one line",
            "PREFECT_CLIENT_CUSTOM_HEADERS=\"{\\\"X-A\\\": \\\"b\\\"}\"\nPREFECT_API_KEY='it\\'s\\n'\n\
             PREFECT_API_AUTH_STRING=\"a\nb\"\n",
        ),
        dotenv(
            "names in braces",
            "HOST=file\nPREFECT_API_URL=http://${HOST}:${PORT:-4200}/api${NOTHING}\nPREFECT_API_KEY='${SECRET}'\n",
        )
        .env("SECRET", "from-env")
        .env("HOST", "env"),
        dotenv("no value shows what is below", "PREFECT_API_URL\nPREFECT_API_KEY=k\n").file(PROFILES, MINE),
        dotenv("an empty value hides what is below", "PREFECT_API_URL=\n").file(PROFILES, MINE),
        dotenv("lines that say nothing", "=x\nPREFECT_API_KEY='open\nPREFECT_API_URL=http://a/api\nBAD='x' y\n"),
        dotenv("a quote over two lines that goes wrong", "BAD='x\nPREFECT_API_KEY=y' z\nPREFECT_API_URL=http://a\n"),
        dotenv("line ends of Windows", "\u{feff}PREFECT_API_URL=http://a/api\r\nPREFECT_API_KEY=\"a\r\nb\"\r\n"),
        dotenv("spellings", "prefect_api_url=http://a\nPREFECT_API_URL=http://b\nprefect_api_url=http://c\n"),
        dotenv("names without a prefix", "URL=http://a\nAPI_URL=http://b\nKEY=k\nAPI={}\n"),
        dotenv("the environment goes before", "PREFECT_API_URL=http://dotenv/api\n").env("PREFECT_API_URL", "http://env"),
        same("a file above is not looked for").file(".env", "PREFECT_API_URL=http://above\n"),
        dotenv("a file of profiles", "PREFECT_PROFILES_PATH={place}/p.toml\n").file("p.toml", MINE),
        dotenv("a profile is not named here", "PREFECT_PROFILE=other\n").file(PROFILES, MINE),
        dotenv("a home that has no say in profiles", "PREFECT_HOME={place}/h\n")
            .file("h/profiles.toml", MINE)
            .file(PROFILES, "active = 'a'\n[profiles.a]\nPREFECT_API_URL = 'http://usual'\n"),
    ]
}

fn toml() -> Vec<Case> {
    let toml = |name, text| same(name).file("work/prefect.toml", text);
    vec![
        toml(
            "every form of a value",
            "home = '~/p'\nsilence_api_url_misconfiguration = true\n[api]\nurl = 'http://a'\nrequest_timeout = 5\n\
             enable_http2 = 1\ntls_insecure_skip_verify = 'off'\n[client]\nmax_retries = 3.0\n\
             retry_jitter_factor = '0.3'\nretry_extra_codes = [404, '500']\ncustom_headers = {X-A = 'b'}\n\
             csrf_support_enabled = 0.0\nserver_version_check_enabled = false\n[cloud]\napi_url = 'http://a'\n",
        ),
        toml(
            "headers as JSON",
            "[client]\ncustom_headers = '{\"X-A\": \"b\"}'\nretry_extra_codes = '404,500'\n",
        ),
        toml(
            "no end, one code",
            "[api]\nrequest_timeout = inf\n[client]\nretry_extra_codes = 404\n",
        ),
        toml(
            "no codes",
            "[client]\nretry_extra_codes = 0\nmax_retries = true\n",
        ),
        toml(
            "keys that mean nothing",
            "unknown = 1\nURL = 'x'\n[api]\nURL = 'x'\nother = 1\n[nonsense]\nx = 1\n",
        ),
        toml("a file of profiles", "profiles_path = '../p.toml'\n").file("p.toml", MINE),
        toml(
            "a file of profiles that is not there",
            "profiles_path = 'p.toml'\n",
        )
        .file(PROFILES, MINE),
        same("pyproject names the profiles")
            .file(
                "work/pyproject.toml",
                "[tool.prefect]\nprofiles_path = '../p.toml'\n",
            )
            .file("p.toml", MINE),
        same("a pyproject without Prefect").file(
            "work/pyproject.toml",
            "[project]\nname = 'x'\n[tool.other]\nx = 1\n",
        ),
        same("files above are not looked for")
            .file("prefect.toml", "[api]\nurl = 'http://above'\n")
            .file(
                "pyproject.toml",
                "[tool.prefect.api]\nurl = 'http://above'\n",
            ),
    ]
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

fn refusals() -> Vec<Case> {
    let toml = |name, text| refused(name).file("work/prefect.toml", text);
    let profile = |name, text| refused(name).file(PROFILES, text);
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
        stricter("a timeout below zero").env("PREFECT_API_REQUEST_TIMEOUT", "-1"),
        stricter("a timeout that is no number").env("PREFECT_API_REQUEST_TIMEOUT", "nan"),
        stricter("a group as JSON").env("PREFECT_API", r#"{"url": "http://a/api"}"#),
        stricter("a table for a text").file("work/prefect.toml", "[api.url]\nx = 1\n"),
        stricter("another user's home").env("PREFECT_HOME", "~root/.prefect"),
    ]
}
