"""Captures in both public APIs, from the request to the picture, over the whole stack."""

import hashlib
import hmac
import re
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from client import NODIUM, SCREENNABSTER, Client
from pages import COLOUR, TALL_PX, TEXT, document
from pictures import MEDIA_TYPES, is_near, opened, text_of

pytestmark = pytest.mark.usefixtures("nothing_left")

DAY = timedelta(days=1)
FORMATS = list(MEDIA_TYPES)
UUID_V4 = r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def fetched(url: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=30)


def assert_shows_the_page(body: bytes, kind: str, width: int, height: int) -> None:
    picture = opened(body, MEDIA_TYPES[kind])
    if kind == "pdf":
        assert TEXT in text_of(body)
    else:
        assert picture.size == (width, height)
        assert is_near(picture.getpixel((width - 5, height - 5)), COLOUR)


# --- pictures ---


@pytest.mark.parametrize("kind", FORMATS)
def test_nodium_posts_the_picture_with_every_header_of_its_docs(client, pages, receiver, stack_env, kind):
    hook = f"/nodium/{kind}"
    accepted = client.take(
        url=pages.url("/plain"),
        format=kind,
        webhook_url=receiver.url(hook),
        webhook_errors=True,
        external_identifier="order-12345",
    )
    assert accepted.status_code == 202
    reference, trace = accepted.headers["x-nodium-reference"], accepted.headers["x-nodium-trace-id"]
    assert re.fullmatch(r"\d+", reference)

    [delivery] = receiver.wait(hook)
    headers = delivery.headers
    assert headers["x-nodium-reference"] == reference
    assert headers["x-nodium-trace-id"] == trace
    assert headers["content-type"] == MEDIA_TYPES[kind]
    assert headers["x-nodium-size-bytes"] == headers["content-length"] == str(len(delivery.body))
    assert headers["x-nodium-external-identifier"] == "order-12345"
    assert 0 < float(headers["x-nodium-rendering-seconds"]) < 30
    key = stack_env["DARKROOM_SIGNING_KEY"].encode()
    assert headers["x-nodium-signature"] == hmac.new(key, delivery.body, hashlib.sha256).hexdigest()
    assert not {"x-nodium-error-code", "x-nodium-error-message"} & set(headers)
    assert_shows_the_page(delivery.body, kind, 1280, 1024)


@pytest.mark.parametrize("kind", FORMATS)
def test_screennabster_posts_its_json_and_the_link_leads_to_the_picture(client, pages, receiver, kind, stack_env):
    hook = f"/screennabster/{kind}"
    accepted = client.capture(
        url=pages.url("/plain"), output=kind, callback_url=receiver.url(hook), external_identifier="report-2026-04-25"
    )
    assert accepted.status_code == 202
    answer = accepted.json()
    assert set(answer) == {"job_id", "status", "message"} and answer["status"] == "queued"
    assert re.fullmatch(UUID_V4, answer["job_id"])

    [delivery] = receiver.wait(hook)
    event = delivery.json()
    assert list(event) == ["event", "job_id", "created_at", "result_url", "external_identifier"]
    assert event["event"] == "capture.completed"
    assert event["job_id"] == answer["job_id"]
    assert re.fullmatch(INSTANT, event["created_at"])
    assert event["external_identifier"] == "report-2026-04-25"
    assert delivery.headers["x-screennabster-external-identifier"] == "report-2026-04-25"
    assert delivery.headers["content-type"] == "application/json"
    key = stack_env["DARKROOM_SIGNING_KEY"].encode()
    digest = hmac.new(key, delivery.body, hashlib.sha256).hexdigest()
    assert delivery.headers["x-screennabster-signature"] == f"sha256={digest}"

    result = fetched(event["result_url"])
    assert (result.status_code, result.headers["content-type"]) == (200, MEDIA_TYPES[kind])
    assert_shows_the_page(result.content, kind, 1280, 800)


def test_a_full_page_is_as_tall_as_the_page(client, pages, receiver):
    client.submit("nodium", url=pages.url("/tall"), format="png", full_page=True, webhook_url=receiver.url("/tall"))
    [delivery] = receiver.wait("/tall")
    assert_shows_the_page(delivery.body, "png", 1280, TALL_PX)


def test_viewport_and_scale_decide_the_size_of_the_picture(client, pages, receiver):
    size = {"viewport_width": 640, "viewport_height": 360, "device_scale_factor": 2}
    client.submit("nodium", url=pages.url("/plain"), format="png", webhook_url=receiver.url("/scaled"), **size)
    [delivery] = receiver.wait("/scaled")
    assert_shows_the_page(delivery.body, "png", 1280, 720)


@pytest.mark.parametrize("filler_bytes", [0, 200_000], ids=["small", "stored apart"])
def test_a_document_is_drawn_as_given(client, receiver, filler_bytes):
    hook = f"/html/{filler_bytes}"
    html = document() + f"<!-- {'x' * filler_bytes} -->"
    client.submit("nodium", html=html, format="png", webhook_url=receiver.url(hook))
    [delivery] = receiver.wait(hook)
    assert_shows_the_page(delivery.body, "png", 1280, 1024)


def test_a_capture_may_come_by_get(client, pages):
    options = {"access_key": client.key, "url": pages.url("/plain"), "format": "png", "async": "true"}
    accepted = client.call("GET", f"{NODIUM}/take", params=options)
    assert accepted.status_code == 202
    assert client.ended(accepted.headers["x-nodium-reference"])["state"] == "completed"

    options = {"url": pages.url("/plain"), "background": "true"}
    accepted = client.call("GET", SCREENNABSTER, params=options, headers={"X-API-Key": client.key})
    assert client.ended(accepted.json()["job_id"])["state"] == "completed"


# --- webhooks ---


def test_an_unsigned_nodium_webhook_has_no_signature_of_its_own(client, pages, receiver):
    client.submit("nodium", url=pages.url("/plain"), webhook_url=receiver.url("/unsigned"), webhook_sign=False)
    [delivery] = receiver.wait("/unsigned")
    assert "x-nodium-signature" not in delivery.headers


@pytest.mark.parametrize(
    ("case", "page", "options", "code"),
    [
        ("closed", "http://127.0.0.1:1/", {}, "network_error"),
        ("missing", "/missing", {}, "host_returned_error"),
        ("slow", "/slow", {"timeout": 2}, "timeout_error"),
    ],
)
def test_nodium_tells_of_a_failure_in_headers_if_asked_to(client, pages, receiver, case, page, options, code):
    url = page if page.startswith("http") else pages.url(page)
    hook = receiver.url(f"/failed/{case}")
    told = client.submit("nodium", url=url, webhook_url=hook, webhook_errors=True, **options)
    untold = client.submit("nodium", url=url, webhook_url=f"{hook}/untold", **options)

    [delivery] = receiver.wait(f"/failed/{case}")
    status = client.take_status(told.name).json()
    assert delivery.headers["x-nodium-error-code"] == code
    assert delivery.headers["x-nodium-reference"] == told.name
    assert delivery.headers["x-nodium-error-message"] == status["message"]
    assert status == {"status": "failed", "reference": told.name, "error_code": code, "message": status["message"]}
    assert delivery.json() == status

    assert client.ended(untold.name)["state"] == "failed"
    assert receiver.at(f"/failed/{case}/untold") == []


@pytest.mark.parametrize(("page", "options"), [("http://127.0.0.1:1/", {}), ("/slow", {"timeout": 2})])
def test_screennabster_tells_of_a_failure_in_json_if_asked_to(client, pages, receiver, page, options):
    url = page if page.startswith("http") else pages.url(page)
    hook = f"/render-error/{len(options)}"
    job = client.submit("screennabster", url=url, callback_url=receiver.url(hook), webhook_errors=True, **options)
    [delivery] = receiver.wait(hook)
    event = delivery.json()
    assert list(event) == ["event", "job_id", "created_at", "error", "error_code"]
    assert (event["event"], event["job_id"], event["error_code"]) == ("capture.failed", job.name, "RENDER_ERROR")
    status = client.capture_status(job.name).json()
    assert (status["status"], status["error"], status["error_code"]) == ("failed", event["error"], "RENDER_ERROR")


def test_screennabster_draws_error_pages(client, pages):
    job = client.submit("screennabster", url=pages.url("/missing"))
    assert client.ended(job.name)["state"] == "completed"


# --- polling ---


def test_nodiums_status_has_its_three_answers(client, pages):
    running = client.submit("nodium", url=pages.url("/slow"), format="png")
    assert client.take_status(running.name).json() == {"status": "processing", "reference": running.name}

    client.ended(running.name)
    status = client.take_status(running.name).json()
    assert list(status) == ["status", "reference", "screenshot_url"]
    assert (status["status"], status["reference"]) == ("completed", running.name)
    assert_shows_the_page(fetched(status["screenshot_url"]).content, "png", 1280, 1024)


def test_screennabsters_status_follows_the_job(client, pages):
    running = client.submit("screennabster", url=pages.url("/slow"))
    assert client.capture_status(running.name).json()["status"] in ("queued", "processing")

    client.ended(running.name)
    status = client.capture_status(running.name).json()
    assert (status["status"], status["job_id"]) == ("completed", running.name)
    assert_shows_the_page(fetched(status["result_url"]).content, "png", 1280, 800)


def test_what_is_told_of_a_links_expiry_is_true(client, pages):
    job = client.submit("screennabster", url=pages.url("/plain"))
    client.ended(job.name)
    status = client.capture_status(job.name).json()
    query = {name: values[0] for name, values in parse_qs(urlsplit(status["result_url"]).query).items()}
    signed = datetime.strptime(query["X-Amz-Date"], "%Y%m%dT%H%M%S%z")
    life = timedelta(seconds=int(query["X-Amz-Expires"]))
    assert life == 3 * DAY
    # A key of a session would end the link with the session.
    assert "X-Amz-Security-Token" not in query
    told = datetime.fromisoformat(status["expires_at"])
    assert abs(signed + life - told) < timedelta(seconds=1)
    assert fetched(status["result_url"]).status_code == 200
    assert fetched(status["result_url"].replace("X-Amz-Expires=259200", "X-Amz-Expires=259201")).status_code == 403


# --- our own API ---


def test_jobs_are_listed_the_newest_first_and_page_by_page(new_account, pages):
    _, client = new_account(10)
    names = [client.submit("screennabster", url=pages.url("/plain")).name for _ in range(3)]
    for name in names:
        client.ended(name)
    first = client.own("GET", "/jobs", limit=2).json()
    second = client.own("GET", "/jobs", limit=2, before=first["next_before"]).json()
    assert [job["job_id"] for job in first["jobs"] + second["jobs"]] == names[::-1]
    assert second["next_before"] is None


def test_a_deleted_job_is_gone_with_its_picture(client, pages):
    job = client.submit("nodium", url=pages.url("/plain"))
    link = client.ended(job.name)["result"]["url"]
    assert fetched(link).status_code == 200

    deleted = client.own("DELETE", f"/jobs/{job.name}")
    assert (deleted.status_code, deleted.json()["deleted"]) == (200, True)
    assert fetched(link).status_code == 404
    assert client.take_status(job.name).status_code == 404
    assert client.own("GET", f"/jobs/{job.name}").status_code == 404


def test_a_running_job_is_not_deleted(client, pages):
    job = client.submit("nodium", url=pages.url("/slow"))
    refused = client.own("DELETE", f"/jobs/{job.name}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "still_running")
    assert client.ended(job.name)["state"] == "completed"


def test_another_accounts_jobs_do_not_exist(client, new_account, pages):
    _, stranger = new_account(1)
    job = client.ended(client.submit("nodium", url=pages.url("/plain")).name)
    refused = [
        (stranger.take_status(job["id"]), "reference_not_found"),
        (stranger.capture_status(job["job_id"]), "JOB_NOT_FOUND"),
        (stranger.own("GET", f"/jobs/{job['id']}"), "not_found"),
        (stranger.own("DELETE", f"/jobs/{job['id']}"), "not_found"),
    ]
    for answer, code in refused:
        assert answer.status_code == 404
        assert code in answer.text
    assert stranger.own("GET", "/jobs").json()["jobs"] == []
    assert client.job(job["id"])["state"] == "completed"


# --- money ---


def test_quota_ends_where_it_was_set(new_account, pages):
    _, client = new_account(1)
    client.ended(client.submit("nodium", url=pages.url("/plain")).name)
    refused = client.take(url=pages.url("/plain"))
    assert (refused.status_code, refused.headers["x-nodium-error-code"]) == (402, "screenshots_limit_reached")
    refused = client.capture(url=pages.url("/plain"))
    assert (refused.status_code, refused.json()["code"]) == (402, "QUOTA_EXCEEDED")
    assert len(client.own("GET", "/jobs").json()["jobs"]) == 1


def test_quota_is_the_number_of_charged_jobs(new_account, used, pages):
    account, client = new_account(10)
    good, bad = pages.url("/plain"), "http://127.0.0.1:1/"
    cases = [("nodium", good, True), ("nodium", bad, False), ("screennabster", good, True), ("screennabster", bad, True)]
    for dialect, url, charged in cases:
        job = client.ended(client.submit(dialect, url=url).name)
        assert job["charged"] is charged, job
    assert used(account) == 3


# --- forbidden addresses ---


def test_a_page_on_the_stacks_own_ports_is_refused(client, stack_env):
    own = stack_env["DARKROOM_URL"]
    for url in (own, own.replace("127.0.0.1", "localhost"), own.replace("127.0.0.1", "[::1]")):
        refused = client.take(url=url)
        assert (refused.status_code, refused.headers["x-nodium-error-code"]) == (400, "request_not_valid"), url
        assert "`url` is not allowed" in refused.json()["error"]["message"]


def test_a_page_that_leads_to_a_forbidden_address_fails(client: Client, pages, stack_env):
    for target in (stack_env["DARKROOM_URL"], "http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/"):
        job = client.ended(client.submit("nodium", url=pages.url(f"/to?{target}")).name)
        assert (job["state"], job.get("failure", {}).get("kind")) == ("failed", "forbidden_address"), target
