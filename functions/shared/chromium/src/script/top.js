// Back to the top of the page.
function () {
  (document.scrollingElement ?? document.documentElement).scrollTo({ top: 0, behavior: "instant" });
}
