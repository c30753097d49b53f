// Whether anything of the document was painted.
function () {
  return performance.getEntriesByType("paint").length > 0;
}
