"""Processes die in mid-capture and in mid-POST: every job ends, quota adds up, each webhook comes, under one id."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from pages import Pages
from receiver import Delivery, Receiver, Reply

pytestmark = pytest.mark.usefixtures("nothing_left")

JOBS = 30
# Jobs of which the page, or the webhook's answer, is held back until a process was killed over it.
HELD_PAGES = (4, 11, 19)
HELD_HOOKS = (2, 9)
# A killed capture comes back after its timeout + 30 s, a killed attempt after its lease of 45 s.
TIMEOUT_S = 5
PATIENCE_S = 150


@dataclass
class Trap:
    """Holds the first visit of a path until the process that waits for it was killed."""

    kill: Callable[[], list[int]]
    caught: threading.Event = field(default_factory=threading.Event)
    freed: threading.Event = field(default_factory=threading.Event)

    def spring(self) -> list[int]:
        """Kills once there is a visit, then lets it go; the processes that died."""
        assert self.caught.wait(PATIENCE_S), "nothing came"
        killed = self.kill()
        self.freed.set()
        return killed


@dataclass(frozen=True)
class Aftermath:
    """What was there when all was over."""

    jobs: list[dict[str, Any]]
    deliveries: list[list[Delivery]]
    killed: dict[str, list[int]]
    used: int


@pytest.fixture(scope="module")
def aftermath(new_account, used, settings) -> Iterator[Aftermath]:
    import processes

    def killer(function: str) -> Callable[[], list[int]]:
        def kill() -> list[int]:
            pids = processes.environments(settings, function)
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            return pids

        return kill

    page_traps = {f"/held/{n}": Trap(killer("render")) for n in HELD_PAGES}
    hook_traps = {f"/hook/{n}": Trap(killer("notifier")) for n in HELD_HOOKS}

    def hold_page(path: str) -> None:
        if trap := page_traps.get(path):
            trap.caught.set()
            trap.freed.wait(PATIENCE_S)

    def answer(delivery: Delivery, number: int) -> Reply:
        trap = hook_traps.get(delivery.path)
        if trap is None or number > 1:
            return Reply()
        trap.caught.set()
        return Reply(after=trap.freed)

    pages, receiver = Pages(hold_page), Receiver(answer)
    account, client = new_account(JOBS)
    with ThreadPoolExecutor(JOBS) as threads:
        traps = {path: threads.submit(trap.spring) for path, trap in (page_traps | hook_traps).items()}

        def one(n: int) -> dict[str, Any]:
            dialect, hook = (("nodium", "webhook_url"), ("screennabster", "callback_url"))[n % 2]
            options = {hook: receiver.url(f"/hook/{n}"), "webhook_errors": True, "timeout": TIMEOUT_S}
            job = client.submit(dialect, url=pages.url(f"/held/{n}"), **options)
            return client.ended(job.name, PATIENCE_S)

        jobs = list(threads.map(one, range(JOBS)))
        deliveries = [receiver.wait(f"/hook/{n}", 2 if n in HELD_HOOKS else 1, PATIENCE_S) for n in range(JOBS)]
        killed = {path: trap.result() for path, trap in traps.items()}
    yield Aftermath(jobs, deliveries, killed, used(account))
    pages.close()
    receiver.close()


def test_processes_were_killed_at_work(aftermath):
    assert all(aftermath.killed.values()), aftermath.killed
    assert sum(job["claims"] > 1 for job in aftermath.jobs) >= 1
    assert all(len(aftermath.deliveries[n]) > 1 for n in HELD_HOOKS)


def test_every_job_is_captured_all_the_same(aftermath):
    assert [job["state"] for job in aftermath.jobs] == ["completed"] * JOBS, aftermath.jobs


def test_quota_is_the_number_of_charged_jobs(aftermath):
    assert aftermath.used == sum(job["charged"] for job in aftermath.jobs) == JOBS


def test_each_webhook_comes_under_one_id_with_one_body(aftermath):
    ids = [{delivery.headers["webhook-id"] for delivery in deliveries} for deliveries in aftermath.deliveries]
    assert all(len(of_job) == 1 for of_job in ids)
    assert len(set().union(*ids)) == JOBS
    assert all(len({delivery.body for delivery in deliveries}) == 1 for deliveries in aftermath.deliveries)
