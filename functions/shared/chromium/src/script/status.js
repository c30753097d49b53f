// The HTTP status of the document, 0 where there was none.
function () {
  return performance.getEntriesByType("navigation")[0]?.responseStatus ?? 0;
}
