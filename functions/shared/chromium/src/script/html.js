// An element as HTML, with the open shadow trees in it as declared ones; before the
// whole document its type.
(element) => {
  const roots = [element.shadowRoot, ...treesBelow(element).slice(1)].filter(Boolean);
  const content = element.getHTML({ serializableShadowRoots: true, shadowRoots: roots });
  // An element that can't have content has no end.
  const html = element.cloneNode(false).outerHTML.replace(/(<\/[^<>]*>)?$/, (end) => content + end);
  const isWhole = element === document.documentElement;
  return isWhole && document.doctype ? `${new XMLSerializer().serializeToString(document.doctype)}\n${html}` : html;
}
