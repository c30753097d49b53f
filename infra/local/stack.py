"""The whole stack on this machine: `stack.py up`, `stack.py down`, `stack.py run`."""

import argparse
import signal
import sys
import time

import processes
from deploy import deploy
from readable import readable
from settings import Settings


def up(settings: Settings) -> None:
    started = time.monotonic()
    _require_builds(settings)
    processes.start(settings)
    try:
        deploy(settings)
    except BaseException:
        processes.stop(settings)
        raise
    print(_greeting(settings, time.monotonic() - started), flush=True)


def down(settings: Settings) -> None:
    print("stopped" if processes.stop(settings) else "nothing was running")


def run(settings: Settings) -> None:
    # A closed terminal ends the stack as ctrl-C does.
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.default_int_handler)
    try:
        up(settings)
        print("The log follows; ctrl-C ends the stack.\n", flush=True)
        _follow(settings)
    except KeyboardInterrupt:
        print("\nstopping …", flush=True)
    finally:
        processes.stop(settings)


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
    raise SystemExit(f"The emulator ended by itself; its log: {settings.log / 'emulator.log'}")


def _greeting(settings: Settings, seconds: float) -> str:
    return f"""
Darkroom is up ({seconds:.0f} s). In another terminal:

  source {settings.env_file.relative_to(settings.env_file.parents[1])}
  curl -sS -X POST "$DARKROOM_URL/api/v1/screenshot/take" -H "X-Access-Key: $DARKROOM_ACCESS_KEY" \\
    -H "Content-Type: application/json" -d '{{"url": "https://example.com", "async": true}}'

  DARKROOM_URL         {settings.api_url}
  DARKROOM_ACCESS_KEY  {_env_value(settings, "DARKROOM_ACCESS_KEY")}
  logs                 {settings.log}
"""


def _env_value(settings: Settings, name: str) -> str:
    for line in settings.env_file.read_text().splitlines():
        if line.startswith(f"export {name}="):
            return line.partition("=")[2].strip("'")
    return ""


if __name__ == "__main__":
    verbs = {"up": up, "down": down, "run": run}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=verbs)
    verbs[parser.parse_args().verb](Settings())
