// 1,000 captures in one browser: `make soak`. Prints what the browser and snap use after every 100 of them, and fails unless
// they use no more at the end than at the beginning.
//   N=1000   captures that count, after WARM_UP others
import fs from 'node:fs';
import { setTimeout as rest } from 'node:timers/promises';
import { descriptors, disk, memory, tree } from './processes.mjs';
import { ours } from './sides.mjs';
import { serve } from './site.mjs';

const COUNT = Number(process.env.N || 1000);
const WARM_UP = 100;
const LOOK_EVERY = 25;
const PRINT_EVERY = 100;
/** The page that was captured last goes in this time. */
const REST_MS = 1000;
const MIB = 1024 * 1024;

const USUAL = ['/simple', '/heavy', '/long full_page=true', '/simple format=pdf', '/long format=webp'];
/** Every 20th capture is one of these: a page and what is to be said of it. */
const HOSTILE = [
  ['/alerts', 'dialog'],
  ['/popups', null],
  ['/download', 'not_a_page'],
  ['/frames', null],
  ['/around', 'ERR_TOO_MANY_REDIRECTS'],
  ['/crash', 'page_crashed'],
  ['/spin timeout=2', 'load event'],
  ['/hang timeout=2', 'host to answer'],
  ['/polls timeout=2 wait_until[]=networkidle0', 'network to fall idle'],
  ['/polls timeout=2 wait_until[]=networkidle0 best_effort=true', null],
];
const HOSTILE_EVERY = 20;

/** What is looked at: name, unit, how much more it may be in the last quarter than in the first. */
const MEASURES = {
  'browser RSS': { unit: 'MiB', margin: 16 },
  'of its own': { unit: 'MiB', margin: 8 },
  'first process': { unit: 'MiB', margin: 8 },
  processes: { unit: '', margin: 1 },
  fds: { unit: '', margin: 4 },
  'in /tmp': { unit: 'kB', margin: 256 },
  files: { unit: '', margin: 4 },
  'snap RSS': { unit: 'MiB', margin: 6 },
  'snap fds': { unit: '', margin: 4 },
};

const site = await serve();
const snap = ours('png', 1);
const samples = [];
let odd = 0;
await captures(0, WARM_UP, () => {});
const browser = browserOf(snap);
console.log(`${COUNT} captures in one browser (process ${browser}), after ${WARM_UP}; one in ${HOSTILE_EVERY} of a hostile page`);
console.log(line('', Object.keys(MEASURES)));
await captures(WARM_UP, WARM_UP + COUNT, look);
await snap.end();
site.close();
process.exitCode = judge() ? 0 : 1;

async function captures(from, to, after) {
  for (let number = from; number < to; number++) {
    const [page, expected] = number % HOSTILE_EVERY ? [USUAL[number % USUAL.length], null] : HOSTILE[(number / HOSTILE_EVERY) % HOSTILE.length];
    const { error } = await snap.take(site.origin + page);
    if (expected ? !error?.includes(expected) : error) {
      odd += 1;
      console.log(`  ${page}: ${error ?? 'a picture'}`);
    }
    if ((number + 1) % LOOK_EVERY === 0) await after(number + 1 - WARM_UP);
  }
}

async function look(number) {
  await rest(REST_MS);
  const now = browserOf(snap);
  if (now !== browser) throw new Error(`the browser was replaced before capture ${number}: ${now} is another`);
  const group = tree(now);
  const profile = fs.readFileSync(`/proc/${now}/cmdline`, 'utf8').match(/--user-data-dir=([^\0]+)/)[1];
  const { files, bytes } = disk(profile, group);
  const own = [snap.process.pid];
  const { resident, own: ofItsOwn } = memory(group);
  const seen = [
    resident / MIB, ofItsOwn / MIB, memory([now]).own / MIB, group.length, descriptors(group), bytes / 1024, files,
    memory(own).resident / MIB, descriptors(own),
  ];
  samples.push(seen);
  if (number % PRINT_EVERY === 0) console.log(line(number, seen.map((it, index) => `${it.toFixed(0)} ${Object.values(MEASURES)[index].unit}`)));
}

/** The Chromium that snap has started. */
function browserOf(side) {
  const [, first] = tree(side.process.pid);
  return first;
}

/** Whether no measure is more, on the average of the last quarter, than on that of the first. */
function judge() {
  const quarter = Math.floor(samples.length / 4);
  const mean = (of, index) => of.reduce((sum, seen) => sum + seen[index], 0) / of.length;
  const [first, last] = [samples.slice(0, quarter), samples.slice(-quarter)];
  const flat = Object.entries(MEASURES).map(([name, { unit, margin }], index) => {
    const [before, after] = [mean(first, index), mean(last, index)];
    const isFlat = after <= before + margin;
    console.log(`${isFlat ? 'flat ' : 'GROWS'}  ${name}: ${before.toFixed(1)} -> ${after.toFixed(1)} ${unit} from the first quarter to the last (at most ${margin} more)`);
    return isFlat;
  });
  if (odd) console.log(`${odd} captures ended otherwise than they should`);
  return odd === 0 && flat.every(Boolean);
}

function line(number, cells) {
  return String(number).padStart(6) + cells.map((cell) => String(cell).padStart(15)).join('');
}
