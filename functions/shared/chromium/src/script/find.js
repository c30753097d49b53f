// The tree below `root`, and open shadow trees in it.
const treesBelow = (root) => [
  root,
  ...[...root.querySelectorAll("*")].flatMap(({ shadowRoot }) => (shadowRoot ? treesBelow(shadowRoot) : [])),
];
// Where selectors are looked for: in the document, and with `pierces` in open
// shadow trees after it.
const trees = (pierces) => (pierces ? treesBelow(document) : [document]);
// Which elements match `selector`, in the order of their trees.
const findAll = (selector, pierces) => trees(pierces).flatMap((tree) => [...tree.querySelectorAll(selector)]);
const find = (selector, pierces) => document.querySelector(selector) ?? findAll(selector, pierces)[0] ?? null;
