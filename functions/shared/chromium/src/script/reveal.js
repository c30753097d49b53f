// Moves the window down the page from `from` on, step by step, until it would reach
// the end, or `to_bottom`. Lazy images load at once; after each step those in view are
// waited for, `delay_ms` at most. It goes down to `depth_px`, or with `at_least` to
// where the page ends now if that is deeper; and all of it ends after `limit_ms`.
async function ({ from, to_bottom, step_px, depth_px, at_least, delay_ms, limit_ms }) {
  const end = performance.now() + limit_ms;
  const frame = () => new Promise(requestAnimationFrame);
  const root = document.scrollingElement ?? document.documentElement;
  const depth = at_least ? Math.max(depth_px, root.scrollHeight) : depth_px;
  const bottom = () => Math.max(0, Math.min(root.scrollHeight, depth) - innerHeight);
  const show = async (top) => {
    root.scrollTo({ top, behavior: "instant" });
    await frame();
    await frame();
    for (const element of findAll("[loading=lazy]", true)) if (isAbove(element, depth)) element.loading = "eager";
    const awaited = allImages().filter((image) => !image.complete && isInView(image));
    if (awaited.length === 0) return;
    const rest = Math.min(delay_ms, end - performance.now());
    await Promise.race([
      Promise.all(awaited.map(arrival)),
      new Promise((resolve) => setTimeout(resolve, rest)),
    ]);
  };
  let next = from;
  for (; next < bottom() && performance.now() < end; next += step_px ?? innerHeight) await show(next);
  const reached = bottom();
  if (to_bottom) await show(reached);
  return { next, bottom: reached, depth };
}
