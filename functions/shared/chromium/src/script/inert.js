// Whether nothing in the page can react to being scrolled to, because no script runs
// in it: then lazy content is only what the browser itself loads late, which is asked
// for here. What is framed or played has a life of its own.
function () {
  const isAlive = (element) =>
    element.shadowRoot !== null ||
    element.matches("script, iframe, frame, object, embed, video, audio") ||
    element.getAttributeNames().some((name) => name.startsWith("on"));
  const elements = [...document.querySelectorAll("*")];
  const isInert = !elements.some(isAlive);
  if (isInert) for (const image of document.images) image.loading = "eager";
  return isInert;
}
