// Which elements match `selector`: those of the document in its order, and with
// `pierces` those in open shadow trees after them. Throws where it is no selector.
const findAll = (selector, pierces) => {
  const below = (root) => [
    ...root.querySelectorAll(selector),
    ...[...root.querySelectorAll("*")].flatMap(({ shadowRoot }) => (shadowRoot ? below(shadowRoot) : [])),
  ];
  return pierces ? below(document) : [...document.querySelectorAll(selector)];
};
const find = (selector, pierces) => document.querySelector(selector) ?? findAll(selector, pierces)[0] ?? null;
