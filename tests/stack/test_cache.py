"""Captures that are shared, over the whole stack: rendered once, paid once, however many ask at once."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from client import NODIUM
from pages import Pages

pytestmark = pytest.mark.usefixtures("nothing_left")

AT_ONCE = 100


def take(client, **options):
    return client.take(**{"async": False, "cache": True, "format": "png", **options})


def cache_status(answer) -> str:
    return answer.headers["cache-status"]


class Counted(Pages):
    """Pages that count how often a browser came for one."""

    def __init__(self) -> None:
        self.visits: Counter[str] = Counter()
        super().__init__(hold=self.count)

    def count(self, route: str, _peer: int) -> None:
        self.visits[route] += 1
        time.sleep(1)


@pytest.fixture(scope="module")
def counted():
    pages = Counted()
    yield pages
    pages.close()


def test_a_hundred_equal_requests_at_once_render_once(new_account, used, counted):
    account, client = new_account(AT_ONCE)
    url = counted.url("/held/once")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: take(client, url=url), range(AT_ONCE)))
    assert Counter(answer.status_code for answer in answers) == {200: AT_ONCE}, answers[0].text
    assert len({answer.content for answer in answers}) == 1
    assert sum(cache_status(answer).endswith("stored") for answer in answers) == 1
    assert len({answer.headers["x-nodium-reference"] for answer in answers}) == 1
    assert (counted.visits["/held/once"], used(account)) == (1, 1)


def test_a_hit_is_free_and_tells_its_age_and_where_it_is_kept(new_account, used, counted):
    account, client = new_account(1)
    url = counted.url("/held/hit")
    first = take(client, url=url)
    assert (first.status_code, cache_status(first)) == (200, "Darkroom; fwd=miss; stored")
    time.sleep(1)
    # Another order, by GET, and the dialect's own spelling of what is asked for.
    query = {"format": "png", "cache": "true", "url": url, "access_key": client.key}
    second = client.call("GET", f"{NODIUM}/take", params=query)
    assert (second.status_code, second.content) == (200, first.content)
    assert int(second.headers["age"]) >= 1
    assert cache_status(second).startswith("Darkroom; hit; ttl=143")
    kept = second.headers["x-nodium-cache-url"]
    told = take(client, url=url, response_type="json").json()
    assert told["cache_url"] == told["screenshot_url"] == kept
    other = client.capture(background=False, cache=True, url=url, screen_height=1024, ignore_host_errors=False)
    assert (other.status_code, other.content) == (200, first.content), "the other dialect asks for the same"
    assert (counted.visits["/held/hit"], used(account)) == (1, 1)


def test_clients_that_poll_share_a_job(new_account, used, counted):
    account, client = new_account(1)
    options = {"async": True, "cache": True, "url": counted.url("/held/polled")}
    names = {client.submit("nodium", **options).name for _ in range(3)}
    [name] = names
    assert client.ended(name)["state"] == "completed"
    assert client.submit("nodium", **options).name == name
    assert (counted.visits["/held/polled"], used(account)) == (1, 1)


def test_webhooks_and_caching_do_not_go_together(client, pages):
    answer = client.take(cache=True, url=pages.url("/plain"), webhook_url=pages.url("/"))
    assert (answer.status_code, answer.headers["x-nodium-error-code"]) == (400, "request_not_valid")
    assert "`cache` doesn't go with `webhook_url`" in answer.json()["error"]["message"]


def test_what_is_deleted_is_made_anew(client, counted):
    url = counted.url("/held/deleted")
    name = take(client, url=url).headers["x-nodium-reference"]
    assert client.own("DELETE", f"/jobs/{name}").status_code == 200
    assert take(client, url=url).headers["x-nodium-reference"] != name
    assert counted.visits["/held/deleted"] == 2
