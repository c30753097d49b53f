"""Takes ScreenNabster webhooks: checks the signature, answers, then downloads the result.

pip install flask
SCREENNABSTER_WEBHOOK_SIGNING_SECRET=whsec_… python screennabster.py
"""

import hashlib
import hmac
import json
import os
import threading
import urllib.request
from pathlib import Path

from flask import Flask, request

# The whole string is the key, "whsec_" included.
SECRET = os.environ["SCREENNABSTER_WEBHOOK_SIGNING_SECRET"].encode()
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "application/pdf": "pdf"}

app = Flask(__name__)
done = set()  # in a real service: a unique column of your database


def is_genuine(body: bytes, header: str) -> bool:
    expected = "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), header.encode())


def download(job_id: str, result_url: str) -> None:
    with urllib.request.urlopen(result_url) as answer:
        extension = EXTENSIONS[answer.headers["content-type"]]
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
    done.add(job_id)

    if event["event"] == "capture.failed":
        print(f"{job_id} failed: {event['error_code']}: {event['error']}", flush=True)
    else:
        # Whatever takes time is not the answer's business.
        threading.Thread(target=download, args=(job_id, event["result_url"])).start()
    return "ok"


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "3000")))
