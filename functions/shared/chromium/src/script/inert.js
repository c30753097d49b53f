// Whether nothing happens by itself in a page in which no script has run: none is
// there that still may, nothing is framed or played, and nothing moves.
const isInert = () => {
  const alive =
    "script, iframe, frame, object, embed, video, audio, marquee, meta[http-equiv=refresh i], " +
    "animate, animateMotion, animateTransform, set";
  // What a custom element hides may be anything. Nothing tells of a closed shadow tree
  // that is declared in another element.
  const isAlive = (element) =>
    element.shadowRoot !== null ||
    element.localName.includes("-") ||
    element.matches(alive) ||
    element.getAttributeNames().some((name) => name.startsWith("on"));
  return document.getAnimations().length === 0 && ![...document.querySelectorAll("*")].some(isAlive);
};
