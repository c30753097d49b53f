"""Clips through the whole stack, read by FFmpeg's libraries (PyAV), which had no part in making them."""

import io
from fractions import Fraction

import av
import pytest

from client import NODIUM

pytestmark = pytest.mark.usefixtures("nothing_left")

# A black bar that goes 1 px in 10 ms, on white.
MOVING = """<!doctype html><style>@keyframes go { to { transform: translateX(500px) } }
i { position: absolute; left: 0; top: 0; width: 40px; height: 100px; background: black; animation: go 5s linear }</style><i></i>"""
SMALL = {"viewport_width": 640, "viewport_height": 200}


def shown(file: bytes) -> tuple[str, list[int], list[int]]:
    """The codec, when each frame is shown in milliseconds, and where its bar begins."""
    with av.open(io.BytesIO(file)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        times = [int(frame.pts * stream.time_base * 1000) for frame in frames]
        assert (frames[0].width, frames[0].height) == (640, 200)
        places = []
        for frame in frames:
            row = frame.to_image().convert("L").crop((0, 50, 640, 51)).tobytes()
            places.append(next(x for x, light in enumerate(row) if light < 128))
        return stream.codec_context.name, times, places


def steps(places: list[int]) -> set[int]:
    return {after - before for before, after in zip(places, places[1:])}


@pytest.mark.parametrize(("kind", "codec"), [("mp4", "h264"), ("webm", "vp9"), ("gif", "gif")])
def test_nodium_answers_with_a_clip(client, kind, codec):
    options = {"html": MOVING, "duration": 2, "format": kind, **SMALL}
    answer = client.call("POST", f"{NODIUM}/animate", headers={"X-Access-Key": client.key}, json=options)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == ("image/gif" if kind == "gif" else f"video/{kind}")
    name, times, places = shown(answer.content)
    span = 80 if kind == "gif" else 40
    assert (name, times) == (codec, list(range(0, 2000, span)))
    # Lossy colours may put an edge a pixel off.
    assert all(abs(step - span // 10) <= 1 for step in steps(places)), places


def test_a_webhook_brings_a_clip(client, receiver):
    client.submit("nodium", html=MOVING, format="mp4", duration=1, webhook_url=receiver.url("/clip"), **SMALL)
    [delivery] = receiver.wait("/clip")
    assert delivery.headers["content-type"] == "video/mp4"
    name, times, _ = shown(delivery.body)
    assert (name, len(times)) == ("h264", 25)
    with av.open(io.BytesIO(delivery.body)) as container:
        assert Fraction(container.duration, av.time_base) == 1


def test_screennabster_makes_clips_by_its_own_word(client):
    job = client.submit("screennabster", html=MOVING, output="webm", duration=1, **SMALL)
    assert client.ended(job.name)["state"] == "completed"
    usage = client.call("GET", f"{NODIUM}/usage", headers={"X-Access-Key": client.key}).json()
    assert usage["breakdown"]["video"]["count"] >= 1
