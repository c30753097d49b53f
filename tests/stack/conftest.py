"""The stack that the tests here run against: a fresh one, or the one whose env file is sourced."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    [stack] = aws("cloudformation").describe_stacks(StackName=stack_env["DARKROOM_STACK"])["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
