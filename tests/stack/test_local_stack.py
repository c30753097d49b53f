"""What the local stack promises: it stays on this machine, keeps its own ports shut, and enforces the template's IAM."""

import contextlib
import os
import stat
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


def test_the_env_file_is_for_its_owner_alone(settings):
    assert stat.S_IMODE(settings.env_file.stat().st_mode) == 0o600


def test_results_are_not_public(aws, outputs, stack_env):
    aws("s3").put_object(Bucket=outputs["BucketName"], Key="results/probe", Body=b"picture")
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"{stack_env['AWS_ENDPOINT_URL']}/{outputs['BucketName']}/results/probe")
    assert refusal.value.code == 403


@pytest.mark.parametrize(
    ("function", "key", "allowed"),
    [
        ("Render", "job#1", True),
        ("Render", "key#1", False),
        ("Render", "signing#1", False),
        ("Notifier", "signing#1", True),
        ("Notifier", "quota#1", False),
        ("Api", "signing#1", False),
    ],
)
def test_functions_reach_only_their_kinds_of_items(aws, outputs, stack_env, function, key, allowed):
    role = aws("lambda").get_function_configuration(FunctionName=outputs[f"{function}Function"])["Role"]
    session = aws("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    table = boto3.client(
        "dynamodb",
        endpoint_url=stack_env["AWS_ENDPOINT_URL"],
        region_name=stack_env["AWS_REGION"],
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )

    def read():
        table.get_item(TableName=outputs["TableName"], Key={"pk": {"S": key}, "sk": {"S": "job"}})

    if allowed:
        read()
    else:
        with pytest.raises(ClientError, match="AccessDenied"):
            read()
