"""What the local stack promises: it stays on this machine, keeps its own ports shut, and enforces the template's IAM."""

import contextlib
import functools
import os
import signal
import stat
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def settings(stack_env):
    from settings import Settings

    return Settings(port=int(stack_env["DARKROOM_LOCAL_PORT"]), state=Path(stack_env["DARKROOM_LOCAL_STATE"]))


def listening(pid: int) -> set[tuple[str, int]]:
    """(address, port) of each TCP socket that a process listens on, IPv4 and IPv6; addresses as the kernel writes them."""
    inodes = {os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir() if fd.is_symlink()}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            address, port = fields[1].split(":")
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes:
                found.add((address, int(port, 16)))
    return found


def test_every_port_is_on_loopback_and_shut_to_captures(settings, stack_env):
    with contextlib.suppress(urllib.error.HTTPError):  # any answer will do: a function has a port now
        urllib.request.urlopen(stack_env["DARKROOM_URL"] + "/")
    sockets = listening(int(settings.pid_file.read_text()))
    assert {address for address, _ in sockets} == {"0100007F"}
    assert len(sockets) >= 2
    assert {str(port) for _, port in sockets} <= set(settings.own_ports.split(","))


# Somebody who uses a stack of his own; a process of its own session stands for the emulator.
USER = """
import subprocess, sys, time
from pathlib import Path
import stack

def start(settings):
    settings.state.mkdir(parents=True)
    program = "import time; print(flush=True); time.sleep(60)"
    emulator = subprocess.Popen([sys.executable, "-c", program, "emulator.py"], stdout=subprocess.PIPE, start_new_session=True)
    emulator.stdout.readline()  # it runs: before that its name in /proc is still this program's
    settings.pid_file.write_text(str(emulator.pid))
    print(emulator.pid, flush=True)

stack.ROOT, stack._start, stack._read_env = Path(sys.argv[1]), start, lambda settings: {}
with stack.running():
    print("at work", flush=True)
    if sys.argv[2] == "fail":
        raise AssertionError
    time.sleep(60)
"""


@pytest.mark.parametrize("end", ["fail", signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stack_of_tests_ends_with_them(tmp_path, end):
    import processes

    env = {name: value for name, value in os.environ.items() if name != "DARKROOM_URL"}
    command = [sys.executable, "-c", USER, tmp_path, str(end)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    folder = Path(processes.__file__).parent
    with subprocess.Popen(command, cwd=folder, env=env, text=True, **streams) as user:
        emulator = int(user.stdout.readline())
        assert user.stdout.readline() == "at work\n"
        if end != "fail":
            user.send_signal(end)
        assert user.wait(timeout=15) != 0
    assert processes._session(emulator) == []


def test_the_env_file_is_for_its_owner_alone(settings):
    assert stat.S_IMODE(settings.env_file.stat().st_mode) == 0o600


def test_results_are_not_public(aws, outputs, stack_env):
    aws("s3").put_object(Bucket=outputs["BucketName"], Key="results/probe", Body=b"picture")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"{stack_env['AWS_ENDPOINT_URL']}/{outputs['BucketName']}/results/probe")
    assert refusal.value.code == 403


# True of no item, so that an allowed write changes nothing either.
NEVER = {"ConditionExpression": "attribute_exists(pk) AND attribute_not_exists(pk)"}


@pytest.fixture(scope="module")
def as_function(aws, outputs, stack_env):
    """`as_function("Render")` is a client of the table with that function's role."""

    def client(function: str):
        role = aws("lambda").get_function_configuration(FunctionName=outputs[f"{function}Function"])["Role"]
        session = aws("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
        return boto3.client(
            "dynamodb",
            endpoint_url=stack_env["AWS_ENDPOINT_URL"],
            region_name=stack_env["AWS_REGION"],
            aws_access_key_id=session["AccessKeyId"],
            aws_secret_access_key=session["SecretAccessKey"],
            aws_session_token=session["SessionToken"],
        )

    return functools.cache(client)


def is_allowed(call, **arguments) -> bool:
    """Whether a call gets past IAM; what the table then says of it doesn't matter."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"] != "AccessDeniedException"
    return True


def part(action: str, kind: str, table: str) -> dict:
    """The arguments of one action on an item of this kind."""
    item = {"pk": {"S": f"{kind}#1"}, "sk": {"S": "probe"}}
    if action == "get":
        return {"TableName": table, "Key": item}
    if action == "put":
        return {"TableName": table, "Item": item, **NEVER}
    update = {"UpdateExpression": "SET probe = pk"} if action == "update" else {}
    return {"TableName": table, "Key": item, **update, **NEVER}


@pytest.mark.parametrize(
    ("function", "allowed"),
    [
        (
            "Api",
            {
                *("get key", "get job", "put job", "update job", "delete job", "update quota", "update starts", "update places"),
                *("get quota", "get starts"),
                *("get idempotency", "put idempotency", "delete idempotency", "get signing", "get cache", "put cache"),
            },
        ),
        ("Render", {"get job", "update job", "update quota", "update places"}),
        ("Notifier", {"get job", "put job", "get signing", "get circuit", "update circuit"}),
        ("Janitor", {"get job", "update job", "update quota", "update places", "delete idempotency"}),
    ],
)
def test_functions_may_do_what_they_do_and_no_more(as_function, outputs, function, allowed):
    table = as_function(function)
    found = set()
    for action in ("get", "put", "update", "delete"):
        for kind in ("job", "quota", "key", "signing", "account", "idempotency", "cache", "circuit", "starts", "places"):
            if is_allowed(getattr(table, f"{action}_item"), **part(action, kind, outputs["TableName"])):
                found.add(f"{action} {kind}")
    assert found == allowed


@pytest.mark.parametrize(
    ("function", "actions", "allowed"),
    [
        ("Api", ["put job", "update quota"], True),
        ("Api", ["delete job", "delete job"], True),
        ("Api", ["put job", "update quota", "put idempotency", "put cache"], True),
        ("Render", ["update job", "update quota"], True),
        ("Janitor", ["update job", "update quota", "delete idempotency"], True),
        # Each key is known to the role, and each action too, but not the one with the other.
        ("Api", ["update job", "put quota"], False),
        ("Api", ["put job", "delete key"], False),
        ("Render", ["put job", "update quota"], False),
        ("Notifier", ["put job", "put signing"], False),
    ],
)
def test_each_action_of_a_transaction_needs_its_own_permission(as_function, outputs, function, actions, allowed):
    items = []
    for number, (action, kind) in enumerate(word.split() for word in actions):
        arguments = part(action, kind, outputs["TableName"])
        arguments.get("Key", arguments.get("Item"))["sk"] = {"S": f"probe {number}"}
        items.append({action.capitalize(): arguments})
    assert is_allowed(as_function(function).transact_write_items, TransactItems=items) == allowed
