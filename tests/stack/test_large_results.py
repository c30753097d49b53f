"""A result larger than what the notifier keeps in memory: signed, streamed, byte-exact."""

import hashlib
import hmac
from pathlib import Path

import pytest
import requests

pytestmark = pytest.mark.usefixtures("nothing_left")

# Noise doesn't compress: 2,600 × 2,600 pixels of it are a PNG of some 20 MB.
SIDE_PX = 2600
NOISE = f"""<!doctype html><body style="margin:0"><canvas width="{SIDE_PX}" height="{SIDE_PX}"></canvas><script>
  const context = document.querySelector("canvas").getContext("2d");
  const image = context.createImageData({SIDE_PX}, {SIDE_PX});
  let seed = 1;
  const pixels = new Uint32Array(image.data.buffer);
  for (let i = 0; i < pixels.length; i++) {{
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    pixels[i] = seed | 0xff000000;
  }}
  context.putImageData(image, 0, 0);
</script>"""
READ_ONCE_BYTES = 8 << 20

# DESIGN: memory stays flat at 200 MB.
NOTIFIER_MAX_KIB = 200 * 1024


def test_a_large_picture_is_delivered_byte_exact_and_the_notifier_stays_small(client, receiver, stack_env, settings):
    from processes import environments

    size = {"viewport_width": SIDE_PX, "viewport_height": SIDE_PX}
    submitted = client.submit("nodium", html=NOISE, format="png", webhook_url=receiver.url("/large"), **size)
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
