"""Takes ScreenNabster webhooks: checks the signature, downloads the result, answers.

pip install flask
SCREENNABSTER_WEBHOOK_SIGNING_SECRET=whsec_… python screennabster.py
"""

import hashlib
import hmac
import http.client
import json
import os
import urllib.request
from pathlib import Path

from flask import Flask, request

# The whole string is the key, "whsec_" included.
SECRET = os.environ["SCREENNABSTER_WEBHOOK_SIGNING_SECRET"].encode()
EXTENSIONS = {
    "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/avif": "avif",
    "image/gif": "gif", "image/tiff": "tiff", "application/pdf": "pdf",
}

app = Flask(__name__)
done = set()  # in a real service: a unique column of your database


def is_genuine(body: bytes, header: str) -> bool:
    expected = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), header.encode())


def download(job_id: str, result_url: str) -> None:
    # Well within the 30 s that a delivery waits for its answer.
    with urllib.request.urlopen(result_url, timeout=20) as answer:
        extension = EXTENSIONS.get(answer.headers["content-type"], "bin")
        folder = Path("results")
        folder.mkdir(exist_ok=True)
        (folder / f"{job_id}.{extension}").write_bytes(answer.read())
    print(f"{job_id} saved", flush=True)


@app.post("/hooks/screennabster")
def receive():
    body = request.get_data()  # the bytes as they came: they are parsed after the check
    if not is_genuine(body, request.headers.get("x-screennabster-signature", "")):
        return "bad signature", 401
    event = json.loads(body)
    job_id = event["job_id"]
    if job_id in done:
        return "had it already"

    if event["event"] == "capture.failed":
        print(f"{job_id} failed: {event['error_code']}: {event['error']}", flush=True)
    else:
        # A real service puts the URL into a queue that survives it, and answers at once.
        try:
            download(job_id, event["result_url"])
        except (OSError, http.client.HTTPException) as error:
            print(f"{job_id}: {error}", flush=True)
            return "the result could not be saved", 503  # so that it comes again
    done.add(job_id)
    return "ok"


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "3000")))
