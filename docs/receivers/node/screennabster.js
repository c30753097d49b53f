// Takes ScreenNabster webhooks: checks the signature, downloads the result, answers.
//   npm install express
//   SCREENNABSTER_WEBHOOK_SIGNING_SECRET=whsec_… node screennabster.js
"use strict";

const { createHmac, timingSafeEqual } = require("node:crypto");
const { mkdir, writeFile } = require("node:fs/promises");
const express = require("express");

// The whole string is the key, "whsec_" included.
const SECRET = process.env.SCREENNABSTER_WEBHOOK_SIGNING_SECRET;
if (!SECRET) throw new Error("SCREENNABSTER_WEBHOOK_SIGNING_SECRET is not set");
const PORT = Number(process.env.PORT ?? 3000);
const EXTENSIONS = {
  "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/avif": "avif",
  "image/gif": "gif", "image/tiff": "tiff", "application/pdf": "pdf",
};

const done = new Set(); // in a real service: a unique column of your database

function isGenuine(body, header = "") {
  const expected = Buffer.from(`sha256=${createHmac("sha256", SECRET).update(body).digest("hex")}`);
  const given = Buffer.from(header);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function download({ job_id, result_url }) {
  // Well within the 30 s that a delivery waits for its answer.
  const answer = await fetch(result_url, { signal: AbortSignal.timeout(20_000) });
  if (!answer.ok) throw new Error(`the result answered ${answer.status}`);
  const extension = EXTENSIONS[answer.headers.get("content-type")] ?? "bin";
  await mkdir("results", { recursive: true });
  await writeFile(`results/${job_id}.${extension}`, Buffer.from(await answer.arrayBuffer()));
  console.log(`${job_id} saved`);
}

const app = express();

// The signature is over the bytes as they came: they are parsed after it was checked.
app.post("/hooks/screennabster", express.raw({ type: () => true }), async (req, res) => {
  const body = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
  if (!isGenuine(body, req.get("x-screennabster-signature"))) {
    return res.status(401).send("bad signature");
  }
  const event = JSON.parse(body);
  if (done.has(event.job_id)) return res.send("had it already");

  if (event.event === "capture.failed") {
    console.error(`${event.job_id} failed: ${event.error_code}: ${event.error}`);
  } else {
    // A real service puts the URL into a queue that survives it, and answers at once.
    try {
      await download(event);
    } catch (error) {
      console.error(`${event.job_id}: ${error.message}`);
      return res.status(503).send("the result could not be saved"); // so that it comes again
    }
  }
  done.add(event.job_id);
  res.send("ok");
});

app.listen(PORT, "127.0.0.1", () => console.log(`listening on ${PORT}`));
