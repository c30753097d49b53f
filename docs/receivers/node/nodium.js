// Takes Nodium webhooks: checks the signature, saves the picture under its reference.
//   npm install express
//   NODIUM_SIGNING_KEY=whsec_… node nodium.js
"use strict";

const { createHmac, timingSafeEqual } = require("node:crypto");
const { mkdirSync, writeFileSync } = require("node:fs");
const express = require("express");

// The whole string is the key, "whsec_" included.
const KEY = process.env.NODIUM_SIGNING_KEY;
if (!KEY) throw new Error("NODIUM_SIGNING_KEY is not set");
const PORT = Number(process.env.PORT ?? 3000);
const EXTENSIONS = {
  "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/avif": "avif",
  "image/gif": "gif", "image/tiff": "tiff", "application/pdf": "pdf",
};

const done = new Set(); // in a real service: a unique column of your database

function isGenuine(body, signature = "") {
  const expected = Buffer.from(createHmac("sha256", KEY).update(body).digest("hex"));
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const app = express();

// The signature is over the bytes as they came: no parser may touch them first.
app.post("/webhook/screenshot", express.raw({ type: () => true, limit: "100mb" }), (req, res) => {
  const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
  if (!isGenuine(body, req.get("x-nodium-signature"))) {
    return res.status(401).send("bad signature");
  }
  const id = req.get("webhook-id");
  if (done.has(id)) return res.send("had it already");

  const reference = req.get("x-nodium-reference");
  const error = req.get("x-nodium-error-code");
  const extension = EXTENSIONS[req.get("content-type")];
  if (error) {
    console.error(`${reference} failed: ${error}: ${req.get("x-nodium-error-message")}`);
  } else if (/^\d+$/.test(reference) && extension) {
    // The signature covers the body alone, so a header is checked before it names a file.
    mkdirSync("screenshots", { recursive: true });
    writeFileSync(`screenshots/${reference}.${extension}`, body);
    console.log(`${reference} took ${req.get("x-nodium-rendering-seconds")} s`);
  } else {
    return res.status(400).send("no reference, or a media type that is not expected");
  }
  done.add(id);
  res.send("ok");
});

app.listen(PORT, "127.0.0.1", () => console.log(`listening on ${PORT}`));
