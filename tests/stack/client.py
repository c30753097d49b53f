"""A client of a running stack, in both public APIs and Darkroom's own."""

import time
from dataclasses import dataclass
from typing import Any

import requests

NODIUM = "/api/v1/screenshot"
SCREENNABSTER = "/api/v1/capture"
ENDED = ("completed", "failed")


@dataclass(frozen=True)
class Submitted:
    """An accepted job under both of its names, and how long its acceptance took."""

    dialect: str
    name: str
    accept_s: float


class Client:
    """Speaks for one account."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.key = key

    def call(self, method: str, path: str, **request: Any) -> requests.Response:
        """Any request, with nothing of this machine's proxy settings in it."""
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, self.url + path, allow_redirects=False, timeout=60, **request)

    def take(self, **options: Any) -> requests.Response:
        """Nodium: a capture by JSON; asynchronous unless said otherwise."""
        return self.call("POST", f"{NODIUM}/take", headers={"X-Access-Key": self.key}, json={"async": True, **options})

    def take_status(self, reference: str) -> requests.Response:
        """Nodium: how a capture stands."""
        return self.call("GET", f"{NODIUM}/status/{reference}", params={"access_key": self.key})

    def capture(self, **options: Any) -> requests.Response:
        """ScreenNabster: a capture by JSON; in the background unless said otherwise."""
        return self.call("POST", SCREENNABSTER, headers={"X-API-Key": self.key}, json={"background": True, **options})

    def capture_status(self, job_id: str) -> requests.Response:
        """ScreenNabster: how a capture stands."""
        return self.call("GET", f"{SCREENNABSTER}/{job_id}", headers={"X-API-Key": self.key})

    def own(self, method: str, path: str, **params: Any) -> requests.Response:
        """Darkroom's own API, below /v1."""
        return self.call(method, f"/v1{path}", headers={"Authorization": f"Bearer {self.key}"}, params=params)

    def submit(self, dialect: str, **options: Any) -> Submitted:
        """A capture that must be accepted, in the dialect's own words."""
        began = time.monotonic()
        if dialect == "nodium":
            answer = self.take(**options)
            name = answer.headers.get("x-nodium-reference", "")
        else:
            answer = self.capture(**options)
            name = answer.json().get("job_id", "")
        assert answer.status_code == 202, answer.text
        return Submitted(dialect, name, time.monotonic() - began)

    def job(self, name: str) -> dict[str, Any]:
        """A job in full, by either name."""
        answer = self.own("GET", f"/jobs/{name}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def ended(self, name: str, seconds: float = 60) -> dict[str, Any]:
        """The job in full, once it has ended."""
        deadline = time.monotonic() + seconds
        while (job := self.job(name))["state"] not in ENDED:
            assert time.monotonic() < deadline, f"still {job['state']} after {seconds} s: {job}"
            time.sleep(0.1)
        return job
