"""What a page says, instead of a picture of it, through the whole stack."""

import pytest

from client import NODIUM, SCREENNABSTER

pytestmark = pytest.mark.usefixtures("nothing_left")

PAGE = "<!DOCTYPE html><title>t</title><h1>Title</h1><p>Some <b id=more></b></p><script>more.append('words')</script>"


@pytest.mark.parametrize(
    ("kind", "media_type", "text"),
    [
        ("markdown", "text/markdown; charset=utf-8", "# Title\n\nSome **words**\n"),
        ("text", "text/plain; charset=utf-8", "Title\n\nSome words\n"),
    ],
)
def test_nodium_tells_what_a_page_says(client, kind, media_type, text):
    options = {"html": PAGE, "format": kind}
    answer = client.call("POST", f"{NODIUM}/take", headers={"X-Access-Key": client.key}, json=options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert answer.content.decode() == text


def test_html_is_nobodys_document_here(client):
    options = {"html": PAGE, "output": "html"}
    answer = client.call("POST", SCREENNABSTER, headers={"X-API-Key": client.key}, json=options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == "sandbox"
    assert '<p>Some <b id="more">words</b></p>' in answer.text


def test_a_webhook_brings_markdown(client, receiver):
    client.submit("nodium", html=PAGE, format="markdown", webhook_url=receiver.url("/markdown"))
    [delivery] = receiver.wait("/markdown")
    assert delivery.headers["content-type"] == "text/markdown; charset=utf-8"
    assert delivery.body.decode() == "# Title\n\nSome **words**\n"
