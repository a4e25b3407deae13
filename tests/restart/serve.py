"""Serve the Prefect API on the port of the loopback address that is told, for as long as the parent lives.

Standard input stays open as long as that is so.
"""

import os
import sys
import threading


def end_with_parent() -> None:
    os.read(0, 1)
    os._exit(1)


threading.Thread(target=end_with_parent, daemon=True).start()

import uvicorn

uvicorn.run(
    "prefect.server.api.server:create_app",
    factory=True,
    host="127.0.0.1",
    port=int(sys.argv[1]),
    log_level="warning",
)
