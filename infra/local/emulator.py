"""Starts ministack with what Darkroom needs and ministack lacks. Runs in ministack's own venv.

Each change is small, and bound to the version that requirements-emulator.txt pins:
- the Runtime API of an execution environment listens on a port of a known range, not on any free one,
  so that captured pages and webhooks can be kept away from it;
- those servers answer without Nagle's delay (45 ms a request otherwise);
- what a function prints goes to a log as it is printed, not only into CloudWatch Logs after its answer;
- IAM knows dynamodb:LeadingKeys, so that a function that touches an item outside its policy fails here too;
- loopback counts as TLS for IAM, so that the bucket's policy can demand TLS and be enforced;
- a streamed answer is passed on as the bytes that it is, where the emulator takes it for text, and one that
  breaks off isn't (it is passed on whole, not piece by piece);
- a function gets the query as it was sent, where the emulator spells it anew;
- a parameter `signature` is the function's own affair, where the emulator takes it for AWS's `Signature`;
- a mapping's MaximumConcurrency may come from a parameter, which arrives as text;
- the Function URL's id is the same after every start.
"""

import contextvars
import datetime
import itertools
import json
import os
import re
import socketserver
import subprocess
import sys
from pathlib import Path

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime
from ministack.services import lambda_svc


def bind_within(ports: range) -> None:
    bind = socketserver.TCPServer.server_bind
    # Onward from the last one, never the same twice in a row: between two servers' bind and listen,
    # SO_REUSEADDR (set by ministack) would let both have one port.
    turn = itertools.cycle(ports)

    def server_bind(server):
        host, port = server.server_address
        if port != 0:
            return bind(server)
        for candidate in itertools.islice(turn, len(ports)):
            server.server_address = (host, candidate)
            try:
                return bind(server)
            except OSError:
                continue
        raise OSError(f"no free port in {ports}: too many execution environments")

    socketserver.TCPServer.server_bind = server_bind
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True


class Tee:
    """A pipe whose lines are also written elsewhere."""

    def __init__(self, stream, write):
        self.stream, self.write, self.close = stream, write, stream.close

    def readline(self):
        line = self.stream.readline()
        if line:
            self.write(line)
        return line


def log_functions(path: str) -> None:
    """Writes a line for each one printed: the function's name, a tab, what it printed."""
    log = open(path, "ab", buffering=0)  # one write a line, so that lines never mix
    pump = lambda_runtime.ProvidedWorker._pump_output

    def pump_into_log(worker, stream, log_queue):
        def write(line):
            log.write(worker.func_name.encode() + b"\t" + line.rstrip(b"\r\n") + b"\n")

        started = {
            "timestamp": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
            "level": "INFO",
            "message": "execution environment started",
            "pid": getattr(worker._proc, "pid", None),
        }
        write(json.dumps(started).encode())
        pump(worker, Tee(stream, write), log_queue)

    lambda_runtime.ProvidedWorker._pump_output = pump_into_log


def leading_keys(request: dict, key: str = "pk") -> list[str]:
    """The partition keys that a DynamoDB request names, or one action of a transaction."""
    named = [request]
    named += [{"Key": k} for table in request.get("RequestItems", {}).values() if "Keys" in table for k in table["Keys"]]
    values = [item.get(field, {}).get(key) for item in named for field in ("Key", "Item")]
    found = [value["S"] for value in values if value]
    # A query of an index leads with the index's key, so only the table's own is looked for.
    names = {alias for alias, name in request.get("ExpressionAttributeNames", {}).items() if name == key} | {key}
    for name, value in re.findall(r"([#\w]+)\s*=\s*(:\w+)", request.get("KeyConditionExpression", "")):
        if name in names:
            found.append(request["ExpressionAttributeValues"][value]["S"])
    return found


class Checked(str):
    """The table's ARN in the check of one action of a transaction, with the keys of that action."""

    def __new__(cls, arn: str, keys: list[str]):
        checked = super().__new__(cls, arn)
        checked.keys = keys
        return checked


def enforce_leading_keys() -> None:
    """AWS judges each action of a transaction by itself: its own permission, its own key."""
    context = iam_actions.dynamodb_service_context
    checks = iam_actions.dynamodb_transaction_checks
    enforce = iam_evaluator.enforce

    def with_keys(keys: list[str], context: dict | None) -> dict:
        return {**(context or {}), **({"dynamodb:LeadingKeys": keys} if keys else {})}

    def context_with_keys(body):
        return with_keys(leading_keys(json.loads(body or b"{}")), context(body))

    def checks_with_keys(action, body, *rest):
        found = []
        for item in json.loads(body or b"{}").get("TransactItems", []):
            keys = [key for part in item.values() for key in leading_keys(part)]
            alone = json.dumps({"TransactItems": [item]}).encode()
            found += [(name, Checked(arn, keys)) for name, arn in checks(action, alone, *rest)]
        return found

    def enforce_with_keys(*arguments, resource_arn="*", service_context=None):
        keys = getattr(resource_arn, "keys", [])
        return enforce(*arguments, resource_arn=resource_arn, service_context=with_keys(keys, service_context))

    iam_actions.dynamodb_service_context = context_with_keys
    iam_actions.dynamodb_transaction_checks = checks_with_keys
    iam_evaluator.enforce = enforce_with_keys


def count_as_tls() -> None:
    resolve = iam_evaluator._resolve_condition_key

    def resolve_key(key, context):
        return "true" if key.lower() == "aws:securetransport" else resolve(key, context)

    iam_evaluator._resolve_condition_key = resolve_key


def read_concurrency_as_number() -> None:
    limit = lambda_svc._sqs_esm_concurrency

    def limit_of_number(mapping, *rest):
        scaling = {name: int(value) for name, value in (mapping.get("ScalingConfig") or {}).items()}
        return limit({**mapping, "ScalingConfig": scaling}, *rest)

    lambda_svc._sqs_esm_concurrency = limit_of_number


def pass_streams_on() -> None:
    """A function that ends in mid-answer leaves its chunks without the last one, of no length (RFC 9112, 7.1)."""
    build = lambda_runtime.ProvidedWorker._build_handler_class

    def build_handler_class(worker, generation, pending):
        handler = build(worker, generation, pending)
        post = handler.do_POST

        def do_POST(self):
            if self.headers.get("Lambda-Runtime-Function-Response-Mode") != "streaming":
                return post(self)
            request_id, _ = lambda_runtime._INVOCATION_RESULT_RE.search(self.path).groups()
            try:
                kind, payload = "response", self._read_body()
            except ValueError:
                kind, payload = "error", {"errorType": "Runtime.ExitError", "errorMessage": "the answer broke off"}
            taken = worker._record_result(generation, request_id, kind, payload)
            return self._respond(202 if taken else 400)

        handler.do_POST = do_POST
        return handler

    lambda_runtime.ProvidedWorker._build_handler_class = build_handler_class


def pass_queries_on() -> None:
    sent = contextvars.ContextVar("the query as it was sent")
    handle, build_event = app._handle_special_data_plane_request, lambda_svc._build_function_url_event

    def handle_knowing_the_query(*request, raw_query_string="", **others):
        sent.set(raw_query_string)
        return handle(*request, raw_query_string=raw_query_string, **others)

    def build_event_with_the_query(*request, **others):
        return build_event(*request, **others) | {"rawQueryString": sent.get()}

    app._handle_special_data_plane_request = handle_knowing_the_query
    lambda_svc._build_function_url_event = build_event_with_the_query


def leave_signatures_to_functions() -> None:
    attempted = iam_evaluator._signature_attempted

    def attempted_by_aws_names(authorization, query_params):
        return attempted(authorization, {name: it for name, it in (query_params or {}).items() if name != "signature"})

    iam_evaluator._signature_attempted = attempted_by_aws_names


def play(origin: str, log: str) -> None:
    """Starts the playground, in this process's session, so that it ends with it."""
    port = origin.rpartition(":")[2]
    program = Path(__file__).with_name("playground.py")
    subprocess.Popen([sys.executable, program, "--port", port, "--state", os.getcwd(), "--log", log])


if __name__ == "__main__":
    first, last = (int(port) for port in os.environ.pop("RUNTIME_PORTS").split("-"))
    bind_within(range(first, last + 1))
    log = os.environ.pop("FUNCTION_LOG")
    log_functions(log)
    play(os.environ.pop("PLAYGROUND"), log)
    enforce_leading_keys()
    count_as_tls()
    read_concurrency_as_number()
    pass_streams_on()
    pass_queries_on()
    leave_signatures_to_functions()
    lambda_svc._new_function_url_id = lambda url_id=os.environ.pop("FUNCTION_URL_ID"): url_id
    app.main()
