//! What `.env`, `prefect.toml` and `pyproject.toml` say, and which of them goes before which.

use super::{Case, MINE, PROFILES, same};

pub(super) fn all() -> impl Iterator<Item = Case> {
    [precedence(), dotenv(), toml()].into_iter().flatten()
}

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
