"""Signed links, made by an implementation of our own docs that shares nothing with Darkroom's."""

import hashlib
import hmac
import http.client
import time
from urllib.parse import quote, urlencode, urlsplit

import pytest

from client import NODIUM, SCREENNABSTER
from pictures import opened

pytestmark = pytest.mark.usefixtures("nothing_left")


def hex_hmac(key: str, text: str) -> str:
    return hmac.new(key.encode(), text.encode(), hashlib.sha256).hexdigest()


def nodium_link(key: str, parameters: dict[str, str], spell=urlencode) -> str:
    signed = spell(sorted(parameters.items()))
    return f"{NODIUM}/take?{urlencode(parameters)}&signature={hex_hmac(key, signed)}"


def get_exactly(url: str) -> http.client.HTTPResponse:
    """Where the spelling of the query counts, which requests doesn't leave as it is."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    connection.request("GET", f"{parts.path}?{parts.query}")
    return connection.getresponse()


UNRESERVED = "!*'()"


def components(pairs) -> str:
    """As JavaScript's encodeURIComponent."""
    return "&".join(f"{name}={quote(value, safe=UNRESERVED)}" for name, value in pairs)


def plain(pairs) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs)


@pytest.fixture(scope="module")
def link_key(operator, stack_env):
    """An access key that opens nothing but links, and the signing key beside it."""
    key = operator("key", "create", stack_env["DARKROOM_ACCOUNT"], "--links-only")
    return key["access_key"], stack_env["DARKROOM_SIGNING_KEY"]


@pytest.mark.parametrize("spell", [urlencode, components, plain])
def test_nodiums_links_work_however_their_parameters_are_spelt(client, pages, link_key, spell):
    access_key, signing_key = link_key
    parameters = {"url": pages.url("/plain"), "format": "png", "access_key": access_key, "hide_selectors": "[title='no (!)']"}
    answer = client.call("GET", nodium_link(signing_key, parameters, spell))
    assert answer.status_code == 200, answer.text
    opened(answer.content, "image/png")


def test_a_link_says_what_was_signed_and_its_key_nothing_else(client, pages, link_key):
    access_key, signing_key = link_key
    link = nodium_link(signing_key, {"url": pages.url("/plain"), "format": "png", "access_key": access_key})
    answer = client.call("GET", link.replace("format=png", "format=pdf"))
    assert (answer.status_code, answer.headers["x-nodium-error-code"]) == (400, "signature_is_not_valid")
    answer = client.call("POST", f"{NODIUM}/take", headers={"X-Access-Key": access_key}, json={"url": pages.url("/plain")})
    assert (answer.status_code, answer.headers["x-nodium-error-code"]) == (400, "signature_is_required")


@pytest.mark.parametrize("selector", ["a+b", "a%20b", "a~b", "a%7eb", "a%2eb", "%5Btitle='(!)'%5D", "*"])
def test_screennabsters_links_sign_the_exact_query(client, pages, link_key, selector):
    access_key, signing_key = link_key
    query = urlencode({"url": pages.url("/plain"), "output": "pdf", "access_key": access_key, "expires": int(time.time()) + 60})
    query = f"hide_selectors={selector}&{query}"
    answer = get_exactly(f"{client.url}{SCREENNABSTER}?{query}&signature={hex_hmac(signing_key, query)}")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf"), answer.read()


def test_a_query_that_is_garbled_is_a_fault(client, link_key):
    for garbled in ("%ZZ", "%", "a%ff"):
        answer = get_exactly(f"{client.url}{NODIUM}/take?html={garbled}&access_key={client.key}")
        assert (answer.status, answer.headers["x-nodium-error-code"]) == (400, "request_not_valid"), garbled


def test_the_operator_signs_links(client, pages, operator, link_key, stack_env):
    query = urlencode({"url": pages.url("/plain"), "access_key": link_key[0]})
    for path, kind in ((f"{NODIUM}/take", "image/jpeg"), (SCREENNABSTER, "image/png")):
        link = operator("sign", stack_env["DARKROOM_ACCOUNT"], f"{client.url}{path}?{query}")["link"]
        answer = client.call("GET", link.removeprefix(client.url))
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind), answer.text
