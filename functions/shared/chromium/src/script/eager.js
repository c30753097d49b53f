// Has lazy images above a row of the page load at once, if the page can't react to being
// scrolled to: what is lazy is then only what the browser itself loads late. Tells in
// how many windows' heights some are on their way; null if it may react.
function (depth_px) {
  const isSkipped = (element) => element.checkVisibility() && !element.checkVisibility({ contentVisibilityAuto: true });
  if (!isInert() || [...document.querySelectorAll("*")].some(isSkipped)) return null;
  const images = [...document.images].filter((image) => isAbove(image, depth_px));
  for (const image of images) image.loading = "eager";
  const windowOf = (image) => Math.floor((image.getClientRects()[0].top + scrollY) / innerHeight);
  return new Set(images.filter((image) => !image.complete).map(windowOf)).size;
}
