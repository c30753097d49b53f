// Back to the top of the page, and two frames there, unless it isn't scrolled.
async function () {
  const root = document.scrollingElement ?? document.documentElement;
  if (root.scrollTop === 0 && root.scrollLeft === 0) return;
  root.scrollTo({ top: 0, left: 0, behavior: "instant" });
  for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
}
