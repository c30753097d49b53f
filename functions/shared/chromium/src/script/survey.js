// The document's address, and the names that its elements have, as many as a page of people's
// has. By attributes: a form's fields stand in the way of its properties.
function (most) {
  const classes = new Set();
  const ids = new Set();
  for (const element of document.querySelectorAll("[class], [id]")) {
    for (const name of (element.getAttribute("class") ?? "").split(/\s+/)) classes.add(name);
    ids.add(element.getAttribute("id") ?? "");
  }
  const told = (names) => [...names].filter((name) => name && name.length < 200 && name.isWellFormed()).slice(0, most);
  return { url: location.href, classes: told(classes), ids: told(ids) };
}
