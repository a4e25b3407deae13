"""Serve the Prefect API and its pages on a free port of the loopback address until told to stop.

The first line on standard output is the port. It is bound here, before it is told, so that nobody else can take it.
Standard input stays open as long as the parent lives: its end means that the parent is gone, and then so is this group.
"""

import functools
import os
import signal
import socket
import sqlite3
import threading
import time

HOST = "127.0.0.1"
# As long as Prefect has SQLite wait.
LOCKED_S = 60


def end_with_parent() -> None:
    # A plain read of the descriptor: a buffered reader would hold a lock when the interpreter shuts down.
    os.read(0, 1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def wait_for_locks_outside_of_sqlite() -> None:
    # Prefect lets SQLite wait for a lock with the connection's mutex held. When the event loop's thread then collects a
    # cursor of the connection that waits, it waits as well, and with it the one that holds the lock: the whole server stands
    # still until the wait is over, and whoever asked is told 503, on a starved machine again and again. So SQLite does not
    # wait at all; whoever finds the lock taken sleeps without holding anything, and tries again.
    import aiosqlite.core
    import sqlalchemy

    execute = aiosqlite.core.Connection._execute

    async def execute_patiently(self, function, *arguments, **named):
        return await execute(self, patiently, functools.partial(function, *arguments, **named))

    aiosqlite.core.Connection._execute = execute_patiently

    @sqlalchemy.event.listens_for(sqlalchemy.pool.Pool, "checkout")
    def wait_for_no_lock(connection, *_) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 0")
        cursor.close()


def patiently(function):
    deadline = time.monotonic() + LOCKED_S
    while True:
        try:
            return function()
        except sqlite3.OperationalError as error:
            # A transaction that others have overtaken (SQLITE_BUSY_SNAPSHOT) has to begin anew, which clients do.
            is_locked = getattr(error, "sqlite_errorname", None) == "SQLITE_BUSY"
            if not is_locked or time.monotonic() > deadline:
                raise
            time.sleep(0.005)


def main() -> None:
    threading.Thread(target=end_with_parent, daemon=True).start()
    # With a protocol that is named, asyncio sends each part of an answer at once, as it does for the sockets that it makes itself: else
    # the body waits 40 ms until the head is acknowledged.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind((HOST, 0))
    port = listener.getsockname()[1]
    # The pages ask the settings where the API is, so these must be known before prefect is imported.
    os.environ["PREFECT_SERVER_API_HOST"] = HOST
    os.environ["PREFECT_SERVER_API_PORT"] = str(port)
    print(port, flush=True)
    os.dup2(2, 1)

    import uvicorn

    wait_for_locks_outside_of_sqlite()

    config = uvicorn.Config("prefect.server.api.server:create_app", factory=True)
    uvicorn.Server(config).run(sockets=[listener])


main()
