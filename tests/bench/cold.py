"""Measures cold starts: `make cold`.

From the start of a process to its first PNG of the same page, by turns:
- render's release binary with the layer's Chromium, as Lambda starts it: a Runtime API with one message of the captures
  queue. It ends when the function has answered, so that claiming the job, the upload, and recording and announcing the
  outcome are included, at the speed of the local stack.
- node with @sparticuz/chromium and puppeteer-core, until the PNG is in memory.

Each start finds a scratch directory of its own, empty: the peer unpacks its Chromium there. Programs and the layer are in the
page cache on both sides.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3

import queues
from client import Client
from pages import Pages

ROOT = Path(__file__).resolve().parents[2]
RENDER = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "release" / "render"
ROUNDS = int(os.environ.get("N", "10"))
BOUND = 0.30
STACK = "darkroom"
PATIENCE_S = 60


def main() -> int:
    pages = Pages()
    url = pages.url("/plain")
    stack = Stack()
    jobs = [stack.submit(url) for _ in range(ROUNDS + 1)]
    # The first round of each fills the page cache.
    rounds = [(stack.cold_start(), peer_cold_start(url)) for _ in jobs][1:]
    states = [stack.client.job(job)["state"] for job in jobs]
    assert set(states) == {"completed"}, states

    ours, theirs = zip(*rounds, strict=True)
    print(f"{'process start to first PNG, cold scratch':48}{'p50':>10}{'min':>10}{'max':>10}   n = {ROUNDS}")
    row("render, the whole invocation (job, S3, SQS)", ours)
    row("node + @sparticuz/chromium + puppeteer-core", theirs)
    ratio = statistics.median(ours) / statistics.median(theirs)
    verdict = "holds" if ratio <= BOUND else "MISSED"
    print(f"ratio {ratio:.2f}   ≤ {BOUND:.2f}   {verdict}")
    return 0


def row(name: str, seconds: tuple[float, ...]) -> None:
    figures = (statistics.median(seconds), min(seconds), max(seconds))
    print(f"  {name:46}" + "".join(f"{figure * 1000:7.0f} ms" for figure in figures))


class Stack:
    """The local stack, whose own render function is kept from the captures queue."""

    def __init__(self) -> None:
        self.client = Client(os.environ["DARKROOM_URL"], os.environ["DARKROOM_ACCESS_KEY"])
        self.sqs: Any = boto3.client("sqs")
        self.functions: Any = boto3.client("lambda")
        self.queue = queues.outputs(boto3.client("cloudformation"), STACK)["CapturesQueueUrl"]
        self.function = self._take_over()

    def _take_over(self) -> dict[str, Any]:
        """Ends the mapping that feeds the render function; yields the function's configuration."""
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]
        self.queue_arn = attributes["QueueArn"]
        [mapping] = self.functions.list_event_source_mappings(EventSourceArn=self.queue_arn)["EventSourceMappings"]
        self.functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
        # A poll that has begun may still take a message.
        time.sleep(2)
        return self.functions.get_function_configuration(FunctionName=mapping["FunctionArn"])

    def submit(self, url: str) -> str:
        return self.client.submit("screennabster", url=url, output="png").name

    def cold_start(self) -> float:
        """Seconds from the start of render's process to its answer to one message."""
        with RuntimeApi(self._event()) as api, Scratch() as scratch:
            environment = {
                **self.function["Environment"]["Variables"],
                **{name: value for name, value in os.environ.items() if name.startswith("AWS_")},
                "AWS_LAMBDA_RUNTIME_API": api.address,
                "AWS_LAMBDA_FUNCTION_NAME": self.function["FunctionName"],
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.function["MemorySize"]),
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "DARKROOM_OPEN_LOOPBACK_EXCEPT": "0",
                "TMPDIR": str(scratch),
            }
            began = time.monotonic()
            with subprocess.Popen([RENDER], env=environment, stdout=subprocess.DEVNULL) as process:
                try:
                    answered, answer = api.answer()
                finally:
                    process.kill()
            assert answer == {"batchItemFailures": []}, answer
            return answered - began

    def _event(self) -> dict[str, Any]:
        """One message of the queue, as Lambda hands it to a function."""
        received = self.sqs.receive_message(QueueUrl=self.queue, WaitTimeSeconds=10, AttributeNames=["All"])
        [message] = received["Messages"]
        record = {
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self.queue_arn,
            "awsRegion": os.environ["AWS_REGION"],
        }
        return {"Records": [record]}


class RuntimeApi:
    """Lambda's Runtime API, with one invocation."""

    def __init__(self, event: dict[str, Any]) -> None:
        self._answered = threading.Event()
        self._outcome: tuple[float, Any] = (0.0, None)
        api = self
        invocations = [json.dumps(event).encode()]

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if not invocations:
                    time.sleep(PATIENCE_S)
                    return
                body = invocations.pop()
                self.send_response(200)
                for name, value in {
                    "Lambda-Runtime-Aws-Request-Id": "00000000-0000-4000-8000-000000000000",
                    "Lambda-Runtime-Deadline-Ms": str(int((time.time() + PATIENCE_S) * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:render",
                    "Content-Type": "application/json",
                    "Content-Length": str(len(body)),
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                at = time.monotonic()
                body = self.rfile.read(int(self.headers["Content-Length"]))
                api._outcome = (at, json.loads(body))
                api._answered.set()
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "RuntimeApi":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()

    def answer(self) -> tuple[float, Any]:
        """When the function answered, and what."""
        assert self._answered.wait(PATIENCE_S), "render did not answer"
        return self._outcome


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A function that was killed breaks its connection off."""


class Scratch:
    """An empty directory that is removed afterwards, with what a killed browser may still write into it."""

    def __enter__(self) -> Path:
        self._path = Path(tempfile.mkdtemp(prefix="darkroom-cold-"))
        return self._path

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._path, ignore_errors=True)


def peer_cold_start(url: str) -> float:
    """Seconds from the start of node to a PNG in its memory."""
    with Scratch() as scratch:
        # As on Lambda: the package unpacks the libraries that Amazon Linux lacks, too.
        environment = {"PATH": os.environ["PATH"], "HOME": str(scratch), "TMPDIR": str(scratch), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs22.x"}
        began = time.monotonic()
        command = ["node", ROOT / "tests" / "bench" / "cold-peer.mjs", url]
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            line = process.stdout.readline()
            ended = time.monotonic()
        assert line.strip().isdigit(), f"the peer took no picture: {line}"
        return ended - began


if __name__ == "__main__":
    sys.exit(main())
