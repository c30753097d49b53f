"""What is told of a page beside its picture, through the whole stack."""

import json
import subprocess
from urllib.parse import unquote

import pytest
import requests

from client import NODIUM, SCREENNABSTER
from conftest import ROOT
from pages import TEXT

pytestmark = pytest.mark.usefixtures("nothing_left")

SMALL = {"viewport_width": 300, "viewport_height": 200, "format": "png"}
ALL = [
    "image_size",
    "fonts",
    "page_title",
    "open_graph",
    "icon",
    "content",
    "http_response_status_code",
    "http_response_headers",
    "verdict",
    "har",
    "console",
    "waterfall",
]


def fetched(link: dict[str, str]) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(link["url"], timeout=10)
    assert answer.status_code == 200, answer.text
    return answer


def judge(metadata, pages) -> None:
    """Every field of the plain page, as it must be."""
    assert set(metadata) == set(ALL)
    assert metadata["image_size"] == {"width": 300, "height": 200}
    assert metadata["page_title"] == TEXT
    assert metadata["open_graph"] == {}
    assert metadata["icon"] == {"url": pages.url("/favicon.ico"), "type": None}
    [fonts] = metadata["fonts"]
    assert fonts["elements"] == ["h1"]
    assert metadata["http_response_status_code"] == 200
    assert metadata["http_response_headers"]["content-type"] == "text/html; charset=utf-8"
    assert metadata["verdict"] == {"is_fine": True, "findings": []}


@pytest.mark.parametrize("dialect", ["nodium", "screennabster"])
def test_everything_is_told_that_was_asked_for(client, pages, dialect, tmp_path):
    options = {"url": pages.url("/plain"), **SMALL, **{f"metadata_{name}": True for name in ALL}}
    path, key = (f"{NODIUM}/take", "X-Access-Key") if dialect == "nodium" else (SCREENNABSTER, "X-API-Key")
    answer = client.call("POST", path, headers={key: client.key}, json={**options, "response_type": "json"})
    assert answer.status_code == 200, answer.text
    assert answer.headers[f"x-{dialect}-verdict"] == "fine"
    metadata = answer.json()["metadata"]
    judge(metadata, pages)

    content = fetched(metadata["content"])
    assert content.headers["content-type"] == "text/html; charset=utf-8"
    assert content.headers["content-disposition"].startswith("attachment;")
    assert f"<h1>{TEXT}</h1>" in content.text

    har = fetched(metadata["har"])
    assert har.headers["content-disposition"].endswith('-har.har"')
    entries = har.json()["log"]["entries"]
    assert [(entry["request"]["url"], entry["response"]["status"]) for entry in entries][0] == (pages.url("/plain"), 200)
    (tmp_path / "page.har").write_bytes(har.content)
    valid = subprocess.run(["node", "tests/har/validate.mjs", tmp_path / "page.har"], cwd=ROOT, capture_output=True, text=True)
    assert valid.returncode == 0, valid.stdout + valid.stderr

    assert fetched(metadata["console"]).json() == {"messages": [], "left_out": 0}
    waterfall = fetched(metadata["waterfall"])
    assert waterfall.headers["content-type"] == "image/svg+xml"
    assert waterfall.text.startswith("<svg ")

    name = answer.json()["reference" if dialect == "nodium" else "job_id"]
    result = client.job(name)["result"]
    assert result["page"]["http_status"] == 200
    assert {file["kind"] for file in result["files"]} == {"content", "har", "console", "waterfall"}
    judge(result["page"]["metadata"], pages)


def test_a_picture_has_it_in_its_headers(client, pages):
    names = ["page_title", "image_size", "http_response_headers", "content"]
    options = {"url": pages.url("/plain"), **SMALL, **{f"metadata_{name}": True for name in names}}
    answer = client.call("POST", f"{NODIUM}/take", headers={"X-Access-Key": client.key}, json=options)
    assert answer.status_code == 200, answer.text
    assert unquote(answer.headers["x-nodium-page-title"]) == TEXT
    assert (answer.headers["x-nodium-image-width"], answer.headers["x-nodium-image-height"]) == ("300", "200")
    headers = json.loads(unquote(answer.headers["x-nodium-http-response-headers"]))
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert TEXT in fetched({"url": answer.headers["x-nodium-content-url"]}).text


def test_a_webhook_tells_what_was_seen(client, pages, receiver):
    options = {"url": pages.url("/missing"), "ignore_host_errors": True, "metadata_http_response_status_code": True, **SMALL}
    client.submit("nodium", webhook_url=receiver.url("/nodium"), **options)
    [delivery] = receiver.wait("/nodium")
    assert delivery.headers["x-nodium-verdict"] == "error_page"
    assert delivery.headers["x-nodium-http-response-status-code"] == "404"
    options = {**options, "metadata_verdict": True}
    client.submit("screennabster", callback_url=receiver.url("/nab"), **options)
    [delivery] = receiver.wait("/nab")
    assert delivery.headers["x-screennabster-verdict"] == "error_page"
    metadata = json.loads(delivery.body)["metadata"]
    assert metadata["http_response_status_code"] == 404
    assert [finding["kind"] for finding in metadata["verdict"]["findings"]] == ["error_page"]
