// Who is measured: programs that read addresses and answer each with a line of JSON.
import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { CHROMIUM, ENVIRONMENT, FEWER_PROCESSES, FLAGS, ROOT, WINDOW } from './chromium.mjs';

const TARGET = path.resolve(ROOT, process.env.CARGO_TARGET_DIR || 'target', 'release');
const here = (file) => path.join(ROOT, 'tests/bench', file);

const snapOptions = { png: [], full: ['full_page=true'], pdf: [] };

/** snap alone. */
export const ours = (kind, concurrency) => new Side('snap', snap(kind, concurrency).map(String));

function snap(kind, concurrency) {
  const options = [`format=${kind === 'pdf' ? 'pdf' : 'png'}`, `viewport_width=${WINDOW.width}`, `viewport_height=${WINDOW.height}`, ...snapOptions[kind]];
  return [path.join(TARGET, 'snap'), '--bench', '-', '--json', '--allow-loopback', '--concurrency', concurrency, '--chromium', CHROMIUM, ...options.flatMap((it) => ['--option', it])];
}

/** Every side, for one kind of capture. */
export function sides(kind, concurrency) {
  const peer = (name) => [process.execPath, here('peer.mjs'), name, kind];
  const limit = (...how) => [path.join(TARGET, 'limit'), '--chromium', CHROMIUM, '--concurrency', concurrency, ...how, '--', '--headless', ...FLAGS, ...FEWER_PROCESSES];
  const of = (kind, ...how) => limit('--kind', kind, ...how);
  const all = {
    snap: snap(kind, concurrency),
    puppeteer: peer('puppeteer'),
    'puppeteer, fast png': kind === 'pdf' ? null : peer('puppeteer-fast'),
    playwright: peer('playwright'),
    'playwright, fast png': kind === 'pdf' ? null : peer('playwright-fast'),
    'limit: ready': of(kind, '--ready'),
    'limit: begin-frame': of(kind, '--begin-frame'),
    'limit: ready, begin-frame': of(kind, '--ready', '--begin-frame'),
    // Loads what snap loads, which the other raw drivers leave out.
    'raw with lazy images': kind === 'full' ? of('full-with-images', '--ready', '--begin-frame') : null,
  };
  return Object.entries(all).filter(([, command]) => command).map(([name, command]) => new Side(name, command.map(String)));
}

/** A running side. */
class Side {
  constructor(name, [program, ...args]) {
    this.name = name;
    this.process = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env: program.endsWith('limit') ? ENVIRONMENT : process.env });
    this.ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.waiting = [];
    readline.createInterface({ input: this.process.stdout }).on('line', (line) => this.waiting.shift()?.(JSON.parse(line)));
    this.process.once('exit', () => { for (const answer of this.waiting.splice(0)) answer({ error: `${name} has ended` }); });
    this.process.stdin.on('error', () => {});
  }

  /** One capture. The nth answer is taken for the nth question's, which doesn't matter where all ask for the same page. */
  take(url) {
    const answer = new Promise((resolve) => this.waiting.push(resolve));
    this.process.stdin.write(`${url}\n`);
    return answer;
  }

  async end() {
    this.process.stdin.end();
    const late = setTimeout(() => this.process.kill('SIGKILL'), 10_000);
    await this.ended;
    clearTimeout(late);
  }
}
