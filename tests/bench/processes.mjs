// What processes use, from /proc.
import fs from 'node:fs';

/** Milliseconds of a process with all of its descendants so far, of ended processes only what their parents waited for. */
export function processorMs(root) {
  const ticks = tree(root).map(ticksOf).reduce((a, b) => a + b, 0);
  return ticks * 10; // USER_HZ is 100 on Linux
}

/** A process with all of its descendants. */
export const tree = (pid) => [pid, ...children(pid).flatMap(tree)];

/** Bytes of memory of these processes: `resident`, what is shared counted by each of them, and `own`, without the pages of files. */
export function memory(pids) {
  const of = (pid) => read(`/proc/${pid}/smaps_rollup`, (path) => [fs.readFileSync(path, 'utf8')]);
  const sum = (name) => pids.flatMap(of).reduce((total, text) => total + text.match(new RegExp(`^${name}:\\s+(\\d+)`, 'm'))[1] * 1024, 0);
  return { resident: sum('Rss'), own: sum('Pss_Anon') + sum('Pss_Shmem') };
}

/** How many files, pipes and sockets these processes have open. */
export function descriptors(pids) {
  return pids.flatMap((pid) => read(`/proc/${pid}/fd`, fs.readdirSync)).length;
}

/** Files and bytes in a folder, and of what was removed from it but is still held by these processes. */
export function disk(folder, pids) {
  const files = read(folder, (path) => fs.readdirSync(path, { recursive: true, withFileTypes: true })).filter((it) => it.isFile());
  const listed = files.flatMap((it) => read(`${it.parentPath}/${it.name}`, (path) => [fs.statSync(path).blocks * 512]));
  const held = new Map(pids.flatMap((pid) => [...opened(folder, pid), ...mapped(folder, pid)]));
  const bytes = [...listed, ...held.values()].reduce((a, b) => a + b, 0);
  return { files: files.length + held.size, bytes };
}

/** Removed files by number, with their bytes. */
function opened(folder, pid) {
  const descriptors = read(`/proc/${pid}/fd`, fs.readdirSync).map((number) => `/proc/${pid}/fd/${number}`);
  return descriptors.flatMap((fd) => read(fd, (path) => {
    const target = fs.readlinkSync(path);
    if (!target.startsWith(`${folder}/`) || !target.endsWith(' (deleted)')) return [];
    const { ino, blocks } = fs.statSync(path);
    return [[String(ino), blocks * 512]];
  }));
}

function mapped(folder, pid) {
  const lines = read(`/proc/${pid}/maps`, (path) => fs.readFileSync(path, 'utf8').split('\n'));
  return lines.filter((line) => line.includes(`${folder}/`) && line.endsWith(' (deleted)')).map((line) => {
    const [range, , , , inode] = line.split(/\s+/);
    const [from, to] = range.split('-').map((it) => parseInt(it, 16));
    return [inode, to - from];
  });
}

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
