"""A server of S3 with an empty bucket, by moto: it prints its port, and ends with its standard input."""

import logging
import mmap
import os
import sys

import boto3
import flask
from moto.s3.models import FakeKey
from moto.server import ThreadedMotoServer


def value(key: FakeKey) -> bytes | mmap.mmap:
    """moto reads the whole object for each range of it, of which it takes a slice: that of a map is as good."""
    asked = flask.request.headers.get("range") if flask.has_request_context() else None
    if not asked or not key.size:
        return whole(key)
    with key.lock:
        key._value_buffer.rollover()
        key._value_buffer.flush()
        return mmap.mmap(key._value_buffer.fileno(), 0, access=mmap.ACCESS_READ)


whole = FakeKey.value.fget
FakeKey.value = FakeKey.value.getter(value)
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
port = server.get_host_and_port()[1]
s3 = boto3.client(
    "s3",
    endpoint_url=f"http://127.0.0.1:{port}",
    region_name="us-east-1",
    aws_access_key_id="AK1D",
    aws_secret_access_key="s3cret",
)
s3.create_bucket(Bucket="bucket")
print(port, flush=True)
sys.stdin.read()
os._exit(0)
