// Processor time of a process with all of its descendants, from /proc.
import fs from 'node:fs';

/** Milliseconds so far, of ended processes only what their parents waited for. */
export function processorMs(root) {
  const ticks = tree(root).map(ticksOf).reduce((a, b) => a + b, 0);
  return ticks * 10; // USER_HZ is 100 on Linux
}

const tree = (pid) => [pid, ...children(pid).flatMap(tree)];

function children(pid) {
  return read(`/proc/${pid}/task`, fs.readdirSync).flatMap((thread) => {
    const list = read(`/proc/${pid}/task/${thread}/children`, (path) => [fs.readFileSync(path, 'utf8')]);
    return list.join(' ').split(/\s+/).filter(Boolean).map(Number);
  });
}

function ticksOf(pid) {
  const [stat] = read(`/proc/${pid}/stat`, (path) => [fs.readFileSync(path, 'utf8')]);
  if (!stat) return 0;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).map(Number).reduce((a, b) => a + b, 0);
}

/** A process may end while it is looked at. */
function read(path, how) {
  try { return how(path); } catch { return []; }
}
