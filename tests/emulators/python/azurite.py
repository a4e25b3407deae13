"""A container of Azure's, by Azurite: it prints what is set to reach it as JSON, and ends with its standard input."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time

from azure.core.exceptions import AzureError
from azure.storage.blob import BlobServiceClient

NODE, AZURITE = sys.argv[1:]
# The account that Azurite has, with the key that its documentation says.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
folder = tempfile.TemporaryDirectory(prefix="azurite-")
options = ["--silent", "--disableTelemetry", "--location", folder.name]
# Azurite knows the versions of Azure's interface up to its own release.
options += ["--skipApiVersionCheck", "--blobHost", "127.0.0.1", "--blobPort", str(port)]
server = subprocess.Popen([NODE, AZURITE, *options], stdin=subprocess.DEVNULL)
connection = (
    f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
    f"BlobEndpoint=http://127.0.0.1:{port}/{ACCOUNT};"
)
try:
    service = BlobServiceClient.from_connection_string(connection, retry_total=0)
    for attempt in range(100):
        try:
            service.create_container("container")
            break
        except AzureError:
            if attempt == 99:
                raise
            time.sleep(0.2)
    print(json.dumps({"connection_string": connection}), flush=True)
    sys.stdin.read()
finally:
    server.kill()
    server.wait()
    folder.cleanup()
    os._exit(0)
