"""Where the local stack lives: ports, folders, names. Everything else here reads these."""

import os
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STACK = "darkroom"
REGION = "us-east-1"
FUNCTIONS = ("api", "render", "notifier", "janitor")

# Execution environments that may run at once; each has one port of its own (Lambda's Runtime API).
RUNTIME_PORTS = 256


def _state() -> Path:
    return ROOT / os.environ.get("DARKROOM_LOCAL_STATE", ".local")


def _target() -> Path:
    return ROOT / os.environ.get("CARGO_TARGET_DIR", "target")


@dataclass(frozen=True)
class Settings:
    """One local stack. Two can run side by side: give the second another port and state folder."""

    port: int = field(default_factory=lambda: int(os.environ.get("DARKROOM_LOCAL_PORT", "4566")))
    state: Path = field(default_factory=_state)
    template: Path = ROOT / "infra" / "template.yaml"
    layer: Path = ROOT / "build" / "layer"
    operator: Path = field(default_factory=lambda: _target() / "debug" / "darkroom")

    @property
    def endpoint(self) -> str:
        # Not "localhost": with an address the SDKs choose path-style S3 by themselves.
        return f"http://127.0.0.1:{self.port}"

    @property
    def functions_endpoint(self) -> str:
        """Where functions find AWS: the emulator, or a proxy before it."""
        return os.environ.get("DARKROOM_LOCAL_AWS_PROXY", self.endpoint)

    @property
    def api_url(self) -> str:
        # emulator.py gives the only Function URL this id, so that it is the same after every start.
        return f"{self.endpoint}/_aws/lambda-url/{STACK}"

    @property
    def runtime_ports(self) -> range:
        return range(self.port + 1, self.port + 1 + RUNTIME_PORTS)

    @property
    def playground(self) -> str:
        """A page to capture and a receiver for webhooks (playground.py)."""
        return f"http://127.0.0.1:{self.port + 1 + RUNTIME_PORTS}"

    @property
    def own_ports(self) -> str:
        """What pages and webhooks must not reach, though the rest of loopback is open to them."""
        return ",".join(str(port) for port in (self.port, *self.runtime_ports))

    @property
    def log(self) -> Path:
        return self.state / "log"

    @property
    def pid_file(self) -> Path:
        return self.state / "pid"

    @property
    def env_file(self) -> Path:
        return self.state / "env"

    @property
    def aws_env(self) -> dict[str, str]:
        """What an AWS client needs to reach this stack as its administrator."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
