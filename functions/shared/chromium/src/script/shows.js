// For each of `texts`, whether it is to be read on the page.
function (texts) {
  const plain = (text) => text.replace(/\s+/g, " ").trim().toLowerCase();
  const shadows = (root) =>
    [...root.querySelectorAll("*")].flatMap(({ shadowRoot }) => (shadowRoot ? [shadowRoot, ...shadows(shadowRoot)] : []));
  // An element that isn't rendered would yield what it holds.
  const seen = (element) => (element.checkVisibility({ visibilityProperty: true }) ? element.innerText : "");
  const inShadow = (root) =>
    [...root.childNodes].map((node) =>
      node.nodeType === Node.TEXT_NODE ? node.data : node.nodeType === Node.ELEMENT_NODE ? (seen(node) ?? "") : "");
  const documents = (document) => [
    document,
    ...[...document.querySelectorAll("iframe, frame")]
      .filter((frame) => frame.contentDocument && frame.checkVisibility({ visibilityProperty: true }))
      .flatMap((frame) => documents(frame.contentDocument)),
  ];
  const read = documents(document).flatMap((document) => [
    document.body?.innerText ?? "",
    ...shadows(document)
      .filter(({ host }) => host.checkVisibility({ visibilityProperty: true }))
      .map((root) => inShadow(root).join(" ")),
  ]).map(plain);
  return texts.map((text) => read.some((shown) => shown.includes(plain(text))));
}
