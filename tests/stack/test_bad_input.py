"""Bad input, each with an error that its sender can act on: the status, the code, what is wrong and how to mend it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
import requests

from client import NODIUM, SCREENNABSTER, Client

PAGE = "https://example.com/"
HOOK = "https://hooks.example.com/screenshot-ready"


@dataclass(frozen=True)
class Case:
    """A request's options, and the words that its refusal must hold."""

    name: str
    options: dict[str, Any]
    words: tuple[str, ...]


SHARED = [
    Case("no url", {}, ("`url` is missing", "give the page's address in `url`")),
    Case("a bad url", {"url": "example"}, ("`url` is not a valid absolute URL", "https://example.com/page")),
    Case("another scheme", {"url": "ftp://example.com/"}, ("`url` must begin with http:// or https://",)),
    Case(
        "an unknown option",
        {"url": PAGE, "fulll_page": True},
        ("`fulll_page` is not an option", "did you mean `full_page`?"),
    ),
    Case("a timeout of 301", {"url": PAGE, "timeout": 301}, ("`timeout` must be", "from 1 to 300 (default 60)")),
    Case("an option that is left out", {"url": PAGE, "proxy": "http://p.example:3128"}, ("`proxy` is not available in this version",)),
    Case(
        "an identifier with a line break",
        {"url": PAGE, "external_identifier": "order\r\nx-evil: 1"},
        ("`external_identifier` must be 1 to 256 printable ASCII characters",),
    ),
    Case(
        "several faults at once",
        {"url": "example", "timeout": 0, "colour": "red"},
        ("`url` is not", "`timeout` must be", "`colour` is not an option"),
    ),
]
NODIUM_ONLY = [
    Case(
        "a private webhook address",
        {"url": PAGE, "webhook_url": "http://10.0.0.1/"},
        ("`webhook_url` is not allowed", "reachable from the internet"),
    ),
    Case(
        "too much patience for a client that waits",
        {"url": PAGE, "async": False, "timeout": 91},
        ("`timeout` must be at most 90 unless `async` is true",),
    ),
    Case("a format not built yet", {"url": PAGE, "format": "heif"}, ("heif is not available in this version; use png",)),
]
SCREENNABSTER_ONLY = [
    Case(
        "a private webhook address",
        {"url": PAGE, "callback_url": "http://10.0.0.1/"},
        ("`callback_url` is not allowed", "reachable from the internet"),
    ),
    Case(
        "too much patience for a client that waits",
        {"url": PAGE, "background": False, "timeout": 91},
        ("`timeout` must be at most 90 unless `background` is true",),
    ),
    Case(
        "a key in the wrong place",
        {"url": PAGE, "access_key": "x"},
        ("`access_key` is not an option", "X-API-Key header"),
    ),
]


def words_of_nodium(answer: requests.Response, status: int, code: str) -> str:
    """The message of a refusal that has the shape, status and code of Nodium's."""
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code), answer.text
    assert answer.headers["x-nodium-error-code"] == code
    assert answer.headers["x-nodium-trace-id"]
    return error["message"]


def words_of_screennabster(answer: requests.Response, status: int, code: str) -> str:
    """The message of a refusal that has the shape, status and code of ScreenNabster's."""
    body = answer.json()
    assert set(body) == {"error", "code", "status"}
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code), answer.text
    return body["error"]


@pytest.mark.parametrize("case", SHARED + NODIUM_ONLY, ids=lambda case: case.name)
def test_nodium_names_the_option_and_the_remedy(client, case):
    message = words_of_nodium(client.take(**case.options), 400, "request_not_valid")
    for words in case.words:
        assert words in message


@pytest.mark.parametrize("case", SHARED + SCREENNABSTER_ONLY, ids=lambda case: case.name)
def test_screennabster_names_the_option_and_the_remedy(client, case):
    message = words_of_screennabster(client.capture(**case.options), 400, "VALIDATION_ERROR")
    for words in case.words:
        assert words in message


def test_nodium_lists_each_fault_by_its_option(client):
    answer = client.take(url="example", timeout=0, colour="red")
    assert [fault["option"] for fault in answer.json()["error"]["details"]] == ["colour", "url", "timeout"]


# Well formed, its checksum right, and no account's.
NOBODYS_KEY = "dr_live_" + "0" * 40 + hashlib.sha256(b"0" * 40).hexdigest()[:8]


@pytest.mark.parametrize("key", [None, "wrong", NOBODYS_KEY], ids=["none", "no key at all", "nobody's"])
def test_a_key_that_is_none_is_refused(client, key):
    """Nodium answers 400, as its docs say, ScreenNabster 401."""
    headers = {"X-Access-Key": key} if key else {}
    answer = client.call("POST", f"{NODIUM}/take", headers=headers, json={"url": PAGE, "async": True})
    message = words_of_nodium(answer, 400, "access_key_invalid" if key else "access_key_required")
    assert "access key" in message and ("X-Access-Key" in message or "ask your operator" in message)

    headers = {"X-API-Key": key} if key else {}
    answer = client.call("POST", SCREENNABSTER, headers=headers, json={"url": PAGE, "background": True})
    message = words_of_screennabster(answer, 401, "API_KEY_INVALID" if key else "API_KEY_MISSING")
    assert "API key" in message and ("X-API-Key" in message or "ask your operator" in message)


def post(client: Client, body: bytes, media_type: str = "application/json") -> tuple[requests.Response, requests.Response]:
    """The same body sent to Nodium and to ScreenNabster."""
    headers = {"Content-Type": media_type, "X-Access-Key": client.key, "X-API-Key": client.key}
    nodium, screennabster = (client.call("POST", path, headers=headers, data=body) for path in (f"{NODIUM}/take", SCREENNABSTER))
    return nodium, screennabster


@pytest.mark.parametrize(
    ("body", "media_type", "words"),
    [
        (b'{"url": "https://example.com/",', "application/json", "`body` is not valid JSON"),
        (b'["https://example.com/"]', "application/json", "`body` must be a JSON object"),
        (b"url=https://example.com/", "application/x-www-form-urlencoded", "send a JSON object with Content-Type:"),
    ],
    ids=["cut off", "a list", "a form"],
)
def test_a_body_that_is_no_json_object_is_refused(client, body, media_type, words):
    nodium, screennabster = post(client, body, media_type)
    assert words in words_of_nodium(nodium, 400, "request_not_valid")
    assert words in words_of_screennabster(screennabster, 400, "VALIDATION_ERROR")


def test_a_body_of_six_megabytes_is_too_large(client):
    """The emulator has no limit of its own, so this is our answer; AWS's own comes at 6 MiB."""
    nodium, screennabster = post(client, b'{"async": true, "html": "' + b"x" * 6_000_000 + b'"}')
    message = words_of_nodium(nodium, 413, "request_body_too_large")
    assert "5000000 bytes" in message and "send its url instead" in message
    message = words_of_screennabster(screennabster, 413, "BODY_TOO_LARGE")
    assert "5000000 bytes" in message and "send its url instead" in message


def test_a_used_up_quota_says_when_it_is_renewed(new_account):
    _, client = new_account(0)
    message = words_of_nodium(client.take(url=PAGE, webhook_url=HOOK), 402, "screenshots_limit_reached")
    assert "used up" in message and "first of the next month" in message and "operator" in message
    message = words_of_screennabster(client.capture(url=PAGE, callback_url=HOOK), 402, "QUOTA_EXCEEDED")
    assert "used up" in message and "first of the next month" in message and "operator" in message


UNKNOWN: list[tuple[str, Callable[[Client], requests.Response]]] = [
    ("a reference of no job", lambda client: client.take_status("8472910")),
    ("no number", lambda client: client.take_status("latest")),
    ("a number with a zero before it", lambda client: client.take_status("08472910")),
]


@pytest.mark.parametrize(("name", "ask"), UNKNOWN, ids=[name for name, _ in UNKNOWN])
def test_an_unknown_reference_is_not_found(client, name, ask):
    message = words_of_nodium(ask(client), 404, "reference_not_found")
    assert "x-nodium-reference" in message


@pytest.mark.parametrize("job_id", ["550e8400-e29b-41d4-a716-446655440000", "8472910"])
def test_an_unknown_job_id_is_not_found(client, job_id):
    message = words_of_screennabster(client.capture_status(job_id), 404, "JOB_NOT_FOUND")
    assert "job_id" in message


def test_another_accounts_reference_is_not_found(client, new_account):
    """In the same words as an unknown one, so that nobody learns which references there are."""
    _, stranger = new_account(1)
    job = client.ended(client.submit("nodium", html="<p>mine</p>").name)
    theirs = words_of_nodium(stranger.take_status(job["id"]), 404, "reference_not_found")
    assert theirs == words_of_nodium(stranger.take_status("8472910"), 404, "reference_not_found")
    theirs = words_of_screennabster(stranger.capture_status(job["job_id"]), 404, "JOB_NOT_FOUND")
    unknown = stranger.capture_status("550e8400-e29b-41d4-a716-446655440000")
    assert theirs == words_of_screennabster(unknown, 404, "JOB_NOT_FOUND")


def test_paths_and_methods_that_are_none_are_told_of(client):
    answer = client.call("POST", "/api/v1/screenshot/film", headers={"X-Access-Key": client.key}, json={})
    assert "/api/v1/screenshot/take" in words_of_nodium(answer, 404, "endpoint_not_found")
    answer = client.call("PUT", f"{NODIUM}/take", headers={"X-Access-Key": client.key}, json={})
    assert "use GET, POST" in words_of_nodium(answer, 405, "method_not_allowed")
    answer = client.call("PUT", SCREENNABSTER, headers={"X-API-Key": client.key}, json={})
    assert "use GET, POST" in words_of_screennabster(answer, 405, "METHOD_NOT_ALLOWED")


def test_nothing_was_charged_for_bad_input(new_account, used):
    account, client = new_account(5)
    for case in SHARED + NODIUM_ONLY:
        client.take(**case.options)
    assert used(account) == 0
