"""Clients that wait: the result comes as the answer, of any size, in both dialects, and costs what it should."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from client import NODIUM, SCREENNABSTER
from pages import COLOUR, NOISE_PX, TEXT, document, noise
from pictures import MEDIA_TYPES, is_near, opened, text_of

pytestmark = pytest.mark.usefixtures("nothing_left")

FORMATS = list(MEDIA_TYPES)


def take(client, **options) -> requests.Response:
    return client.take(**{"async": False, **options})


def capture(client, **options) -> requests.Response:
    return client.capture(**{"background": False, **options})


def stored(client, name: str) -> bytes:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(client.job(name)["result"]["url"], timeout=60).content


@pytest.mark.parametrize("kind", FORMATS)
def test_nodium_answers_with_the_file_and_what_is_known_of_it(client, pages, kind):
    answer = take(client, url=pages.url("/plain"), format=kind, external_identifier="order-12345")
    assert answer.status_code == 200, answer.text
    headers = answer.headers
    assert headers["content-type"] == MEDIA_TYPES[kind]
    assert headers["x-nodium-size-bytes"] == str(len(answer.content))
    assert headers["x-nodium-external-identifier"] == "order-12345"
    assert 0 < float(headers["x-nodium-rendering-seconds"]) < 30
    assert (headers["cache-control"], headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert answer.content == stored(client, headers["x-nodium-reference"])
    picture = opened(answer.content, MEDIA_TYPES[kind])
    if kind == "pdf":
        assert TEXT in text_of(answer.content)
    else:
        assert is_near(picture.getpixel((5, 5)), COLOUR)


@pytest.mark.parametrize("output", ["png", "pdf"])
def test_screennabster_answers_with_the_file(client, pages, output):
    answer = capture(client, url=pages.url("/plain"), output=output, external_identifier="report-1")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == MEDIA_TYPES[output]
    assert answer.headers["x-screennabster-external-identifier"] == "report-1"
    assert answer.content == stored(client, answer.headers["x-screennabster-job-id"])


def test_waiting_is_the_default_of_both(client, pages):
    nodium = {"url": pages.url("/plain"), "access_key": client.key}
    answer = client.call("GET", f"{NODIUM}/take", params=nodium)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    key = {"X-API-Key": client.key}
    answer = client.call("GET", SCREENNABSTER, params={"url": pages.url("/plain")}, headers=key)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")


def test_the_answer_may_be_json_and_a_file_may_have_a_name(client, pages):
    answer = take(client, url=pages.url("/plain"), response_type="json")
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, "completed")
    assert requests.get(body["screenshot_url"], timeout=30).content == stored(client, body["reference"])
    answer = take(client, url=pages.url("/plain"), attachment_name="page 1.png")
    assert answer.headers["content-disposition"] == 'attachment; filename="page 1.png"'
    answer = take(client, url=pages.url("/plain"), response_type="empty")
    assert (answer.status_code, answer.content) == (200, b"\n")


def test_a_picture_of_20_mb_arrives_byte_exact(client):
    size = {"viewport_width": NOISE_PX, "viewport_height": NOISE_PX}
    answer = take(client, html=noise(2), format="png", full_page=True, **size)
    assert answer.status_code == 200, answer.text
    assert len(answer.content) > 20_000_000
    assert answer.headers["x-nodium-size-bytes"] == str(len(answer.content))
    assert answer.content == stored(client, answer.headers["x-nodium-reference"])


def test_a_pdf_of_50_mb_arrives_byte_exact(client):
    answer = take(client, html=noise(3), format="pdf", pdf_paper_width="2700px", pdf_paper_height="2700px")
    assert answer.status_code == 200, answer.text
    assert len(answer.content) > 50_000_000
    assert answer.content == stored(client, answer.headers["x-nodium-reference"])


# --- what fails ---


def test_a_page_slower_than_its_timeout_is_told_within_two_seconds_more(client, pages, new_account, used):
    account, poor = new_account(10)
    began = time.monotonic()
    answer = take(poor, url=pages.url("/slow"), timeout=2)
    assert time.monotonic() - began < 4
    assert (answer.status_code, answer.headers["x-nodium-error-code"]) == (500, "timeout_error")
    assert answer.json()["error"]["code"] == "timeout_error"
    assert used(account) == 0
    began = time.monotonic()
    answer = capture(poor, url=pages.url("/slow"), timeout=2)
    assert time.monotonic() - began < 4
    assert answer.json().items() >= {"code": "RENDER_ERROR", "status": 500}.items()
    # ScreenNabster gives back only what could not be queued.
    assert used(account) == 1


def test_a_page_that_answers_404_is_told(client, pages):
    answer = take(client, url=pages.url("/missing"))
    assert (answer.status_code, answer.headers["x-nodium-error-code"]) == (500, "host_returned_error")


def test_more_than_may_be_rendered_at_once_are_sent_away_and_pay_nothing(pages, new_account, used):
    account, many = new_account(100)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: take(many, html=document(), delay=3, format="png"), range(8)))
    statuses = [answer.status_code for answer in answers]
    assert set(statuses) == {200, 503}
    for answer in answers:
        if answer.status_code == 503:
            assert answer.headers["x-nodium-error-code"] == "temporary_unavailable"
            assert int(answer.headers["retry-after"]) > 0
    assert used(account) == statuses.count(200)


def test_a_worker_that_is_killed_ends_the_job_at_once_and_costs_nothing(new_account, used, settings):
    from processes import environments

    account, poor = new_account(10)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(take, poor, html=document(), delay=20, format="png")
        time.sleep(3)
        for pid in environments(settings, "rendernow"):
            os.kill(pid, signal.SIGKILL)
        answer = waiting.result(timeout=15)
    assert (answer.status_code, answer.headers["x-nodium-error-code"]) == (500, "internal_application_error")
    assert used(account) == 0
    job = poor.job(answer.headers["x-nodium-reference"])
    assert (job["state"], job["charged"]) == ("failed", False)


def test_head_asks_for_no_capture(client, pages):
    parameters = {"url": pages.url("/plain"), "access_key": client.key}
    answer = client.call("HEAD", f"{NODIUM}/take", params=parameters)
    assert (answer.status_code, answer.headers["allow"], answer.content) == (405, "GET, POST", b"")
