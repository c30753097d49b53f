"""Starts and ends the emulator, with every process that it started in turn."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from settings import REGION, ROOT, STACK, Settings

HERE = Path(__file__).resolve().parent


def start(settings: Settings) -> None:
    """Starts the emulator in the background and waits until it answers."""
    _refuse_if_taken(settings)
    for folder in (settings.log, settings.state / "tmp"):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    python = ROOT / ".local" / "ministack" / "bin" / "python"
    with open(settings.log / "emulator.log", "wb") as log:
        process = subprocess.Popen(
            [python, HERE / "emulator.py"],
            env=_environment(settings), cwd=settings.state, stdin=subprocess.DEVNULL,
            stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )
    settings.pid_file.write_text(str(process.pid))
    try:
        _wait_until_healthy(settings, process)
    except BaseException:
        stop(settings)
        raise


def _environment(settings: Settings) -> dict[str, str]:
    """All that the emulator, and so every function, inherits. Nothing else of the caller's environment:
    a variable that the template forgot must be missing here as it would be on AWS."""
    ports = settings.runtime_ports
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(settings.state / "tmp"),
        "TMPDIR": str(settings.state / "tmp"),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(settings.port),
        "MINISTACK_HOST": "127.0.0.1",  # queue URLs name it
        "IOT_MTLS_ENABLED": "0",  # it would listen on every interface
        "AUTH": "true",
        "LAMBDA_ACCOUNT_CONCURRENCY": str(len(ports)),  # beyond it a 429, as on AWS
        "AWS_ENDPOINT_URL": settings.functions_endpoint,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "DARKROOM_OPEN_LOOPBACK_EXCEPT": settings.own_ports,
        "RUNTIME_PORTS": f"{ports[0]}-{ports[-1]}",
        "FUNCTION_LOG": str(settings.log / "functions.log"),
        "FUNCTION_URL_ID": STACK,
        "PLAYGROUND": settings.playground,
    }


def _refuse_if_taken(settings: Settings) -> None:
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", settings.port)) != 0:
            return
    if is_running(settings):
        state = os.path.relpath(settings.state, ROOT)
        raise SystemExit(f"This local stack is already running: `DARKROOM_LOCAL_STATE={state} make down` ends it.")
    raise SystemExit(
        f"Port {settings.port} is taken by another program. "
        "Free it, or choose another: DARKROOM_LOCAL_PORT=6000 make up"
    )


def _wait_until_healthy(settings: Settings, process: subprocess.Popen, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{settings.endpoint}/_ministack/health", timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"The emulator did not start; its log: {settings.log / 'emulator.log'}")


def is_running(settings: Settings) -> bool:
    return bool(_session(_pid(settings)))


def environments(settings: Settings, function: str) -> list[int]:
    """Process ids of the live execution environments of one function (api, render, …), oldest first."""
    alive = set(_session(_pid(settings)))
    found = []
    for line in (settings.log / "functions.log").read_text(errors="replace").splitlines():
        name, _, printed = line.partition("\t")
        if logical_name(name) == function and '"execution environment started"' in printed:
            found.append(json.loads(printed)["pid"])
    return [pid for pid in found if pid in alive]


def logical_name(physical: str) -> str:
    """`darkroom-Render-DCF03AC7DE5AF` is the template's Render: render."""
    return physical.removeprefix(f"{STACK}-").partition("-")[0].lower()


def stop(settings: Settings) -> bool:
    """Ends the emulator and what it left behind. False if nothing ran."""
    leader = _pid(settings)
    members = _session(leader)
    # The emulator first: it ends its functions, and they their browsers.
    for targets, sign, seconds in (([leader], signal.SIGTERM, 8), (None, signal.SIGKILL, 2)):
        _send(sign, targets if targets and leader in members else _session(leader))
        deadline = time.monotonic() + seconds
        while _session(leader) and time.monotonic() < deadline:
            time.sleep(0.1)
    settings.pid_file.unlink(missing_ok=True)
    return bool(members)


def _pid(settings: Settings) -> int:
    """The emulator's process id, which is its session's too; 0 if none was started or another has its number."""
    try:
        pid = int(settings.pid_file.read_text())
    except (OSError, ValueError):
        return 0
    try:
        return pid if b"emulator.py" in Path(f"/proc/{pid}/cmdline").read_bytes() else 0
    except OSError:
        return pid  # it has ended; what it started may still be there


def _session(leader: int) -> list[int]:
    """Live processes of the session that the emulator leads; a browser may have a group of its own."""
    members = []
    for stat in Path("/proc").glob("[0-9]*/stat") if leader else ():
        try:
            _, rest = stat.read_text().rsplit(")", 1)
        except OSError:
            continue
        state, _parent, _group, session = rest.split()[:4]
        if int(session) == leader and state != "Z":
            members.append(int(stat.parent.name))
    return members


def _send(sign: signal.Signals, pids: list[int]) -> None:
    for pid in pids:
        try:
            os.kill(pid, sign)
        except ProcessLookupError:
            pass
