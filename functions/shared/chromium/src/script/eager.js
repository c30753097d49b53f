// Whether the page can't react to being scrolled to. Lazy content is then only what
// the browser itself loads late, which is asked for here.
function () {
  const inert = isInert();
  if (inert) for (const image of document.images) image.loading = "eager";
  return inert;
}
