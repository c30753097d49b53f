// Back to the top of the page, until fonts and images are there and two frames were
// made with them; after `limit_ms` at the latest.
async function (limit_ms) {
  const limit = new Promise((resolve) => setTimeout(resolve, limit_ms));
  const frame = () => new Promise(requestAnimationFrame);
  // Chromium decodes what it paints before it paints it.
  const arrived = (image) =>
    image.complete ||
    new Promise((resolve) => {
      for (const end of ["load", "error"]) image.addEventListener(end, resolve, { once: true });
    });
  const settled = async () => {
    (document.scrollingElement ?? document.documentElement).scrollTo({ top: 0, behavior: "instant" });
    await document.fonts.ready;
    await Promise.all([...document.images].map(arrived));
    await frame();
    await frame();
  };
  await Promise.race([settled(), limit]);
}
