// Back to the top of the page, until fonts and images are there and two frames were
// made with them; after `limit_ms` at the latest.
async function (limit_ms) {
  const limit = new Promise((resolve) => setTimeout(resolve, limit_ms));
  const frame = () => new Promise(requestAnimationFrame);
  const settled = async () => {
    (document.scrollingElement ?? document.documentElement).scrollTo({ top: 0, behavior: "instant" });
    await document.fonts.ready;
    await Promise.all([...document.images].map((image) => image.decode().catch(() => {})));
    await frame();
    await frame();
  };
  await Promise.race([settled(), limit]);
}
