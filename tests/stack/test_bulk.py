"""Several captures in one request, over the whole stack."""

import pytest
import requests

from client import NODIUM, SCREENNABSTER
from pages import COLOUR
from pictures import MEDIA_TYPES, is_near, opened

pytestmark = pytest.mark.usefixtures("nothing_left")


def follow(url: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=60)


@pytest.mark.parametrize("execute", [False, True])
def test_nodiums_links_lead_to_pictures(new_account, used, pages, execute):
    account, client = new_account(5)
    body = {
        "execute": execute,
        "options": {"format": "png"},
        "requests": [{"url": pages.url("/plain")}, {"url": pages.url("/tall"), "format": "webp"}, {"url": "ftp://x"}],
    }
    answer = client.call("POST", f"{NODIUM}/bulk", headers={"X-Access-Key": client.key}, json=body)
    assert answer.status_code == 200, answer.text
    plain, tall, faulty = answer.json()["responses"]
    assert faulty["error"]["code"] == "request_not_valid"
    assert used(account) == (2 if execute else 0)
    for told, media_type in ((plain, "image/png"), (tall, "image/webp")):
        result = follow(told["url"])
        assert (result.status_code, result.headers["content-type"]) == (200, media_type), result.text
        assert is_near(opened(result.content, media_type).getpixel((5, 5)), COLOUR)
        assert not execute or result.headers["x-nodium-reference"] == told["reference"]
    assert used(account) == 2


def test_screennabsters_client_waits_for_all_of_them(new_account, used, pages):
    account, client = new_account(5)
    body = {
        "options": {"screen_width": 640},
        "requests": [
            {"url": pages.url("/plain"), "external_identifier": "first"},
            {"url": pages.url("/plain"), "output": "pdf"},
            {"url": pages.url("/plain"), "output": "gif", "quality": 101},
        ],
    }
    answer = client.call("POST", f"{SCREENNABSTER}/bulk", headers={"X-API-Key": client.key}, json=body)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["succeeded"], told["failed"]) == (2, 1)
    picture, document, refused = told["results"]
    assert (picture["status"], picture["external_identifier"]) == ("completed", "first")
    assert opened(follow(picture["result_url"]).content, MEDIA_TYPES["png"]).width == 640
    assert follow(document["result_url"]).content.startswith(b"%PDF")
    assert (refused["code"], refused["status"]) == ("VALIDATION_ERROR", 400)
    assert used(account) == 2
