// Takes webhooks with a JSON body, checked by the official Standard Webhooks library.
//   npm install express standardwebhooks
//   SIGNING_KEY=whsec_… node standard_webhooks.js
"use strict";

const express = require("express");
const { Webhook } = require("standardwebhooks");

if (!process.env.SIGNING_KEY) throw new Error("SIGNING_KEY is not set");
const webhook = new Webhook(process.env.SIGNING_KEY);
const PORT = Number(process.env.PORT ?? 3000);

const done = new Set(); // in a real service: a unique column of your database

const app = express();

app.post("/hooks/standard", express.raw({ type: () => true }), (req, res) => {
  let event;
  try {
    // Also refuses what was signed more than five minutes ago.
    event = webhook.verify(req.body, req.headers);
  } catch {
    return res.status(401).send("bad signature");
  }
  const id = req.get("webhook-id");
  if (!done.has(id)) console.log(`${id}: ${JSON.stringify(event)}`);
  done.add(id);
  res.send("ok");
});

app.listen(PORT, "127.0.0.1", () => console.log(`listening on ${PORT}`));
