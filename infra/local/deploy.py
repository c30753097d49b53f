"""Deploys the template into a started emulator and leaves it ready for a first curl."""

import json
import os
import shlex
import subprocess
import sys

import boto3

from settings import ROOT, STACK, Settings


# Clients that wait for a capture at once; more browsers than processors only make each other late.
SYNC_CONCURRENCY = 2


def deploy(settings: Settings) -> None:
    _sam_deploy(settings)
    _turn_on_expiry(settings)
    _reserve_concurrency(settings)
    _operator(settings, "signer", "rotate")
    account = _operator(settings, "account", "create", "--name", "local", "--quota", "100000")
    _write_env(settings, account)


def _sam_deploy(settings: Settings) -> None:
    parameters = {
        # Layers are not mounted for provided runtimes here.
        "ChromiumPath": settings.layer / "opt" / "chromium" / "chromium",
        # The Function URL's own name doesn't resolve on this machine.
        "PublicUrl": settings.api_url,
        "RenderConcurrency": max(2, min(5, os.cpu_count() or 2)),
        "SyncConcurrency": SYNC_CONCURRENCY,
    }
    command = [
        os.path.join(os.path.dirname(sys.executable), "sam"), "deploy",
        "--template-file", settings.template, "--stack-name", STACK, "--resolve-s3",
        "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar",
        "--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items()),
    ]
    _run(settings, command, settings.log / "deploy.log")


def _turn_on_expiry(settings: Settings) -> None:
    """The emulator drops the table's TTL from the template (the API itself works)."""
    outputs = stack_outputs(settings)
    client(settings, "dynamodb").update_time_to_live(
        TableName=outputs["TableName"],
        TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True},
    )


def _reserve_concurrency(settings: Settings) -> None:
    """The emulator drops that from the template too."""
    client(settings, "lambda").put_function_concurrency(
        FunctionName=stack_outputs(settings)["RenderNowFunction"], ReservedConcurrentExecutions=SYNC_CONCURRENCY
    )


def client(settings: Settings, service: str):
    env = settings.aws_env
    return boto3.client(
        service,
        endpoint_url=settings.endpoint,
        region_name=env["AWS_REGION"],
        aws_access_key_id=env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
    )


def stack_outputs(settings: Settings) -> dict[str, str]:
    [stack] = client(settings, "cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}


def _operator(settings: Settings, *arguments: str) -> dict:
    command = [settings.operator, "--json", "--stack", STACK, *arguments]
    return json.loads(_run(settings, command, settings.log / "deploy.log"))


def _run(settings: Settings, command: list, log_path) -> str:
    """Runs one step, keeps what it prints, and shows it when the step fails."""
    # The caller's own AWS settings (a profile, a session token) must not reach the local stack's clients.
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    env = {**own, **settings.aws_env, "SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    with open(log_path, "a", encoding="utf-8") as log:
        log.write(f"$ {shlex.join(str(word) for word in command)}\n{done.stderr}")
        if command[0] != settings.operator:  # whose answers hold keys
            log.write(done.stdout)
    if done.returncode != 0:
        name = shlex.join(str(word) for word in command[:3])
        raise SystemExit(f"{done.stdout}{done.stderr}\n`{name} …` failed; the whole log: {log_path}")
    return done.stdout


def _write_env(settings: Settings, account: dict) -> None:
    values = {
        "DARKROOM_URL": settings.api_url,
        "DARKROOM_ACCOUNT": account["account"],
        "DARKROOM_ACCESS_KEY": account["access_key"],
        "DARKROOM_SIGNING_KEY": account["signing_key"],
        "DARKROOM_PLAYGROUND": settings.playground,
        "DARKROOM_STACK": STACK,
        "DARKROOM_LOCAL_PORT": str(settings.port),
        "DARKROOM_LOCAL_STATE": str(settings.state),
        **settings.aws_env,
    }
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in values.items()]
    settings.env_file.unlink(missing_ok=True)
    with open(os.open(settings.env_file, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.writelines(lines)
