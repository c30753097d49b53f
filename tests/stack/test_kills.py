"""Processes die in mid-capture and in mid-POST: every job ends, quota adds up, each webhook comes, under one id."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from pages import Pages
from receiver import Delivery, Receiver, Reply
from sockets import holder

pytestmark = pytest.mark.usefixtures("nothing_left")

JOBS = 30
# Jobs of which the page, or the webhook's answer, is held back until a process was killed over it.
HELD_PAGES = (4, 11, 19)
HELD_HOOKS = (2, 9)
# A process is killed so long after its visit began: in the middle, with all that belongs to its beginning done.
AT_WORK_S = 0.5
# A killed capture comes back after its timeout + 30 s, a killed attempt after its lease of 45 s.
TIMEOUT_S = 5
PATIENCE_S = 150


@dataclass
class Trap:
    """Holds the first visit of a path until the process that waits for it was killed."""

    kill: Callable[[int], int]
    """Kills the process that holds this port; its id."""
    visitor: Future[int] = field(default_factory=Future)
    freed: threading.Event = field(default_factory=threading.Event)

    def catch(self, peer: int) -> bool:
        """Whether this visit, from this port, is the first."""
        if self.visitor.done():
            return False
        self.visitor.set_result(peer)
        return True

    def spring(self) -> int:
        """Kills the first visitor, then lets it go; the process that died."""
        peer = self.visitor.result(PATIENCE_S)
        time.sleep(AT_WORK_S)
        killed = self.kill(peer)
        self.freed.set()
        return killed


@dataclass(frozen=True)
class Aftermath:
    """What was there when all was over."""

    jobs: list[dict[str, Any]]
    deliveries: list[list[Delivery]]
    killed: dict[str, int]
    used: int


@pytest.fixture(scope="module")
def aftermath(new_account, used, settings) -> Iterator[Aftermath]:
    import processes

    def killer(function: str) -> Callable[[int], int]:
        def kill(peer: int) -> int:
            pid = holder(peer, processes.environments(settings, function))
            assert pid is not None, f"no {function} process holds port {peer}"
            os.kill(pid, signal.SIGKILL)
            return pid

        return kill

    page_traps = {f"/held/{n}": Trap(killer("render")) for n in HELD_PAGES}
    hook_traps = {f"/hook/{n}": Trap(killer("notifier")) for n in HELD_HOOKS}

    def hold_page(path: str, peer: int) -> None:
        trap = page_traps.get(path)
        if trap is not None and trap.catch(peer):
            trap.freed.wait(PATIENCE_S)

    def answer(delivery: Delivery, _number: int) -> Reply:
        trap = hook_traps.get(delivery.path)
        return Reply(after=trap.freed) if trap is not None and trap.catch(delivery.peer) else Reply()

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
    assert all(aftermath.jobs[n]["claims"] > 1 for n in HELD_PAGES)
    assert all(len(aftermath.deliveries[n]) > 1 for n in HELD_HOOKS)
    assert len(aftermath.killed) == len(HELD_PAGES) + len(HELD_HOOKS)


def test_every_job_is_captured_all_the_same(aftermath):
    assert [job["state"] for job in aftermath.jobs] == ["completed"] * JOBS, aftermath.jobs


def test_quota_is_the_number_of_charged_jobs(aftermath):
    assert aftermath.used == sum(job["charged"] for job in aftermath.jobs) == JOBS


def test_each_webhook_comes_under_one_id_with_one_body(aftermath):
    ids = [{delivery.headers["webhook-id"] for delivery in deliveries} for deliveries in aftermath.deliveries]
    assert all(len(of_job) == 1 for of_job in ids)
    assert len(set().union(*ids)) == JOBS
    assert all(len({delivery.body for delivery in deliveries}) == 1 for deliveries in aftermath.deliveries)
