// Declares something of all elements that match, now or later, and with `deep`
// of all that is in them. False if the selector isn't closed and would take the
// declaration for a part of itself. What isn't declared of all that is inside takes
// elements away; whoever writes the page down asks which.
function (selector, pierces, declaration, deep) {
  const inside = deep ? `:is(${selector}) * { ${declaration} }` : "";
  for (const tree of trees(pierces)) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`${selector} { ${declaration} } ${inside}`);
    if (sheet.cssRules.length !== (deep ? 2 : 1)) return false;
    tree.adoptedStyleSheets.push(sheet);
  }
  if (!deep) (globalThis.removed ??= []).push(selector);
}
