// Resolves once web fonts are there, and all images or those in view; after
// `limit_ms` at the latest. Tells whether nothing happens in the page by itself.
async function (all, limit_ms) {
  const limit = new Promise((resolve) => setTimeout(resolve, limit_ms));
  // Chromium decodes what it paints before it paints it.
  const arrival = (image) =>
    image.complete ||
    new Promise((resolve) => {
      for (const end of ["load", "error"]) image.addEventListener(end, resolve, { once: true });
    });
  // One of which nothing has come may be as large as nothing.
  const isInView = (image) => {
    const [box] = image.getClientRects();
    return box && box.bottom >= 0 && box.right >= 0 && box.top < innerHeight && box.left < innerWidth;
  };
  const arrived = async () => {
    await document.fonts.ready;
    await Promise.all([...document.images].filter((image) => all || isInView(image)).map(arrival));
  };
  await Promise.race([arrived(), limit]);
  return isInert();
}
