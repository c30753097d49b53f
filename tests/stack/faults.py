"""Breaks every call of AWS that Darkroom makes, in every way, and looks what is lost: `make faults` (about ten minutes).

microburst stands between the functions and the local AWS, and speaks its protocols: what it answers, the SDK believes. In each
cell of the matrix one kind of call goes wrong several times, more often than the SDK tries it, while four captures are asked
for as a careful client does: with an Idempotency-Key, and again until there is an answer that binds. Then every job must have
ended, every webhook must have come with a signature that holds, and the quota in use must be the number of charged jobs.
"""

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from client import NODIUM, SCREENNABSTER, Client
from pages import Pages, document
from receiver import Delivery, Receiver

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "infra" / "local"))

PROXY_PORT = 4890
PROXY = f"http://127.0.0.1:{PROXY_PORT}"

# The SDK tries a call three times (functions/shared/aws/src/clients.rs): one call fails, and the next is hit once.
TIMES = 4
# One try is given up after 5 s.
HELD_MS = 6_000
PATIENCE_S = 150
# The watchdog's first look at a job whose request died comes after 300 s.
LAST_LOOK_S = 400


@dataclass(frozen=True)
class Call:
    """A call that Darkroom makes: service, operation, and the queue where that matters."""

    service: str
    operation: str
    queue: str | None = None
    busy: str = "ThrottlingException"
    broken: str = "InternalServerError"

    @property
    def name(self) -> str:
        return f"{self.service} {self.operation}" + (f" {self.queue}" if self.queue else "")


def dynamodb(operation: str) -> Call:
    return Call("dynamodb", operation, busy="ThrottlingException", broken="InternalServerError")


def sqs(operation: str, queue: str | None = None) -> Call:
    return Call("sqs", operation, queue, busy="RequestThrottled", broken="InternalError")


def s3(operation: str) -> Call:
    return Call("s3", operation, busy="SlowDown", broken="InternalError")


CALLS = (
    dynamodb("GetItem"), dynamodb("PutItem"), dynamodb("UpdateItem"), dynamodb("TransactWriteItems"),
    dynamodb("Query"), dynamodb("BatchGetItem"),
    sqs("SendMessage", "Captures"), sqs("SendMessage", "Results"), sqs("SendMessage", "Watchdog"),
    sqs("ChangeMessageVisibility"),
    s3("PutObject"), s3("GetObject"), s3("DeleteObject"),
    Call("secretsmanager", "GetSecretValue", busy="ThrottlingException", broken="InternalServiceError"),
)

FAULTS = {
    "throttled": lambda call: {"error": {"code": call.busy, "status": 503 if call.service == "s3" else 400}},
    "5xx": lambda call: {"error": {"code": call.broken, "status": 500}},
    "timed out": lambda _: {"timeout_ms": HELD_MS},
    "reset": lambda _: {"reset": True},
    "reply lost": lambda _: {"response": {"abort_bytes": 0}},
}


@dataclass
class Cell:
    """What happened while one call went wrong in one way."""

    fired: int = 0
    asked: int = 0
    ended: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.fired}x {self.ended}/{self.asked}" + ("!" if self.problems else "")


class Matrix:
    """A stack with a proxy before its AWS."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        self.client = Client(env["DARKROOM_URL"], env["DARKROOM_ACCESS_KEY"])
        self.account = env["DARKROOM_ACCOUNT"]
        self.pages, self.receiver = Pages(), Receiver()
        self.judged = 0
        self.unsigned = 0

    def run(self, call: Call, fault: str) -> Cell:
        cell = Cell()
        if call.service == "secretsmanager":
            self.forget_secrets()
        rule = {"service": call.service, "operation": call.operation, "times": TIMES, **FAULTS[fault](call)}
        if call.queue:
            rule["body"] = f"contains(QueueUrl, '{call.queue}')"
        control("DELETE", "/fired")
        control("POST", "/rules", [rule])
        jobs = [self.ask(*request) for request in self.requests()]
        if call.operation in ("Query", "BatchGetItem"):
            self.until(lambda: self.client.own("GET", "/jobs").status_code == 200, PATIENCE_S)
        cell.asked = len(jobs)
        ended = self.until(lambda: all(self.has_ended(job) for job in jobs), PATIENCE_S)
        control("POST", "/rules", [])
        cell.ended = sum(self.has_ended(job) for job in jobs)
        cell.fired = len(control("GET", "/fired"))
        if cell.fired == 0:
            cell.problems.append("it never went wrong")
        if not ended:
            cell.problems.append(f"{cell.asked - cell.ended} jobs have not ended, or not been announced")
        cell.problems += self.unsigned_ones()
        return cell

    def requests(self):
        """Four captures: with credentials, which lie in the bucket; of a page that fails; and one in each API."""
        hook = {"webhook_url": self.receiver.url("/hook"), "webhook_errors": True}
        page = {"html": document(), "format": "png", "async": True}
        yield f"{NODIUM}/take", "X-Access-Key", {
            **hook, "url": self.pages.url("/plain"), "format": "png", "async": True, "headers": ["X-Secret: 1"],
        }
        yield f"{NODIUM}/take", "X-Access-Key", {**hook, "url": self.pages.url("/missing"), "async": True}
        yield f"{NODIUM}/take", "X-Access-Key", {**page, **hook}
        yield SCREENNABSTER, "X-API-Key", {
            "html": document(), "background": True, "callback_url": self.receiver.url("/hook"), "webhook_errors": True,
        }

    def ask(self, path: str, header: str, body: dict) -> str:
        """The job that a careful client gets: it asks again until the answer binds."""
        headers = {header: self.client.key, "Idempotency-Key": str(uuid.uuid4())}
        deadline = time.monotonic() + PATIENCE_S
        while True:
            answer = self.client.call("POST", path, headers=headers, json=body)
            if answer.status_code == 202:
                return answer.json().get("reference") or answer.json()["job_id"]
            assert answer.status_code in (409, 500, 502, 503), f"{answer.status_code} {answer.text}"
            assert time.monotonic() < deadline, answer.text
            time.sleep(1)

    def has_ended(self, name: str) -> bool:
        """Ended, and its webhook taken."""
        shown = self.client.own("GET", f"/jobs/{name}/delivery")
        return shown.status_code == 200 and shown.json()["state"] == "delivered"

    @staticmethod
    def until(condition, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not (holds := condition()) and time.monotonic() < deadline:
            time.sleep(0.3)
        return holds

    def unsigned_ones(self) -> list[str]:
        """The webhooks since the last look whose signature doesn't hold."""
        problems = []
        deliveries = self.receiver.at("/hook")
        for delivery in deliveries[self.judged:]:
            if not is_signed(delivery, self.env["DARKROOM_SIGNING_KEY"]):
                self.unsigned += 1
                problems.append(f"webhook {delivery.headers.get('webhook-id')} is not signed")
        self.judged = len(deliveries)
        return problems

    def forget_secrets(self) -> None:
        """A render environment keeps the signer's secret for minutes: those that there are end."""
        from processes import environments
        from settings import Settings

        settings = Settings(port=int(self.env["DARKROOM_LOCAL_PORT"]), state=Path(self.env["DARKROOM_LOCAL_STATE"]))
        for pid in environments(settings, "render"):
            os.kill(pid, signal.SIGKILL)

    def books(self) -> tuple[int, int, int, int]:
        """Jobs in, jobs ended, jobs charged, units in use; once nothing is under way."""
        deadline = time.monotonic() + LAST_LOOK_S
        while True:
            jobs = list(self.jobs())
            running = [job for job in jobs if job["state"] not in ("completed", "failed")]
            if not running or time.monotonic() > deadline:
                break
            time.sleep(5)
        charged = sum(job["charged"] for job in jobs)
        return len(jobs), len(jobs) - len(running), charged, self.used()

    def jobs(self):
        before: dict[str, str] = {}
        while True:
            page = self.client.own("GET", "/jobs", limit=100, **before).json()
            yield from page["jobs"]
            if page["next_before"] is None:
                return
            before = {"before": page["next_before"]}

    def used(self) -> int:
        from settings import Settings

        command = [Settings().operator, "--json", "--stack", self.env["DARKROOM_STACK"], "usage", self.account]
        return json.loads(subprocess.run(command, env=self.env, check=True, capture_output=True, text=True).stdout)["used"]


def is_signed(delivery: Delivery, key: str) -> bool:
    """As Standard Webhooks have it; over bytes, since a picture is no text."""
    signed = f"{delivery.headers['webhook-id']}.{delivery.headers['webhook-timestamp']}.".encode() + delivery.body
    mac = hmac.new(base64.b64decode(key.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(mac).decode()}" in delivery.headers["webhook-signature"].split()


def control(method: str, path: str, body=None):
    with requests.Session() as session:
        session.trust_env = False
        answer = session.request(method, f"{PROXY}/_microburst{path}", json=body, timeout=10)
    answer.raise_for_status()
    return answer.json() if answer.content else None


@contextmanager
def proxied():
    """A stack whose functions reach AWS through microburst."""
    from stack import TEST_PORT, running

    os.environ["DARKROOM_LOCAL_AWS_PROXY"] = PROXY
    upstream = f"http://127.0.0.1:{TEST_PORT}"
    burst = Path(__file__).with_name("burst.py")
    command = [sys.executable, burst, "--upstream", upstream, "--port", str(PROXY_PORT)]
    proxy = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        with running() as env:
            yield env
    finally:
        proxy.terminate()
        proxy.wait()


def main() -> int:
    wanted = sys.argv[1:]
    calls = [call for call in CALLS if not wanted or any(part in call.name for part in wanted)]
    problems = []
    with proxied() as env:
        matrix = Matrix(env)
        print("each cell: how often the call went wrong, jobs ended / jobs in\n")
        print(f"{'':34}" + "".join(f"{fault:>14}" for fault in FAULTS), flush=True)
        for call in calls:
            print(f"{call.name:34}", end="", flush=True)
            for fault in FAULTS:
                cell = matrix.run(call, fault)
                print(f"{cell!s:>14}", end="", flush=True)
                problems += [f"{call.name}, {fault}: {problem}" for problem in cell.problems]
            print(flush=True)
        jobs, ended, charged, used = matrix.books()
    if ended != jobs:
        problems.append(f"{jobs - ended} jobs never ended")
    if charged != used:
        problems.append(f"{charged} jobs are charged, {used} units are in use")
    print(f"\n{jobs} jobs in, {ended} ended; quota drift {used - charged}; {matrix.judged} webhooks, {matrix.unsigned} unsigned")
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
