"""Serve a flow by Prefect's own runner: `NAME` is that of the deployment. The server is that of PREFECT_API_URL."""

import sys

from prefect import flow


@flow(name="bench-served")
def nothing() -> None:
    pass


if __name__ == "__main__":
    nothing.serve(name=sys.argv[1], pause_on_shutdown=False, print_starting_message=False, limit=5)
