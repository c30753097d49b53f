// What there is of a document that has no body; null of one that has.
function () {
  return document.body ? null : (document.documentElement?.outerHTML ?? null);
}
