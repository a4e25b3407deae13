"""Serve the Prefect API and its pages on a free port of the loopback address until told to stop.

The first line on standard output is the port. It is bound here, before it is told, so that nobody else can take it.
Standard input stays open as long as the parent lives: its end means that the parent is gone, and then so is this group.
"""

import os
import signal
import socket
import threading

HOST = "127.0.0.1"


def end_with_parent() -> None:
    # A plain read of the descriptor: a buffered reader would hold a lock when the interpreter shuts down.
    os.read(0, 1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


def wait_for_locks_briefly(connection, *_) -> None:
    # Prefect lets SQLite wait a minute for a lock. When the event loop's thread then collects a cursor of the connection
    # that waits, it waits as well, and with it the one that holds the lock: the whole server stands still for that minute,
    # which is as long as a client waits for an answer. After two seconds the server says 503, and clients ask again.
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout = 2000")
    cursor.close()


def main() -> None:
    threading.Thread(target=end_with_parent, daemon=True).start()
    listener = socket.socket()
    listener.bind((HOST, 0))
    port = listener.getsockname()[1]
    # The pages ask the settings where the API is, so these must be known before prefect is imported.
    os.environ["PREFECT_SERVER_API_HOST"] = HOST
    os.environ["PREFECT_SERVER_API_PORT"] = str(port)
    print(port, flush=True)
    os.dup2(2, 1)

    import sqlalchemy
    import uvicorn

    sqlalchemy.event.listen(sqlalchemy.pool.Pool, "checkout", wait_for_locks_briefly)

    config = uvicorn.Config("prefect.server.api.server:create_app", factory=True)
    uvicorn.Server(config).run(sockets=[listener])


main()
