"""A server of WebDAV over a new folder, by WsgiDAV: it prints its port, and ends with its standard input."""

import os
import shutil
import sys
import tempfile
import threading

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import get_input_stream
from wsgidav.wsgidav_app import WsgiDAVApp


class Quiet(WSGIRequestHandler):
    """Says nothing of requests."""

    def log(self, *_args: object) -> None:
        pass


folder = tempfile.mkdtemp(prefix="dav-")
config = {
    "provider_mapping": {"/dav": folder},
    "simple_dc": {"user_mapping": {"*": {"somebody": {"password": "s3cret"}}}},
    "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
    "dir_browser": {"enable": False},
    "logging": {"enable": False},
    "verbose": 0,
}
dav = WsgiDAVApp(config)


def application(environ, start_response):
    """WsgiDAV reads to the end, which is here that of the connection."""
    environ["wsgi.input"] = get_input_stream(environ)
    return dav(environ, start_response)


server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
sys.stdin.read()
shutil.rmtree(folder, ignore_errors=True)
os._exit(0)
