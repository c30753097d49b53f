// Resolves once web fonts are there, and the images in view, or with `depth_px` those
// above that row of the page which Chromium loads now. Tells whether nothing happens
// in the page by itself, and whether it shows films.
async function (depth_px) {
  const isAwaited = (image) =>
    isInView(image) || (depth_px !== null && image.loading !== "lazy" && isAbove(image, depth_px));
  await document.fonts.ready;
  await Promise.all(allImages().filter(isAwaited).map(arrival));
  return { isInert: isInert(), showsFilms: findAll("video", true).length > 0 };
}
