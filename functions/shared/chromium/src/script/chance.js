// Before any of a page's own scripts: what it takes for chance is always the same.
(() => {
  const define = (target, name, value) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  // Mulberry32.
  let seed = 0x6461726b;
  const chance = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  define(Math, "random", chance);
  const { getRandomValues } = Crypto.prototype;
  define(Crypto.prototype, "getRandomValues", function (array) {
    // Refuses what isn't to be filled.
    Reflect.apply(getRandomValues, this, [array]);
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    for (let at = 0; at < bytes.length; at++) bytes[at] = chance() * 256;
    return array;
  });
  // There in secure contexts only.
  if (Crypto.prototype.randomUUID) {
    define(Crypto.prototype, "randomUUID", () =>
      "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, (place) =>
        Math.floor(place === "x" ? chance() * 16 : 8 + chance() * 4).toString(16)));
  }
})();
