// An element as Markdown, with addresses that hold everywhere.
(element) => {
  const copy = element === document.documentElement ? document.body.cloneNode(true) : element.cloneNode(true);
  for (const name of ["href", "src"]) {
    for (const it of copy.querySelectorAll(`[${name}]`)) it.setAttribute(name, it[name]);
  }
  return `${markdownOf(copy)}\n`;
}
