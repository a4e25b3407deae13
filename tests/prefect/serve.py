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

import sqlalchemy
import uvicorn


@sqlalchemy.event.listens_for(sqlalchemy.pool.Pool, "checkout")
def wait_for_locks_briefly(connection, *_) -> None:
    # Prefect lets SQLite wait a minute for a lock. When the event loop's thread then collects a cursor of the connection
    # that waits, it waits as well, and with it the one that holds the lock: the whole server stands still for that minute.
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 300")
    cursor.close()


uvicorn.run(
    "prefect.server.api.server:create_app",
    factory=True,
    host="127.0.0.1",
    port=int(sys.argv[1]),
    log_level="warning",
)
