import sys
import json

from prefect.filesystems import RemoteFileSystem

base, settings = sys.argv[1:]
block = RemoteFileSystem(basepath=base, settings=json.loads(settings))
print(block.read_path("deep/er/ours").decode())
block.write_path("deep/theirs", b"from Python")
