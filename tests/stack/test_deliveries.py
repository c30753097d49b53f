"""The delivery log, and webhooks that are sent again: over HTTP and by the operator's command."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from receiver import Receiver, Reply

pytestmark = pytest.mark.usefixtures("nothing_left")


def settled(client, job: str, attempts: int, seconds: float = 30) -> dict:
    """The job's delivery, once it is settled after so many attempts."""
    deadline = time.monotonic() + seconds
    while True:
        shown = client.own("GET", f"/jobs/{job}/delivery").json()
        if len(shown["attempts"]) >= attempts and shown["state"] not in ("waiting", "due", "sending"):
            return shown
        assert time.monotonic() < deadline, shown
        time.sleep(0.1)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """Refuses the first webhook on each path for good, and takes those that come after it."""
    receiver = Receiver(lambda _delivery, number: Reply(410 if number == 1 else 200))
    yield receiver
    receiver.close()


@pytest.fixture
def refused(client, pages, receiver):
    """`refused("/hook")` is a job whose webhook was refused there."""

    def make(hook: str) -> str:
        job = client.submit("nodium", url=pages.url("/plain"), format="png", webhook_url=receiver.url(hook)).name
        assert settled(client, job, 1)["state"] == "refused"
        return job

    return make


def test_the_log_tells_of_each_attempt_and_a_retry_adds_one(client, receiver, refused):
    job = refused("/log")
    [attempt] = client.own("GET", f"/jobs/{job}/delivery").json()["attempts"]
    assert (attempt["number"], attempt["status"], attempt["body_head"]) == (1, 410, "")
    assert attempt["address"].startswith("127.0.0.1:")
    assert attempt["duration_ms"] < 30_000

    again = client.own("POST", f"/jobs/{job}/delivery/retry")
    assert again.status_code == 202, again.text
    shown = settled(client, job, 2)
    assert (shown["state"], [it["status"] for it in shown["attempts"]]) == ("delivered", [410, 200])
    first, second = receiver.wait("/log", 2)
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == shown["webhook_id"]
    assert first.body == second.body


def test_all_failed_ones_of_a_span_of_time_are_sent_again(client, refused, operator, stack_env):
    before = datetime.now(UTC) - timedelta(seconds=1)
    jobs = {refused("/span/1"), refused("/span/2")}
    span = {"from": before.isoformat(), "to": (datetime.now(UTC) + timedelta(seconds=1)).isoformat()}
    again = client.own("POST", "/deliveries/retry", **span)
    assert again.status_code == 202, again.text
    assert {it["id"] for it in again.json()["sent"]} == jobs
    for job in jobs:
        assert settled(client, job, 2)["state"] == "delivered"

    # What was delivered isn't sent again by that, and is by name.
    account = stack_env["DARKROOM_ACCOUNT"]
    assert operator("job", "retry-failed", account, "--from", span["from"], "--to", span["to"])["jobs"] == []
    job = jobs.pop()
    assert operator("job", "retry", job)["attempt"] == 3
    assert settled(client, job, 3)["state"] == "delivered"


def test_a_test_event_comes_as_webhooks_do(client, receiver, operator, stack_env):
    # The receiver refuses the first one on each path.
    for dialect in ("nodium", "screennabster"):
        hook = receiver.url(f"/test/{dialect}")
        begun = client.own("POST", "/deliveries/test", callback_url=hook, dialect=dialect)
        assert (begun.status_code, begun.json()["state"]) == (202, "waiting"), begun.text
        assert settled(client, begun.json()["id"], 1)["state"] == "refused"
        account = stack_env["DARKROOM_ACCOUNT"]
        job = operator("webhook", "test", account, hook, "--dialect", dialect)["job"]
        assert settled(client, job, 1)["state"] == "delivered"
        _first, second = receiver.wait(f"/test/{dialect}", 2)
        assert second.headers["webhook-id"] == client.own("GET", f"/jobs/{job}/delivery").json()["webhook_id"]


def test_what_cannot_be_sent_again_is_refused(client, pages):
    job = client.submit("nodium", url=pages.url("/plain")).name
    client.ended(job)
    again = client.own("POST", f"/jobs/{job}/delivery/retry")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "no_webhook")
    assert client.own("GET", f"/jobs/{job}/delivery").json()["state"] == "none"
    missing = client.own("POST", "/deliveries/retry")
    assert missing.status_code == 400
    assert len(missing.json()["error"]["details"]) == 2
