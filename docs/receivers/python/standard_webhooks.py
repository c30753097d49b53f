"""Takes webhooks with a JSON body, checked by the official Standard Webhooks library.

pip install flask standardwebhooks
SIGNING_KEY=whsec_… python standard_webhooks.py
"""

import os

from flask import Flask, request
from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["SIGNING_KEY"])

app = Flask(__name__)
done = set()  # in a real service: a unique column of your database


@app.post("/hooks/standard")
def receive():
    try:
        # Also refuses what was signed more than five minutes ago.
        event = webhook.verify(request.get_data(), request.headers)
    except (WebhookVerificationError, ValueError):  # ValueError: a garbled header, a body that is no text
        return "bad signature", 401
    delivery = request.headers["webhook-id"]
    if delivery not in done:
        print(f"{delivery}: {event}", flush=True)
    done.add(delivery)
    return "ok"


if __name__ == "__main__":
    app.run(port=int(os.environ.get("PORT", "3000")))
