"""A receiver that fails again and again is left alone, and gets what is its own when it is back."""

import time

from receiver import Receiver, Reply
from test_deliveries import settled

JOBS = 25


def test_a_receiver_that_fails_is_left_alone_and_gets_everything_when_it_is_back(client, pages, nothing_left):
    works = False
    receiver = Receiver(lambda _delivery, _number: Reply(200 if works else 500))
    jobs = [
        client.submit("nodium", url=pages.url("/plain"), format="png", webhook_url=receiver.url(f"/{number}")).name
        for number in range(JOBS)
    ]
    deadline = time.monotonic() + 90
    while not (postponed := [job for job in jobs if client.own("GET", f"/jobs/{job}/delivery").json()["postponed_since"]]):
        assert time.monotonic() < deadline, "no webhook was ever postponed"
        time.sleep(0.5)
    # One that waits is neither tried nor lost, and says when it will be.
    shown = client.own("GET", f"/jobs/{postponed[0]}/delivery").json()
    assert (shown["state"], shown["next_at"] > shown["postponed_since"]) == ("due", True)
    works = True
    for job in jobs:
        assert settled(client, job, 1, seconds=240)["state"] == "delivered"
    receiver.close()
