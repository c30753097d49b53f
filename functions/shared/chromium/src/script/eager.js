// How many windows tall the page is, if it can't react to being scrolled to; else
// null. Lazy content is then only what the browser itself loads late, which is asked
// for here.
function () {
  const isSkipped = (element) => element.checkVisibility() && !element.checkVisibility({ contentVisibilityAuto: true });
  if (!isInert() || [...document.querySelectorAll("*")].some(isSkipped)) return null;
  for (const image of document.images) image.loading = "eager";
  return Math.ceil((document.scrollingElement ?? document.documentElement).scrollHeight / innerHeight);
}
