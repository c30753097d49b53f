// Clips of five seconds at 1280 × 800: `make clips`. Prints how long snap takes for each kind; an mp4 must take no longer
// than it lasts.
//   N=10   clips of each kind, by turns
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { ROOT } from './chromium.mjs';
import { processorMs } from './processes.mjs';
import { ours } from './sides.mjs';
import { serve } from './site.mjs';

const COUNT = Number(process.env.N || 10);
const SECONDS = 5;
const KINDS = ['mp4', 'webm', 'gif'];
const PAGES = ['/moving', '/long scenario=scroll scroll_complete=false'];
/** Between two clips: the next page is made ready meanwhile. */
const REST_MS = 200;

const site = await serve();
const snap = ours('png', 1);
const sums = {};
for (let turn = 0; turn <= COUNT; turn++) {
  for (const page of PAGES) {
    for (const kind of KINDS) {
      const used = processorMs(snap.process.pid);
      const answer = await snap.take(`${site.origin}${page} format=${kind} duration=${SECONDS} viewport_width=1280 viewport_height=800`);
      if (answer.error) throw new Error(`${page}: ${answer.error}`);
      await rest(REST_MS);
      // The first of each warms up.
      if (!turn) continue;
      const sum = (sums[`${page.split(' ')[0]} ${kind}`] ??= { ms: [], cpuMs: 0 });
      sum.ms.push(answer.ms);
      sum.cpuMs += processorMs(snap.process.pid) - used;
      sum.bytes = answer.bytes;
    }
  }
}
await snap.end();
site.close();

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
console.log(`clips of ${SECONDS} s at 1280 × 800, ${COUNT} of each kind by turns`);
console.log(`${''.padEnd(16)}${['p50 ms', 'max ms', 'CPU ms', 'kB', '/duration'].map((it) => it.padStart(11)).join('')}`);
let isInTime = true;
for (const [name, { ms, cpuMs, bytes }] of Object.entries(sums)) {
  const share = median(ms) / (SECONDS * 1000);
  if (name.endsWith('mp4') && share > 1) isInTime = false;
  const cells = [median(ms).toFixed(0), Math.max(...ms).toFixed(0), (cpuMs / ms.length).toFixed(0), (bytes / 1000).toFixed(0), share.toFixed(2)];
  console.log(`${name.padEnd(16)}${cells.map((it) => it.padStart(11)).join('')}`);
}
console.log(isInTime ? 'an mp4 takes no longer than it lasts' : 'an mp4 takes longer than it lasts');
fs.mkdirSync(path.join(ROOT, 'build/bench'), { recursive: true });
fs.writeFileSync(path.join(ROOT, 'build/bench/clips.json'), JSON.stringify(sums, null, 1));
process.exitCode = isInTime ? 0 : 1;
