// What there is of an HTML document that has no body; null of any other.
function () {
  const root = document.documentElement;
  if (!(root instanceof HTMLHtmlElement) || root.querySelector(":scope > body, :scope > frameset")) return null;
  return (document.doctype ? "<!doctype html>" : "") + root.outerHTML;
}
