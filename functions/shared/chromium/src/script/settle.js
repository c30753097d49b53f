// Resolves once web fonts and the images in view are there, and two frames were made
// with them; after `limit_ms` at the latest.
async function (limit_ms) {
  const limit = new Promise((resolve) => setTimeout(resolve, limit_ms));
  const frame = () => new Promise(requestAnimationFrame);
  // Chromium decodes what it paints before it paints it.
  const arrived = (image) =>
    image.complete ||
    new Promise((resolve) => {
      for (const end of ["load", "error"]) image.addEventListener(end, resolve, { once: true });
    });
  // One of which nothing has come may be as large as nothing.
  const inView = (image) => {
    const [box] = image.getClientRects();
    return box && box.bottom >= 0 && box.right >= 0 && box.top < innerHeight && box.left < innerWidth;
  };
  const settled = async () => {
    await document.fonts.ready;
    const images = [...document.images].filter(inView);
    await Promise.all(images.map(arrived));
    // Where nothing happens by itself, the picture's own frame does.
    if (isInert()) return;
    await frame();
    await frame();
  };
  await Promise.race([settled(), limit]);
}
