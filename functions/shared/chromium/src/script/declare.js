// Declares something of all elements that match, now or later, and with `deep`
// of all that is in them.
function (selector, pierces, declaration, deep) {
  const inside = deep ? `:is(${selector}) * { ${declaration} }` : "";
  for (const tree of trees(pierces)) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`${selector} { ${declaration} } ${inside}`);
    tree.adoptedStyleSheets.push(sheet);
  }
}
