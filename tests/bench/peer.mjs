// A peer as its users use it: one browser, and for each capture a fresh context with a page, the load event, the picture
// in memory. Reads addresses from the standard input and answers each with a line of JSON, as `snap --bench -` does.
//   node peer.mjs puppeteer|puppeteer-fast|playwright|playwright-fast png|full|pdf
import readline from 'node:readline';
import { CHROMIUM, ENVIRONMENT, FLAGS, WINDOW } from './chromium.mjs';

const [name, kind] = process.argv.slice(2);
const isFast = name.endsWith('-fast');

const peers = {
  async puppeteer() {
    const { default: puppeteer } = await import('puppeteer-core');
    const browser = await puppeteer.launch({ executablePath: CHROMIUM, headless: 'shell', pipe: true, args: FLAGS, env: ENVIRONMENT, defaultViewport: WINDOW });
    const capture = async (url) => {
      const context = await browser.createBrowserContext();
      try {
        const page = await context.newPage();
        await page.goto(url, { waitUntil: 'load' });
        if (kind === 'pdf') return await page.pdf();
        return await page.screenshot({ type: 'png', fullPage: kind === 'full', optimizeForSpeed: isFast });
      } finally {
        await context.close();
      }
    };
    return { capture, close: () => browser.close() };
  },
  async playwright() {
    const { chromium } = await import('playwright-core');
    const browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS, env: ENVIRONMENT });
    const capture = async (url) => {
      const context = await browser.newContext({ viewport: WINDOW });
      try {
        const page = await context.newPage();
        await page.goto(url, { waitUntil: 'load' });
        if (kind === 'pdf') return await page.pdf();
        if (isFast) return await fast(context, page);
        return await page.screenshot({ type: 'png', fullPage: kind === 'full' });
      } finally {
        await context.close();
      }
    };
    return { capture, close: () => browser.close() };
  },
};

/** Playwright has no option for it; its users go to DevTools. */
async function fast(context, page) {
  const devtools = await context.newCDPSession(page);
  const { data } = await devtools.send('Page.captureScreenshot', { format: 'png', optimizeForSpeed: true, captureBeyondViewport: kind === 'full' });
  return Buffer.from(data, 'base64');
}

const peer = await peers[name.replace('-fast', '')]();
const going = new Set();
for await (const url of readline.createInterface({ input: process.stdin })) {
  const capture = answer(url).finally(() => going.delete(capture));
  going.add(capture);
}
await Promise.all(going);
await peer.close();

async function answer(url) {
  const begun = performance.now();
  let result;
  try {
    const content = await peer.capture(url);
    result = { ms: performance.now() - begun, bytes: content.length };
  } catch (fault) {
    result = { ms: performance.now() - begun, error: String(fault) };
  }
  process.stdout.write(`${JSON.stringify({ url, ...result })}\n`);
}
