// Whether nothing happens in the page by itself, because no script runs in it and
// nothing is framed or played.
const isInert = () => {
  const isAlive = (element) =>
    element.shadowRoot !== null ||
    element.matches("script, iframe, frame, object, embed, video, audio") ||
    element.getAttributeNames().some((name) => name.startsWith("on"));
  return ![...document.querySelectorAll("*")].some(isAlive);
};
