// Makes a page load what it loads only when it comes into view: lazy images at
// once, the rest by scrolling down in steps of the window's height. Then back to
// the top, and until what came is decoded; all of it within `limit_ms`, and down
// to `depth_px` at most, since some pages grow for ever.
async function (limit_ms, depth_px) {
  const limit = new Promise((resolve) => setTimeout(resolve, limit_ms));
  const end = performance.now() + limit_ms;
  const frame = () => new Promise(requestAnimationFrame);
  const root = document.scrollingElement ?? document.documentElement;
  const go = (top) => root.scrollTo({ top, behavior: "instant" });
  const height = () => Math.min(root.scrollHeight, depth_px);
  const revealed = async () => {
    for (const element of document.querySelectorAll("[loading=lazy]")) element.loading = "eager";
    for (let top = 0; top < height() && performance.now() < end; top += innerHeight) {
      go(top);
      await frame();
      await frame();
    }
    go(0);
    await document.fonts.ready;
    await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
    await frame();
    await frame();
  };
  await Promise.race([revealed(), limit]);
  go(0);
}
