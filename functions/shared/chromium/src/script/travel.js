// Scrolls to `y`, unless there is none, and tells how far down the page can be scrolled.
function (y) {
  if (y !== null) scrollTo({ top: y, behavior: "instant" });
  const root = document.scrollingElement ?? document.documentElement;
  return Math.max(0, root.scrollHeight - innerHeight);
}
