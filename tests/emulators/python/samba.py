"""A share of Debian's Samba, unpacked below a directory: it prints what is set to reach it as JSON, and ends with its standard input."""

import getpass
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

root = pathlib.Path(sys.argv[1])
libraries = root / "usr/lib" / f"{os.uname().machine}-linux-gnu"
environment = {**os.environ, "LD_LIBRARY_PATH": f"{libraries}:{libraries / 'samba'}"}
folder = tempfile.TemporaryDirectory(prefix="samba-")
home = pathlib.Path(folder.name)
(home / "share").mkdir()
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
configuration = home / "smb.conf"
configuration.write_text(f"""
[global]
server role = standalone server
passdb backend = tdbsam:{home}/passdb.tdb
private dir = {home}
lock directory = {home}
state directory = {home}
cache directory = {home}
pid directory = {home}
ncalrpc dir = {home}/ncalrpc
log file = {home}/log
smb ports = {port}
interfaces = lo
bind interfaces only = yes
disable netbios = yes
load printers = no
printcap name = /dev/null
disable spoolss = yes
rpc start on demand helpers = no
server min protocol = SMB2
[SHARE]
path = {home}/share
read only = no
""")
user, password = getpass.getuser(), "s3cret"
subprocess.run(
    [root / "usr/bin/smbpasswd", "-c", configuration, "-s", "-a", user],
    input=f"{password}\n{password}\n",
    text=True,
    env=environment,
    stdout=subprocess.DEVNULL,
    check=True,
)
server = subprocess.Popen(
    [root / "usr/sbin/smbd", "-F", "--no-process-group", "-s", configuration],
    stdin=subprocess.DEVNULL,
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
    env=environment,
)
try:
    for attempt in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            break
        except OSError:
            if attempt == 99:
                raise
            time.sleep(0.2)
    print(json.dumps({"port": port, "username": user, "password": password}), flush=True)
    sys.stdin.read()
finally:
    server.terminate()
    server.wait()
    folder.cleanup()
    os._exit(0)
