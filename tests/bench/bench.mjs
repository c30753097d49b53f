// `make bench`: snap, puppeteer, playwright and the limit, on the same Chromium and the same pages, in small rounds by
// turns, so that whatever else the machine does hits all of them alike.
//   RUNS=3    whole runs, of whose ratios the medians are told (default 1)
//   N=12      so many captures a side instead of those below, for a quick look
//   CASES=…   only these, parted by commas: simple, heavy, full, pdf
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { CHROMIUM, ROOT } from './chromium.mjs';
import { processorMs } from './processes.mjs';
import { report, verdicts } from './report.mjs';
import { sides } from './sides.mjs';
import { serve } from './site.mjs';

/** Before the next capture of a latency round, so that what is prepared between captures is ready, as in production. */
const REST_MS = 60;
const WARM_UP = 3;

const CASES = {
  simple: { page: '/simple', kind: 'png', measures: [{ concurrency: 1, rest: true, n: 200, round: 10 }, { concurrency: 1, n: 200, round: 20 }, { concurrency: 2, n: 200, round: 20 }] },
  heavy: { page: '/heavy', kind: 'png', measures: [{ concurrency: 1, rest: true, n: 200, round: 4 }] },
  full: { page: '/long', kind: 'full', measures: [{ concurrency: 1, rest: true, n: 200, round: 4 }] },
  pdf: { page: '/simple', kind: 'pdf', measures: [{ concurrency: 1, rest: true, n: 200, round: 10 }] },
};

const runs = Number(process.env.RUNS || 1);
const chosen = (process.env.CASES || Object.keys(CASES).join()).split(',');
const site = await serve();
const results = [];
console.log(`${CHROMIUM}, ${os.cpus()[0].model}, ${os.cpus().length} processors, load ${os.loadavg()[0].toFixed(1)}`);
for (let run = 1; run <= runs; run++) {
  for (const name of chosen) {
    const { page, kind, measures } = CASES[name];
    for (const planned of measures) {
      const measure = process.env.N ? { ...planned, n: Number(process.env.N) } : planned;
      const { concurrency } = measure;
      const all = sides(kind, concurrency);
      for (const side of all) await round(side, site.origin + page, { concurrency, round: WARM_UP * concurrency });
      const result = { run, case: name, ...measure, load: os.loadavg()[0], sides: await measured(all, site.origin + page, measure) };
      results.push(result);
      console.log(report(result));
      for (const side of all) await side.end();
    }
  }
}
site.close();
console.log(verdicts(results));
const file = path.join(ROOT, 'build/bench/bench.json');
fs.mkdirSync(path.dirname(file), { recursive: true });
fs.writeFileSync(file, JSON.stringify({ chromium: CHROMIUM, processor: os.cpus()[0].model, processors: os.cpus().length, results }, null, 1));
console.log(`\n${path.relative(ROOT, file)}`);

async function measured(all, url, measure) {
  const sums = Object.fromEntries(all.map((side) => [side.name, { ms: [], seconds: 0, cpuMs: 0, bytes: 0, errors: [] }]));
  for (let done = 0, turn = 0; done < measure.n; done += measure.round, turn++) {
    // Each round begins with another side.
    const order = all.map((_, i) => all[(i + turn) % all.length]);
    for (const side of order) {
      const size = Math.min(measure.round, measure.n - done);
      const used = processorMs(side.process.pid);
      const { answers, seconds } = await round(side, url, { ...measure, round: size });
      const sum = sums[side.name];
      sum.cpuMs += processorMs(side.process.pid) - used;
      sum.seconds += seconds;
      for (const answer of answers) {
        if (answer.error) sum.errors.push(answer.error);
        else { sum.ms.push(answer.ms); sum.bytes = answer.bytes; }
      }
    }
  }
  return sums;
}

/** So many captures, `concurrency` at a time. */
async function round(side, url, { concurrency, round: size, rest }) {
  const answers = [];
  let left = size;
  const begun = performance.now();
  const worker = async () => {
    while (left-- > 0) {
      answers.push(await side.take(url));
      if (rest) await new Promise((go) => setTimeout(go, REST_MS));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { answers, seconds: (performance.now() - begun) / 1000 };
}
