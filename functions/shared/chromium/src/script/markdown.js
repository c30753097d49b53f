// An element as Markdown, with addresses that hold everywhere. It is copied to a document in
// which nothing is loaded and no script runs.
(element) => {
  const isWhole = element === document.documentElement;
  const inert = document.implementation.createHTMLDocument("");
  const copy = inert.createElement("div");
  const nodes = isWhole ? [...(document.body ?? element).childNodes] : [element];
  copy.append(...nodes.map((node) => inert.importNode(node, true)));
  for (const name of ["href", "src"]) {
    for (const it of copy.querySelectorAll(`[${name}]`)) {
      const address = URL.parse(it.getAttribute(name), document.baseURI);
      if (address) it.setAttribute(name, address.href);
    }
  }
  return `${markdownOf(copy)}\n`;
}
