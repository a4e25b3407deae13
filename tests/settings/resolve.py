"""Resolves Prefect's settings in each of many surroundings, with the real package.

Reads a JSON list from the file that is the first argument; each entry has `work` and `answer` (paths), `environment`
and `explicit`. Some of what counts is read when the package is imported, so each entry is a forked process that imports
the settings again; all other modules are shared.
"""

import json
import math
import os
import sys

import prefect.context  # noqa: F401  what it needs stays loaded
import prefect.settings  # noqa: F401

CHILDREN = 2


def resolve(explicit):
    import prefect.settings

    # Loading the context is how the package begins: it reads the profiles a second time.
    import prefect.context  # noqa: F401

    groups = {}
    for name, value in explicit:
        group, _, field = name.rpartition(".")
        groups.setdefault(group, {})[field] = value
    settings = prefect.settings.Settings(**groups)
    api, client = settings.api, settings.client
    secret = lambda value: value.get_secret_value() if value else None
    return {
        "home": str(settings.home),
        "profiles_path": str(settings.profiles_path),
        "api.url": api.url or None,
        "api.key": secret(api.key) or None,
        "api.auth_string": secret(api.auth_string) or None,
        "api.request_timeout": api.request_timeout if math.isfinite(api.request_timeout) else str(api.request_timeout),
        "api.enable_http2": api.enable_http2,
        "api.ssl_cert_file": api.ssl_cert_file or None,
        "api.tls_insecure_skip_verify": api.tls_insecure_skip_verify,
        "client.max_retries": client.max_retries,
        "client.retry_jitter_factor": client.retry_jitter_factor,
        "client.retry_extra_codes": sorted(client.retry_extra_codes),
        "client.csrf_support_enabled": client.csrf_support_enabled,
        "client.custom_headers": client.custom_headers,
        "client.server_version_check_enabled": client.server_version_check_enabled,
        "cloud.api_url": settings.cloud.api_url,
        "silence_api_url_misconfiguration": settings.silence_api_url_misconfiguration,
        "is_cloud": settings.connected_to_cloud,
    }


def child(case):
    for module in list(sys.modules):
        if module == "prefect.context" or module.startswith("prefect.settings"):
            del sys.modules[module]
    os.environ.clear()
    os.environ.update(case["environment"])
    os.chdir(case["work"])
    sys.argv = ["resolve"]
    try:
        answer = {"resolved": resolve(case["explicit"])}
    except Exception as error:
        answer = {"refused": f"{type(error).__name__}: {error}"}
    with open(case["answer"], "w") as file:
        json.dump(answer, file)


def main():
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    running = 0
    for case in cases:
        if running == CHILDREN:
            os.wait()
            running -= 1
        if os.fork() == 0:
            try:
                child(case)
            finally:
                sys.stdout.flush()
                os._exit(0)
        running += 1
    while running:
        os.wait()
        running -= 1


main()
