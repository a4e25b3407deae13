import sys
import json

from prefect.filesystems import SMB

path, settings = sys.argv[1:]
settings = {f"smb_{name}": value for name, value in json.loads(settings).items()}
block = SMB(share_path=path, smb_host="127.0.0.1", **settings)
print(block.read_path("deep/er/ours").decode())
block.write_path("deep/theirs", b"from Python")
