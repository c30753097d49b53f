"""Measures when webhooks are retried: `make retries` (about 7 minutes).

Three receivers at once: one always answers 500, one recovers at the third attempt, one hangs twice. Prints each attempt beside
when it was due, and fails if one came early or more than two seconds late, or if there were too few or too many.
"""

import os
import sys
from dataclasses import dataclass

import boto3

import queues
from client import Client
from receiver import Delivery, Receiver, Reply

# Nodium seed, «Retry Policy»: each counted from the end of the failed attempt.
DELAYS_S = (10, 60, 300)
CUT_S = 30
CLOCKS_S = 0.1
TOLERANCE_S = 2
PATIENCE_S = 480


@dataclass(frozen=True)
class Case:
    """A receiver's behaviour: what it answers each attempt, None for nothing."""

    name: str
    answers: tuple[int | None, ...]

    @property
    def path(self) -> str:
        return "/" + self.name.replace(" ", "-")


CASES = (
    Case("always answers 500", (500, 500, 500, 500)),
    Case("recovers at the third", (500, 500, 200)),
    Case("hangs twice", (None, None, 200)),
)


def main() -> int:
    by_path = {case.path: case for case in CASES}

    def answer(delivery: Delivery, number: int) -> Reply:
        answers = by_path[delivery.path].answers
        return Reply(answers[number - 1] if number <= len(answers) else 500)

    receiver = Receiver(answer)
    client = Client(os.environ["DARKROOM_URL"], os.environ["DARKROOM_ACCESS_KEY"])
    for case in CASES:
        client.submit("nodium", html="<p>retries</p>", webhook_url=receiver.url(case.path))
    print(f"{len(CASES)} receivers; the last attempt is due after {sum(DELAYS_S)} s\n", flush=True)

    for case in CASES:
        receiver.wait(case.path, len(case.answers), PATIENCE_S)
    wait_until_over()
    print(f"{'receiver':24}{'attempt':>8}{'at':>10}{'due':>10}{'late by':>10}{'open for':>10}")
    faults = [fault for case in CASES for fault in report(case, receiver.at(case.path))]
    print("\n" + ("\n".join(faults) or f"All attempts came within {TOLERANCE_S} s of when they were due."))
    return 1 if faults else 0


def report(case: Case, attempts: list[Delivery]) -> list[str]:
    """Prints a receiver's attempts; tells what is wrong with them."""
    faults = []
    if len(attempts) != len(case.answers):
        faults.append(f"{case.name}: {len(attempts)} attempts, not {len(case.answers)}")
    if len({attempt.headers["webhook-id"] for attempt in attempts}) != 1:
        faults.append(f"{case.name}: more than one webhook-id")
    start = attempts[0].arrived
    for number, attempt in enumerate(attempts, start=1):
        # The first is due when the picture is there: shown as its own yardstick.
        due = attempt.arrived if number == 1 else over(attempts[number - 2]) + DELAYS_S[number - 2]
        late, took = attempt.arrived - due, over(attempt) - attempt.arrived
        print(f"{case.name:24}{number:8}{attempt.arrived - start:9.2f}s{due - start:9.2f}s{late:9.2f}s{took:9.2f}s")
        if not 0 <= late <= TOLERANCE_S:
            faults.append(f"{case.name}: attempt {number} came {late:.2f} s after it was due")
        # The sender counts from the last byte sent, the receiver from when it has read them.
        if case.answers[number - 1] is None and not CUT_S - CLOCKS_S <= took <= CUT_S + TOLERANCE_S:
            faults.append(f"{case.name}: attempt {number} was cut after {took:.2f} s, not {CUT_S}")
    return faults


def over(attempt: Delivery) -> float:
    assert attempt.over is not None, "an attempt is still open"
    return attempt.over


def wait_until_over() -> None:
    """Until no delivery is under way: then there will be no further attempt."""
    outputs = queues.outputs(boto3.client("cloudformation"), os.environ["DARKROOM_STACK"])
    queues.wait_until_empty(boto3.client("sqs"), [outputs["ResultsQueueUrl"]], seconds=60)


if __name__ == "__main__":
    sys.exit(main())
