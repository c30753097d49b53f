// Where scripts are off, timers are too, those of our own world included. Frames
// are not: the same by them.
globalThis.setTimeout = (call, wait_ms = 0) => {
  const due = performance.now() + wait_ms;
  const look = () => (performance.now() < due ? requestAnimationFrame(look) : call());
  requestAnimationFrame(look);
  return 0;
};
globalThis.setInterval = (call, wait_ms) => {
  const timer = { on: true };
  const again = () => setTimeout(() => timer.on && (call(), again()), wait_ms);
  again();
  return timer;
};
globalThis.clearInterval = (timer) => {
  if (timer) timer.on = false;
};
