"""The stack that the tests here run against: a fresh one, or the one whose env file is sourced."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import queues
from client import Client
from pages import Pages
from receiver import Receiver

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "infra" / "local"))


@pytest.fixture(scope="session")
def stack_env() -> Iterator[dict[str, str]]:
    """The variables of .local/env (DARKROOM_URL, DARKROOM_ACCESS_KEY, …, AWS_ENDPOINT_URL) over this process's own."""
    from stack import running

    with running() as env:
        yield env


@pytest.fixture(scope="session")
def aws(stack_env):
    """`aws("dynamodb")` is a boto3 client of the stack, as its administrator."""
    import boto3

    def client(service: str):
        return boto3.client(
            service,
            endpoint_url=stack_env["AWS_ENDPOINT_URL"],
            region_name=stack_env["AWS_REGION"],
            aws_access_key_id=stack_env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=stack_env["AWS_SECRET_ACCESS_KEY"],
        )

    return client


@pytest.fixture(scope="session")
def outputs(aws, stack_env) -> dict[str, str]:
    """The template's outputs by name."""
    return queues.outputs(aws("cloudformation"), stack_env["DARKROOM_STACK"])


@pytest.fixture(scope="session")
def settings(stack_env):
    """Where the stack's processes, logs and files are."""
    from settings import Settings

    return Settings(port=int(stack_env["DARKROOM_LOCAL_PORT"]), state=Path(stack_env["DARKROOM_LOCAL_STATE"]))


@pytest.fixture(scope="session")
def client(stack_env) -> Client:
    """A client of the stack's first account, which has quota for everything."""
    return Client(stack_env["DARKROOM_URL"], stack_env["DARKROOM_ACCESS_KEY"])


@pytest.fixture(scope="session")
def operator(stack_env, settings):
    """`operator("usage", account)` runs the operator's command and gives what it answers."""

    def run(*arguments: str) -> Any:
        command = [settings.operator, "--json", "--stack", stack_env["DARKROOM_STACK"], *arguments]
        done = subprocess.run(command, env=stack_env, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return json.loads(done.stdout)

    return run


@pytest.fixture(scope="session")
def new_account(operator, stack_env):
    """`new_account(quota)` makes an account: its id, and a client that speaks for it."""

    def create(quota: int) -> tuple[str, Client]:
        account = operator("account", "create", "--name", "test", "--quota", str(quota))
        return account["account"], Client(stack_env["DARKROOM_URL"], account["access_key"])

    return create


@pytest.fixture(scope="session")
def used(operator):
    """`used(account)` is what the account has used of this month's quota."""

    def count(account: str) -> int:
        return operator("usage", account)["used"]

    return count


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    pages = Pages()
    yield pages
    pages.close()


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="module")
def nothing_left(aws, outputs) -> Iterator[None]:
    """Fails a module whose tests leave a capture or a delivery in a queue, or a dead letter."""
    yield
    queues.wait_until_empty(aws("sqs"), [outputs[name] for name in queues.WORK], seconds=10)
