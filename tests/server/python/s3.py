"""A server of S3 with an empty bucket, by moto: it prints its port, and ends with its standard input."""

import logging
import os
import sys

import boto3
from moto.server import ThreadedMotoServer

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
