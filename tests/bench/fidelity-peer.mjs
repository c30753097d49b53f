// Playwright's picture of each page, for `make fidelity`. Reads lines of JSON, [address, file], and answers each with a
// line of JSON: null, or what went wrong.
//   node fidelity-peer.mjs MILLISECONDS-OF-REST AT-ONCE
import readline from 'node:readline';
import { chromium } from 'playwright-core';
import { CHROMIUM, ENVIRONMENT, FLAGS, WINDOW } from './chromium.mjs';

const [restMs, atOnce] = process.argv.slice(2).map(Number);

// Dates on pages must not depend on the machine on either side.
const env = { ...ENVIRONMENT, TZ: 'UTC', LANG: 'C.UTF-8' };
const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS, env });
const questions = [];
for await (const line of readline.createInterface({ input: process.stdin })) questions.push(JSON.parse(line));
const answers = [];
let next = 0;
await Promise.all(Array.from({ length: atOnce }, async () => {
  while (next < questions.length) {
    const number = next++;
    answers[number] = await capture(...questions[number]);
  }
}));
for (const answer of answers) console.log(JSON.stringify(answer));
await browser.close();

async function capture(url, path) {
  const context = await browser.newContext({ viewport: WINDOW });
  try {
    const page = await context.newPage();
    await page.goto(url, { waitUntil: 'load' });
    await page.waitForTimeout(restMs);
    // The caret of a focused field is part of the page.
    await page.screenshot({ path, caret: 'initial' });
    return null;
  } catch (fault) {
    return String(fault);
  } finally {
    await context.close();
  }
}
