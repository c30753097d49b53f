// The peer of `make cold`: what a Lambda function with @sparticuz/chromium does from its start to its first picture.
//   node cold-peer.mjs URL
import chromium from '@sparticuz/chromium';
import puppeteer from 'puppeteer-core';

// As the package's own page recommends.
const browser = await puppeteer.launch({
  args: puppeteer.defaultArgs({ args: chromium.args, headless: 'shell' }),
  defaultViewport: { width: 1280, height: 800 },
  executablePath: await chromium.executablePath(),
  headless: 'shell',
});
const page = await browser.newPage();
await page.goto(process.argv[2]);
const picture = await page.screenshot();
console.log(picture.length);
browser.process().kill('SIGKILL');
process.exit();
