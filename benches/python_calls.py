"""Measures Prefect's own two clients: one line `NAME CALLERS CALLS URL PROCESSORS` in, one line of JSON out, until the
input ends.

One process for all measurements, as importing prefect takes seconds.
"""

import asyncio
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from uuid import UUID

from prefect.client.orchestration import PrefectClient, SyncPrefectClient

# Where this process may run when nobody says anything else.
ANY = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
FLOW_RUN = UUID("5b1c3a4e-7d2f-4c1e-9a6b-0f1e2d3c4b5a")


class Cost:
    """Processor time of this process and wall time, from when it is made until it is told."""

    def __init__(self) -> None:
        self.cpu = time.process_time()
        self.wall = time.perf_counter()

    def told(self, counted: int) -> dict[str, float]:
        cpu, wall = time.process_time() - self.cpu, time.perf_counter() - self.wall
        return {"cpu_us": cpu * 1e6 / counted, "wall_us": wall * 1e6 / counted}


def blocking(url: str, callers: int, calls: int, warm_up: int) -> dict[str, float]:
    """Threads that share one client; all begin together once all are warm."""
    together = threading.Barrier(callers + 1)
    failures: list[BaseException] = []

    def work(client: SyncPrefectClient) -> None:
        try:
            for _ in range(warm_up):
                client.read_flow_run(FLOW_RUN)
            together.wait()
            for _ in range(calls):
                client.read_flow_run(FLOW_RUN)
            together.wait()
        except BaseException as error:
            failures.append(error)
            together.abort()

    with SyncPrefectClient(url) as client:
        threads = [threading.Thread(target=work, args=(client,)) for _ in range(callers)]
        for thread in threads:
            thread.start()
        try:
            together.wait()
            cost = Cost()
            together.wait()
            told = cost.told(callers * calls)
        except threading.BrokenBarrierError:
            told = {}
        for thread in threads:
            thread.join()
    if failures:
        raise failures[0]
    return told


async def asynchronous(url: str, callers: int, calls: int, warm_up: int) -> dict[str, float]:
    """Tasks that share one client."""

    async def work(client: PrefectClient, times: int) -> None:
        for _ in range(times):
            await client.read_flow_run(FLOW_RUN)

    async with PrefectClient(url) as client:
        await asyncio.gather(*(work(client, warm_up) for _ in range(callers)))
        cost = Cost()
        await asyncio.gather(*(work(client, calls) for _ in range(callers)))
        return cost.told(callers * calls)


MEASUREMENTS: dict[str, Callable[[str, int, int, int], dict[str, float]]] = {
    "python_blocking": blocking,
    "python_async": lambda *arguments: asyncio.run(asynchronous(*arguments)),
}


def main() -> None:
    for line in sys.stdin:
        name, callers, calls, url, processors = line.split()
        if processors != "any":
            os.sched_setaffinity(0, map(int, processors.split(",")))
        elif hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, ANY)
        each = int(calls) // int(callers)
        told = MEASUREMENTS[name](url, int(callers), each, max(each // 10, 2))
        print(json.dumps(told), flush=True)


main()
