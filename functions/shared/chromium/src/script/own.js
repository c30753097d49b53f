// What a document and a node have of their own. Elements that are named so hide it
// (HTML, «LegacyOverrideBuiltIns»), and could lead in a circle.
const getter = (type, name) => Object.getOwnPropertyDescriptor(type.prototype, name).get;
const own = Object.fromEntries(
  ["adoptedStyleSheets", "body", "documentElement", "fonts", "images", "links", "scripts", "styleSheets", "title"].map(
    (name) => [name, getter(Document, name).call(document)],
  ),
);
const parentElement = getter(Node, "parentElement");
const hostOf = (node) => {
  const root = node.getRootNode();
  return root instanceof ShadowRoot ? root.host : null;
};
const parentOf = (node) => parentElement.call(node) ?? hostOf(node);
