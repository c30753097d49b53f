// The document's address, and the names that its elements have.
function () {
  const classes = new Set();
  const ids = new Set();
  for (const element of document.querySelectorAll("[class], [id]")) {
    for (const name of element.classList) classes.add(name);
    if (element.id) ids.add(element.id);
  }
  return { url: location.href, classes: [...classes], ids: [...ids] };
}
