// Resolves once web fonts are there, and all images or those in view. Tells whether
// nothing happens in the page by itself.
async function (all) {
  await document.fonts.ready;
  await Promise.all([...document.images].filter((image) => all || isInView(image)).map(arrival));
  return isInert();
}
