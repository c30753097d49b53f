// The tables of `make bench`, and whether the bounds of issue 3 hold.

/** At most this much of the peer's, or at least, in order of the table. */
const BOUNDS = [
  { what: 'simple page, p50 of puppeteer', case: 'simple', rest: true, concurrency: 1, value: (of) => of('snap').p50 / of('puppeteer').p50, most: 0.4 },
  { what: 'simple page, captures/s of puppeteer, 1 at a time', case: 'simple', concurrency: 1, value: (of) => of('snap').perSecond / of('puppeteer').perSecond, least: 1.9 },
  { what: 'simple page, captures/s of puppeteer, 2 at a time', case: 'simple', concurrency: 2, value: (of) => of('snap').perSecond / of('puppeteer').perSecond, least: 1.9 },
  { what: 'heavy page, p50 of puppeteer', case: 'heavy', rest: true, concurrency: 1, value: (of) => of('snap').p50 / of('puppeteer').p50, most: 0.65 },
  { what: 'full page, p50 of puppeteer', case: 'full', rest: true, concurrency: 1, value: (of) => of('snap').p50 / of('puppeteer').p50, most: 0.6 },
  { what: 'PDF, p50 of puppeteer', case: 'pdf', rest: true, concurrency: 1, value: (of) => of('snap').p50 / of('puppeteer').p50, most: 0.5 },
  ...['simple', 'heavy', 'full', 'pdf'].map((name) => ({ what: `${name}, p50 of the limit`, case: name, rest: true, concurrency: 1, value: (of) => of('snap').p50 / of('limit').p50, most: 1.15 })),
];

/** One measurement's table. */
export function report(result) {
  const rows = Object.keys(result.sides).map((name) => [name, figures(result, name)]);
  const limit = limitOf(result);
  const puppeteer = figures(result, 'puppeteer');
  const manner = result.rest ? 'with a rest between captures' : 'one after the other';
  const heading = `\n${result.case} page, ${result.concurrency} at a time, ${manner}, n = ${result.n} a side (run ${result.run}, load ${result.load.toFixed(1)})`;
  const columns = ['', 'p50 ms', 'p95 ms', 'per s', 'CPU ms', 'kB', '/puppeteer', '/limit'];
  const lines = rows.map(([name, it]) => [name, it.p50.toFixed(1), it.p95.toFixed(1), result.rest ? '' : it.perSecond.toFixed(2), it.cpu.toFixed(0), (it.bytes / 1000).toFixed(0), (it.p50 / puppeteer.p50).toFixed(2), (it.p50 / limit.p50).toFixed(2)]);
  const failures = rows.filter(([, it]) => it.errors.length).map(([name, it]) => `  ${name}: ${it.errors.length} failed: ${it.errors[0]}`);
  return [heading, ...[columns, ...lines].map(line), ...failures].join('\n');
}

/** Every bound, with the median of all runs. */
export function verdicts(results) {
  const lines = BOUNDS.map((bound) => {
    const runs = results.filter((it) => it.case === bound.case && it.concurrency === bound.concurrency && Boolean(it.rest) === Boolean(bound.rest));
    if (!runs.length) return null;
    const ratios = runs.map((result) => bound.value((name) => (name === 'limit' ? limitOf(result) : figures(result, name))));
    const ratio = percentile(ratios, 50);
    const holds = bound.most ? ratio <= bound.most : ratio >= bound.least;
    const told = bound.most ? `≤ ${bound.most}` : `≥ ${bound.least}`;
    return `  ${bound.what.padEnd(52)}${ratio.toFixed(2).padStart(6)}   ${told.padEnd(8)}${holds ? 'holds' : 'MISSED'}${runs.length > 1 ? `   (${ratios.map((it) => it.toFixed(2)).join(', ')})` : ''}`;
  });
  const count = Math.max(...results.map((it) => it.run));
  return [`\nsnap against its bounds${count > 1 ? `, medians of ${count} runs` : ''}`, ...lines.filter(Boolean)].join('\n');
}

/** The fastest of the raw drivers. */
function limitOf(result) {
  const limits = Object.keys(result.sides).filter((name) => name.startsWith('limit')).map((name) => figures(result, name));
  return limits.reduce((best, it) => (it.p50 < best.p50 ? it : best));
}

function figures(result, name) {
  const { ms, seconds, cpuMs, bytes, errors } = result.sides[name];
  return { p50: percentile(ms, 50), p95: percentile(ms, 95), perSecond: ms.length / seconds, cpu: cpuMs / (ms.length + errors.length), bytes, errors };
}

function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))] : Number.NaN;
}

const line = ([name, ...cells]) => `  ${name.padEnd(28)}${cells.map((cell) => cell.padStart(11)).join('')}`;
