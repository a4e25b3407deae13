"""A bucket of Google's, by gcp-storage-emulator: it prints what is set to reach it as JSON, and ends with its standard input."""

import json
import os
import sys

from gcp_storage_emulator import server


def as_google(value: object) -> object:
    """What Google's service says in its place: sizes are texts, and what nothing is known of is not there."""
    if isinstance(value, list):
        return [as_google(item) for item in value]
    if not isinstance(value, dict):
        return value
    known = {name: as_google(item) for name, item in value.items() if item is not None}
    return {name: str(item) if name == "size" else item for name, item in known.items()}


say = server.Response.json
server.Response.json = lambda self, value: say(self, as_google(value))
read = server._read_data


def _read_data(handler: object, query: object) -> object:
    """An object without content is one, too."""
    data = read(handler, query)
    return b"" if data is None else data


server._read_data = _read_data
storage = server.create_server("127.0.0.1", 0, in_memory=True, default_bucket="container")
storage.start()
storage._api.is_running.wait()
port = storage._api._httpd.server_port
print(json.dumps({"endpoint_url": f"http://127.0.0.1:{port}", "token": "anon"}), flush=True)
sys.stdin.read()
os._exit(0)
