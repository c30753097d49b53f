"""What waits in a stack's queues."""

import time
from collections.abc import Iterable
from typing import Any

WORK = ("CapturesQueueUrl", "CapturesDlqUrl", "ResultsQueueUrl", "ResultsDlqUrl", "WatchdogDlqUrl")
"""The outputs that name the queues of captures and deliveries, and every dead-letter queue. Watchdogs may wait."""


def outputs(cloudformation: Any, stack: str) -> dict[str, str]:
    """The template's outputs by name."""
    [description] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return {output["OutputKey"]: output["OutputValue"] for output in description["Outputs"]}


def wait_until_empty(sqs: Any, urls: Iterable[str], seconds: float) -> None:
    """Until no message is visible, in flight or delayed."""
    deadline = time.monotonic() + seconds
    while left := {url: count for url in urls if (count := messages(sqs, url))}:
        assert time.monotonic() < deadline, f"still waiting after {seconds} s: {left}"
        time.sleep(0.2)


def messages(sqs: Any, url: str) -> int:
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return sum(int(attributes[f"ApproximateNumberOfMessages{kind}"]) for kind in ("", "NotVisible", "Delayed"))
