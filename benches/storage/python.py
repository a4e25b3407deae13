"""Does with Python's blocks what `bench-storage` does: `python.py files|object|results FROM TO`."""

import json
import os
import resource
import sys
import time
from pathlib import Path

from prefect.filesystems import LocalFileSystem, RemoteFileSystem
from prefect.results import ResultStore
from prefect.serializers import JSONSerializer

RESULTS = 10_000


def move_files(files, source: str, back: str) -> None:
    files.put_directory(source)
    files.get_directory(local_path=back)


def keep_results(to: str) -> None:
    store = ResultStore(
        result_storage=LocalFileSystem(basepath=to),
        metadata_storage=None,
        serializer=JSONSerializer(),
    )
    keys = []
    for number in range(RESULTS):
        record = store.create_result_record(result(number))
        store.persist_result_record(record)
        keys.append(record.metadata.storage_key)
    for number, key in enumerate(keys):
        value = store.read(key).result
        assert value == result(number), f"{key} holds {value}"


def result(number: int) -> dict:
    return {
        "number": number,
        "name": f"result {number}",
        "values": [number, number + 1, number + 2],
    }


def main() -> None:
    case, source, to = sys.argv[1:]
    before = time.process_time()
    match case:
        case "files":
            move_files(LocalFileSystem(basepath=f"{to}/kept"), source, f"{to}/back")
        case "object":
            settings = {
                "key": "AK1D",
                "secret": "s3cret",
                "client_kwargs": {"endpoint_url": os.environ["BENCH_S3_URL"]},
            }
            files = RemoteFileSystem(basepath="s3://bucket/python", settings=settings)
            Path(f"{to}/back").mkdir(parents=True)
            move_files(files, source, f"{to}/back")
        case "results":
            keep_results(to)
    cpu_s = time.process_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # macOS counts bytes where the others count kilobytes.
    peak_kb = peak // 1024 if sys.platform == "darwin" else peak
    print(json.dumps({"cpu_s": cpu_s, "peak_kb": peak_kb}))


main()
