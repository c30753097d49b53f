// What the document says of what it shows.
function () {
  return { words: (document.body?.innerText ?? "").slice(0, 2000) };
}
