// Whether nothing happens in the page by itself: no script runs in it, as far as can
// be seen, nothing is framed or played, and nothing moves.
const isInert = () => {
  const alive =
    "script, iframe, frame, object, embed, video, audio, marquee, meta[http-equiv=refresh i], " +
    "animate, animateMotion, animateTransform, set";
  // What a custom element hides may be anything.
  const isAlive = (element) =>
    element.shadowRoot !== null ||
    element.localName.includes("-") ||
    element.matches(alive) ||
    element.getAttributeNames().some((name) => name.startsWith("on"));
  const hasLoadedScripts = performance.getEntriesByType("resource").some((it) => it.initiatorType === "script");
  return !hasLoadedScripts && document.getAnimations().length === 0 && ![...document.querySelectorAll("*")].some(isAlive);
};
