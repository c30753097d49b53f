// Before any of a page's own scripts: its clock stands still at `EPOCH_MS`.
//
// Only a chain of frames has time: each callback that one of them asks for comes
// 1/60 s later by the page's clock, however long that took, and after `FRAMES` of
// them no more come. So an animation by script has run for a second, neither more
// nor less; `run.js` has what is left of it run before the picture is drawn. None
// comes before the page is loaded: which of its scripts are there by then is chance.
(() => {
  const EPOCH_MS = 1735732800000;
  const FRAMES = 60;

  // Which frame of its chain runs now; none outside of frames.
  let depth = 0;
  const elapsed = () => (depth * 1000) / 60;
  const now = () => EPOCH_MS + Math.floor(elapsed());
  const define = (target, name, value) =>
    target && Object.defineProperty(target, name, { value, writable: true, configurable: true });
  const read = (target, name, get) =>
    target && Object.defineProperty(target, name, { get, enumerable: true, configurable: true });

  const OwnDate = Date;
  define(OwnDate, "now", now);
  const StillDate = new Proxy(OwnDate, {
    construct: (date, values, target) => Reflect.construct(date, values.length ? values : [now()], target),
    apply: () => new OwnDate(now()).toString(),
  });
  define(globalThis, "Date", StillDate);
  define(OwnDate.prototype, "constructor", StillDate);
  // These take the moment from elsewhere where none is given.
  const formats = Intl.DateTimeFormat.prototype;
  const { format, formatToParts } = Object.getOwnPropertyDescriptors(formats);
  read(formats, "format", function () {
    const own = Reflect.apply(format.get, this, []);
    return (date) => own(date === undefined ? now() : date);
  });
  define(formats, "formatToParts", function (date) {
    return Reflect.apply(formatToParts.value, this, [date === undefined ? now() : date]);
  });
  const clock = globalThis.Temporal?.Now;
  if (clock) {
    const at = (zone = clock.timeZoneId()) => clock.instant().toZonedDateTimeISO(zone);
    define(clock, "instant", () => Temporal.Instant.fromEpochMilliseconds(now()));
    define(clock, "zonedDateTimeISO", (zone) => at(zone));
    define(clock, "plainDateTimeISO", (zone) => at(zone).toPlainDateTime());
    define(clock, "plainDateISO", (zone) => at(zone).toPlainDate());
    define(clock, "plainTimeISO", (zone) => at(zone).toPlainTime());
  }
  define(Performance.prototype, "now", elapsed);
  read(Performance.prototype, "timeOrigin", () => EPOCH_MS);
  read(Event.prototype, "timeStamp", elapsed);

  const { requestAnimationFrame: ask, cancelAnimationFrame: cancel, setTimeout, clearTimeout } = globalThis;
  const { addEventListener, dispatchEvent, Event: OwnEvent, MessageChannel: Channel, Promise: Own } = globalThis;
  const isLoaded = () => document.readyState === "complete";
  // What is to run, by the number of its frame.
  const waiting = new Map();
  // What a callback goes on with after its promises is of its frame too.
  const leave = async (frame) => {
    for (let hop = 0; hop < 8; hop++) await null;
    if (depth === frame) depth = 0;
  };
  const run = (frame, callback) => {
    depth = frame;
    leave(frame);
    callback(elapsed());
  };
  // A task of its own each, as frames are, without the rests that timers take.
  const task = (work) => new Own((resolve) => {
    const { port1, port2 } = new Channel();
    port1.onmessage = () => (port1.close(), resolve(), work());
    port2.postMessage(null);
  });
  const finish = async () => {
    release();
    for (let round = 0; round < FRAMES && waiting.size; round++) {
      for (const [id, due] of [...waiting]) await task(() => (cancel(id), waiting.delete(id) && due()));
    }
    dispatchEvent(new OwnEvent("darkroom-ran"));
  };
  const onRun = (event) => (event.preventDefault(), finish());
  define(globalThis, "requestAnimationFrame", (callback) => {
    if (typeof callback !== "function") return ask(callback);
    const frame = depth + 1;
    if (frame > FRAMES) return ask(() => {});
    // A document that is opened anew forgets who listens.
    addEventListener("darkroom-run", onRun);
    const due = () => run(frame, callback);
    const onFrame = () => {
      if (!waiting.has(id)) return;
      if (!isLoaded()) return void ask(onFrame);
      waiting.delete(id);
      due();
    };
    const id = ask(onFrame);
    waiting.set(id, due);
    return id;
  });
  // Sizes are told in frames too, and to those who watch them from the same moment on.
  const held = new Set();
  const release = () => {
    for (const observe of held) observe();
    held.clear();
  };
  const OwnObserver = globalThis.ResizeObserver;
  class ResizeObserver extends OwnObserver {
    #held = new Map();
    observe(target, options) {
      super.observe(target, options);
      if (isLoaded()) return;
      super.unobserve(target);
      const observe = () => super.observe(target, options);
      this.unobserve(target);
      this.#held.set(target, observe);
      held.add(observe);
      addEventListener("load", release);
      addEventListener("darkroom-run", onRun);
    }
    unobserve(target) {
      super.unobserve(target);
      held.delete(this.#held.get(target));
    }
    disconnect() {
      super.disconnect();
      for (const observe of this.#held.values()) held.delete(observe);
    }
  }
  define(globalThis, "ResizeObserver", ResizeObserver);
  define(globalThis, "cancelAnimationFrame", (id) => {
    waiting.delete(id);
    cancel(id);
  });
  define(globalThis, "requestIdleCallback", (callback) =>
    setTimeout(() => callback({ didTimeout: false, timeRemaining: () => 50 })));
  define(globalThis, "cancelIdleCallback", (id) => clearTimeout(id));
})();
