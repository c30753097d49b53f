"""Requests that are sent more than once under one Idempotency-Key, over the whole stack."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from client import NODIUM, SCREENNABSTER

pytestmark = pytest.mark.usefixtures("nothing_left")

RACERS = 6

DIALECTS = {
    "nodium": (f"{NODIUM}/take", "X-Access-Key", {"async": True}, "reference"),
    "screennabster": (SCREENNABSTER, "X-API-Key", {"background": True}, "job_id"),
}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_requests_that_race_under_one_key_make_one_job_and_one_charge(new_account, used, pages, dialect):
    path, key_header, options, name = DIALECTS[dialect]
    account, client = new_account(RACERS)
    headers = {key_header: client.key, "Idempotency-Key": '"order-12345"'}
    body = {"url": pages.url("/plain"), "format": "png", **options}

    def send(_: int):
        return client.call("POST", path, headers=headers, json=body)

    with ThreadPoolExecutor(RACERS) as pool:
        answers = list(pool.map(send, range(RACERS)))
    accepted = [answer for answer in answers if answer.status_code == 202]
    assert accepted, [answer.text for answer in answers]
    for answer in answers:
        assert answer in accepted or (answer.status_code == 409 and int(answer.headers["retry-after"]) >= 1), answer.text
    [job_id] = {answer.json()[name] for answer in accepted}

    ended = client.ended(job_id)
    assert ended["state"] == "completed"
    late = send(0)
    assert (late.status_code, late.content) == (202, accepted[0].content)
    assert [job["id"] for job in client.own("GET", "/jobs").json()["jobs"]] == [ended["id"]]
    assert used(account) == 1


def test_another_request_under_the_key_is_refused(client, pages):
    headers = {"X-Access-Key": client.key, "Idempotency-Key": "another"}
    first = client.call("POST", f"{NODIUM}/take", headers=headers, json={"async": True, "url": pages.url("/plain")})
    assert first.status_code == 202, first.text
    other = client.call("POST", f"{NODIUM}/take", headers=headers, json={"async": True, "url": pages.url("/tall")})
    assert other.status_code == 409
    assert other.headers["x-nodium-error-code"] == "idempotency_key_used"
    client.ended(first.headers["x-nodium-reference"])
