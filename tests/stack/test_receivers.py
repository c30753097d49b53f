"""The receivers of docs/receivers, run as the programs they are: they accept every delivery, and refuse a tampered one."""

import base64
import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from pages import COLOUR, TEXT
from pictures import MEDIA_TYPES, is_near, opened, text_of
from receiver import Delivery

pytestmark = pytest.mark.usefixtures("nothing_left")

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "receivers"
NODE_MODULES = ROOT / "tests" / "receivers" / "node_modules"
OTHER_KEY = "whsec_" + base64.b64encode(b"another account's key, 32 bytes.").decode()
EXTENSIONS = {"png": "png", "jpeg": "jpg", "webp": "webp", "pdf": "pdf"}
PROGRAMS = {
    # example: (variable of its key, path that it takes webhooks at)
    "nodium": ("NODIUM_SIGNING_KEY", "/webhook/screenshot"),
    "screennabster": ("SCREENNABSTER_WEBHOOK_SIGNING_SECRET", "/hooks/screennabster"),
    "standard_webhooks": ("SIGNING_KEY", "/hooks/standard"),
}
LANGUAGES = {"node": (["node"], "js"), "python": ([sys.executable], "py")}


@dataclass(frozen=True)
class Running:
    """An example as a process with a folder of its own."""

    process: subprocess.Popen
    hook: str
    folder: Path

    @property
    def printed(self) -> str:
        return (self.folder / "output").read_text()

    def file(self, pattern: str, seconds: float = 30) -> bytes:
        """The one file that matches, once it is whole."""
        deadline = time.monotonic() + seconds
        while not (found := [file for file in self.folder.glob(pattern) if file.stat().st_size > 0]):
            assert time.monotonic() < deadline, f"no {pattern} in {seconds} s; it printed:\n{self.printed}"
            time.sleep(0.05)
        [file] = found
        return file.read_bytes()


def start(language: str, example: str, key: str, folder: Path) -> Running:
    interpreter, extension = LANGUAGES[language]
    variable, path = PROGRAMS[example]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {"PATH": os.environ["PATH"], "PORT": str(port), "NODE_PATH": str(NODE_MODULES), variable: key}
    with open(folder / "output", "wb") as output:
        command = [*interpreter, EXAMPLES / language / f"{example}.{extension}"]
        process = subprocess.Popen(command, env=env, cwd=folder, stdout=output, stderr=subprocess.STDOUT)
    running = Running(process, f"http://127.0.0.1:{port}{path}", folder)
    wait_until_listening(running, port)
    return running


def wait_until_listening(running: Running, port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and running.process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    running.process.kill()
    raise AssertionError(f"it does not listen; it printed:\n{running.printed}")


@pytest.fixture(scope="module", params=LANGUAGES)
def example(request, stack_env, tmp_path_factory) -> Iterator:
    """`example("nodium")` is that receiver, started once a language, with the account's key."""
    if request.param == "node" and not (shutil.which("node") and NODE_MODULES.is_dir()):
        pytest.fail("Node and its packages are needed: `make npm`")
    started: dict[str, Running] = {}

    def get(name: str) -> Running:
        if name not in started:
            folder = tmp_path_factory.mktemp(f"{request.param}-{name}")
            started[name] = start(request.param, name, stack_env["DARKROOM_SIGNING_KEY"], folder)
        return started[name]

    yield get
    for running in started.values():
        running.process.kill()
        running.process.wait()


@pytest.fixture(scope="module")
def genuine(client, pages, receiver) -> dict[str, Delivery]:
    """One delivery of each kind, as it came from the stack."""
    closed, page = "http://127.0.0.1:1/", pages.url("/plain")
    client.submit("nodium", url=page, format="png", webhook_url=receiver.url("/picture"))
    client.submit("nodium", url=closed, webhook_errors=True, webhook_url=receiver.url("/failure"))
    client.submit("screennabster", url=page, callback_url=receiver.url("/event"))
    return {path: receiver.wait(f"/{path}")[0] for path in ("picture", "failure", "event")}


def assert_shows_the_page(body: bytes, kind: str) -> None:
    picture = opened(body, MEDIA_TYPES[kind])
    if kind == "pdf":
        assert TEXT in text_of(body)
    else:
        assert is_near(picture.getpixel((5, 5)), COLOUR)


def post(running: Running, body: bytes, headers: dict[str, str]) -> int:
    """Plays a delivery to a receiver; the status that it answers."""
    kept = {name: value for name, value in headers.items() if name not in ("host", "content-length")}
    with requests.Session() as session:
        session.trust_env = False
        return session.post(running.hook, data=body, headers=kept, timeout=30).status_code


# --- deliveries from the stack ---


@pytest.mark.parametrize("kind", EXTENSIONS)
def test_a_nodium_receiver_saves_what_was_captured(example, client, pages, kind):
    running = example("nodium")
    job = client.submit("nodium", url=pages.url("/plain"), format=kind, webhook_url=running.hook)
    assert_shows_the_page(running.file(f"screenshots/{job.name}.{EXTENSIONS[kind]}"), kind)


@pytest.mark.parametrize("kind", EXTENSIONS)
def test_a_screennabster_receiver_downloads_what_was_captured(example, client, pages, kind):
    running = example("screennabster")
    job = client.submit("screennabster", url=pages.url("/plain"), output=kind, callback_url=running.hook)
    assert_shows_the_page(running.file(f"results/{job.name}.{EXTENSIONS[kind]}"), kind)


@pytest.mark.parametrize(("name", "callback"), [("nodium", "webhook_url"), ("screennabster", "callback_url")])
def test_receivers_are_told_of_failures(example, client, name, callback):
    running = example(name)
    options = {callback: running.hook, "webhook_errors": True}
    job = client.submit(name, url="http://127.0.0.1:1/", **options)
    wait_for_line(running, f"{job.name} failed: ")


def test_the_standard_webhooks_library_accepts_every_json_body(example, client, pages):
    running = example("standard_webhooks")
    hook = {"callback_url": running.hook, "webhook_errors": True}
    completed = client.submit("screennabster", url=pages.url("/plain"), **hook)
    failed = client.submit("screennabster", url="http://127.0.0.1:1/", **hook)
    nodium = client.submit("nodium", url="http://127.0.0.1:1/", webhook_url=running.hook, webhook_errors=True)
    for job in (completed, failed, nodium):
        wait_for_line(running, job.name)


def wait_for_line(running: Running, text: str) -> None:
    deadline = time.monotonic() + 30
    while text not in running.printed:
        assert time.monotonic() < deadline, running.printed
        time.sleep(0.05)


# --- what is tampered with ---

KINDS = [
    ("nodium", "picture"),
    ("nodium", "failure"),
    ("screennabster", "event"),
    ("standard_webhooks", "event"),
    ("standard_webhooks", "failure"),
]
SIGNATURES = {
    "nodium": "x-nodium-signature",
    "screennabster": "x-screennabster-signature",
    "standard_webhooks": "webhook-signature",
}


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_only_the_genuine_delivery_is_accepted(example, genuine, name, kind):
    running, delivery, header = example(name), genuine[kind], SIGNATURES[name]
    body, headers = delivery.body, delivery.headers
    middle = len(body) // 2
    flipped = body[:middle] + bytes([body[middle] ^ 1]) + body[middle + 1 :]
    unsigned = {other: value for other, value in headers.items() if other != header}

    assert post(running, flipped, headers) == 401
    assert post(running, body[:-1], headers) == 401
    assert post(running, b"", headers) == 401
    assert post(running, body, unsigned) == 401
    for garbled in ("", "sha256=", "v1,", "ä".encode().decode("latin-1"), headers[header][:-2]):
        assert post(running, body, {**headers, header: garbled}) == 401, garbled
    assert post(running, body, headers) == 200
    assert post(running, body, headers) == 200, "a repeat"


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_another_accounts_signature_is_refused(example, genuine, name, kind):
    delivery = genuine[kind]
    forged = {**delivery.headers, **signed(delivery, OTHER_KEY)}
    assert post(example(name), delivery.body, forged) == 401


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp"])
def test_the_standard_webhooks_library_refuses_a_changed_id_or_time(example, genuine, changed):
    delivery = genuine["event"]
    headers = delivery.headers
    other = {"webhook-id": headers["webhook-id"] + "x", "webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}
    assert post(example("standard_webhooks"), delivery.body, {**headers, changed: other[changed]}) == 401


def signed(delivery: Delivery, key: str) -> dict[str, str]:
    """Every signature header of a delivery, computed anew with a key as it is shown."""
    whole = hmac.new(key.encode(), delivery.body, hashlib.sha256).hexdigest()
    content = f"{delivery.headers['webhook-id']}.{delivery.headers['webhook-timestamp']}.".encode() + delivery.body
    decoded = base64.b64decode(key.removeprefix("whsec_"))
    standard = base64.b64encode(hmac.new(decoded, content, hashlib.sha256).digest()).decode()
    return {
        "x-nodium-signature": whole,
        "x-screennabster-signature": f"sha256={whole}",
        "webhook-signature": f"v1,{standard}",
    }


@pytest.mark.parametrize("kind", ["picture", "failure", "event"])
def test_signatures_are_those_of_the_docs_over_the_raw_bytes(genuine, stack_env, kind):
    """Raw pictures too, which the Standard Webhooks libraries can't check: they read a body as UTF-8 text."""
    delivery = genuine[kind]
    expected = signed(delivery, stack_env["DARKROOM_SIGNING_KEY"])
    sent = {name: value for name, value in delivery.headers.items() if name in expected}
    assert len(sent) == 2
    assert sent == {name: expected[name] for name in sent}
