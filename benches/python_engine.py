"""What flows and tasks take of a Python process: `blocking|async CASE`, beside the server that PREFECT_API_URL names.

It prints what `bench-engine` prints.
"""

import time

WALL = time.perf_counter()

import asyncio
import json
import resource
import sys

from prefect import flow, task
from prefect.events.worker import EventsWorker

TASKS = 1000
FLOWS = 100
TASKS_OF_FLOW = 10
RUNS = {"sequence": TASKS, "submitted": TASKS, "flows": FLOWS * TASKS_OF_FLOW, "flow_alone": FLOWS, "start": 1}


@task
def double(n: int) -> int:
    return 2 * n


@task(name="double")
async def adouble(n: int) -> int:
    return 2 * n


@flow(name="bench-calls")
def calls(count: int) -> int:
    return sum(double(n) for n in range(count))


@flow(name="bench-calls")
async def acalls(count: int) -> int:
    total = 0
    for n in range(count):
        total += await adouble(n)
    return total


@flow(name="bench-submits")
def submits(count: int) -> int:
    return sum(double.map(range(count)).result())


@flow(name="bench-submits")
async def asubmits(count: int) -> int:
    return sum(adouble.map(range(count)).result())


@flow(name="bench-starts")
def starts() -> list[float]:
    return [time.process_time(), time.perf_counter() - WALL]


@flow(name="bench-starts")
async def astarts() -> list[float]:
    return [time.process_time(), time.perf_counter() - WALL]


def blocking(case: str) -> None:
    match case:
        case "sequence":
            calls(TASKS)
        case "submitted":
            submits(TASKS)
        case "flows":
            for _ in range(FLOWS):
                calls(TASKS_OF_FLOW)
        case "flow_alone":
            for _ in range(FLOWS):
                calls(0)


async def asynchronous(case: str) -> None:
    match case:
        case "sequence":
            await acalls(TASKS)
        case "submitted":
            await asubmits(TASKS)
        case "flows":
            for _ in range(FLOWS):
                await acalls(TASKS_OF_FLOW)
        case "flow_alone":
            for _ in range(FLOWS):
                await acalls(0)


def measured(face: str, case: str) -> list[float]:
    if case == "start":
        return starts() if face == "blocking" else asyncio.run(astarts())
    calls(1)
    cpu, wall = time.process_time(), time.perf_counter()
    if face == "blocking":
        blocking(case)
    else:
        asyncio.run(asynchronous(case))
    # What is told in the background belongs to it.
    EventsWorker.drain_all()
    return [time.process_time() - cpu, time.perf_counter() - wall]


def main(face: str, case: str) -> None:
    cpu, wall = measured(face, case)
    runs = RUNS[case]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    told = {"runs": runs, "cpu_us": cpu * 1e6 / runs, "wall_us": wall * 1e6 / runs, "peak_kb": peak}
    print(json.dumps(told))


main(sys.argv[1], sys.argv[2])
