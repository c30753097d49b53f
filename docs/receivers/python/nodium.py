"""Takes Nodium webhooks: checks the signature, saves the picture under its reference.

pip install flask
NODIUM_SIGNING_KEY=whsec_… python nodium.py
"""

import hashlib
import hmac
import os
from pathlib import Path

from flask import Flask, request

# The whole string is the key, "whsec_" included.
KEY = os.environ["NODIUM_SIGNING_KEY"].encode()
EXTENSIONS = {
    "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/avif": "avif",
    "image/gif": "gif", "image/tiff": "tiff", "application/pdf": "pdf",
}

app = Flask(__name__)
done = set()  # in a real service: a unique column of your database


def is_genuine(body: bytes, signature: str) -> bool:
    expected = hmac.new(KEY, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.encode())


@app.post("/webhook/screenshot")
def receive():
    body = request.get_data()  # the bytes as they came: the signature is over them
    if not is_genuine(body, request.headers.get("x-nodium-signature", "")):
        return "bad signature", 401
    delivery = request.headers.get("webhook-id")
    if delivery in done:
        return "had it already"

    reference = request.headers.get("x-nodium-reference", "")
    error = request.headers.get("x-nodium-error-code")
    extension = EXTENSIONS.get(request.content_type)
    if error:
        print(f"{reference} failed: {error}: {request.headers.get('x-nodium-error-message')}", flush=True)
    elif reference.isdecimal() and extension:
        # The signature covers the body alone, so a header is checked before it names a file.
        folder = Path("screenshots")
        folder.mkdir(exist_ok=True)
        (folder / f"{reference}.{extension}").write_bytes(body)
        print(f"{reference} took {request.headers.get('x-nodium-rendering-seconds')} s", flush=True)
    else:
        return "no reference, or a media type that is not expected", 400
    done.add(delivery)
    return "ok"


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "3000")))
