// Resolves once web fonts are there, the images in view are decoded, and two
// frames were made with them; after `limit_ms` at the latest.
async function (limit_ms) {
  const limit = new Promise((resolve) => setTimeout(resolve, limit_ms));
  const frame = () => new Promise(requestAnimationFrame);
  // One of which nothing has come may be as large as nothing.
  const inView = (image) => {
    const [box] = image.getClientRects();
    return box && box.bottom >= 0 && box.right >= 0 && box.top < innerHeight && box.left < innerWidth;
  };
  const settled = async () => {
    await document.fonts.ready;
    const images = [...document.images].filter(inView);
    await Promise.all(images.map((image) => image.decode().catch(() => {})));
    await frame();
    await frame();
  };
  await Promise.race([settled(), limit]);
}
