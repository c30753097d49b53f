"""A result larger than what the notifier keeps in memory: signed, streamed, byte-exact."""

import hashlib
import hmac
from pathlib import Path

import pytest
import requests

from pages import NOISE_PX, noise

pytestmark = pytest.mark.usefixtures("nothing_left")

READ_ONCE_BYTES = 8 << 20

# DESIGN: memory stays flat at 200 MB.
NOTIFIER_MAX_KIB = 200 * 1024


def test_a_large_picture_is_delivered_byte_exact_and_the_notifier_stays_small(client, receiver, stack_env, settings):
    from processes import environments

    size = {"viewport_width": NOISE_PX, "viewport_height": NOISE_PX}
    submitted = client.submit("nodium", html=noise(1), format="png", webhook_url=receiver.url("/large"), **size)
    [delivery] = receiver.wait("/large")
    assert len(delivery.body) > READ_ONCE_BYTES
    assert delivery.headers["content-length"] == str(len(delivery.body))
    key = stack_env["DARKROOM_SIGNING_KEY"].encode()
    assert delivery.headers["x-nodium-signature"] == hmac.new(key, delivery.body, hashlib.sha256).hexdigest()

    stored = requests.get(client.job(submitted.name)["result"]["url"], timeout=60).content
    assert delivery.body == stored
    for pid in environments(settings, "notifier"):
        assert peak_kib(pid) < NOTIFIER_MAX_KIB


def peak_kib(pid: int) -> int:
    """The most memory that a process ever held."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1])
    raise AssertionError(f"process {pid} tells no peak")
