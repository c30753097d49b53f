"""The whole stack on this machine.

  stack.py up            start it in the background, return when it is ready
  stack.py down          end it
  stack.py run           start it, show its log, end it with ctrl-C
  stack.py with COMMAND  run COMMAND against a fresh stack of its own (or the one whose env file is sourced)
"""

import argparse
import contextlib
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import processes
from deploy import deploy
from readable import readable
from settings import ROOT, Settings

# The stack of tests and measurements, beside one that a developer may have running.
TEST_PORT = 4900


def up(settings: Settings) -> None:
    started = time.monotonic()
    _start(settings)
    print(_greeting(settings, time.monotonic() - started), flush=True)


def down(settings: Settings) -> None:
    print("stopped" if processes.stop(settings) else "nothing was running")


def run(settings: Settings) -> None:
    up(settings)
    try:
        print("The log follows; ctrl-C ends the stack.\n", flush=True)
        _follow(settings)
    except KeyboardInterrupt:
        print("\nstopping …", flush=True)
    finally:
        processes.stop(settings)


@contextlib.contextmanager
def running() -> Iterator[dict[str, str]]:
    """The variables that reach a stack: the sourced one, else a fresh one that ends with the block."""
    if "DARKROOM_URL" in os.environ:
        yield dict(os.environ)
        return
    settings = Settings(port=TEST_PORT, state=ROOT / ".local" / "test")
    _end_as_by_ctrl_c()
    _start(settings)
    try:
        yield {**os.environ, **_read_env(settings)}
    finally:
        processes.stop(settings)


def run_with(command: list[str]) -> int:
    with running() as env:
        return subprocess.run(command, env=env).returncode


def _start(settings: Settings) -> None:
    _require_builds(settings)
    processes.start(settings)
    try:
        deploy(settings)
    except BaseException:
        processes.stop(settings)
        raise


def _end_as_by_ctrl_c() -> None:
    """A closed terminal or a plain kill ends what was started, too."""
    for sign in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(sign) != signal.SIG_IGN:  # as nohup leaves it
            signal.signal(sign, signal.default_int_handler)


def _require_builds(settings: Settings) -> None:
    needed = [settings.operator, settings.layer / "chromium.zip", settings.layer / "opt"]
    missing = [str(path) for path in needed if not path.exists()]
    if missing:
        raise SystemExit(f"Not built yet: {', '.join(missing)}. `make build layer` makes them.")


def _follow(settings: Settings) -> None:
    path = settings.log / "functions.log"
    colour = sys.stdout.isatty()
    with open(path, encoding="utf-8", errors="replace") as log:
        while processes.is_running(settings):
            line = log.readline()
            if line:
                print(readable(line, colour), flush=True)
            else:
                time.sleep(0.2)
    time.sleep(1)  # whoever ended it removes the file when all of it is gone
    if not settings.pid_file.exists():
        print("The stack was ended from elsewhere.", flush=True)
        return
    raise SystemExit(f"The emulator ended by itself; its log: {settings.log / 'emulator.log'}")


def _greeting(settings: Settings, seconds: float) -> str:
    return f"""
Darkroom is up ({seconds:.0f} s). In another terminal:

  source {os.path.relpath(settings.env_file)}
  curl -i "$DARKROOM_URL/api/v1/screenshot/take" -H "X-Access-Key: $DARKROOM_ACCESS_KEY" \\
    -H "Content-Type: application/json" \\
    -d "{{\\"url\\": \\"$DARKROOM_PLAYGROUND/\\", \\"format\\": \\"png\\", \\"async\\": true, \\"webhook_url\\": \\"$DARKROOM_PLAYGROUND/webhook\\"}}"

The picture arrives by webhook, in {os.path.relpath(settings.state)}/received/.

  DARKROOM_URL         {settings.api_url}
  DARKROOM_ACCESS_KEY  {_read_env(settings)["DARKROOM_ACCESS_KEY"]}
  logs                 {settings.log}
"""


def _read_env(settings: Settings) -> dict[str, str]:
    words = shlex.split(settings.env_file.read_text(), comments=True)
    return dict(word.split("=", 1) for word in words if word != "export")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("verb", choices=("up", "down", "run", "with"))
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    _end_as_by_ctrl_c()
    if arguments.verb == "with":
        return run_with(arguments.command)
    {"up": up, "down": down, "run": run}[arguments.verb](Settings())
    return 0


if __name__ == "__main__":
    sys.exit(main())
