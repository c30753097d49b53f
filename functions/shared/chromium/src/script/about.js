// What the document says about itself: its title, its icon, its Open Graph properties, and
// the fonts that its elements ask for. Texts are cut where nobody reads on.
function () {
  const most = { text: 1000, type: 100, url: 2000, entries: 100, elements: 5000 };
  const cut = (text) => (text ?? "").toWellFormed().slice(0, most.text).toWellFormed();
  // Open Graph's names are properties (RDFa); some write them as names.
  const properties = document.querySelectorAll('meta[property^="og:" i], meta[name^="og:" i]');
  const openGraph = Array.from(properties).slice(0, most.entries).map((meta) => [
    cut((meta.getAttribute("property") ?? meta.name).slice("og:".length)),
    cut(meta.content),
  ]);
  // The largest; of drawings, which have any size, the last.
  const isIcon = (link) => link instanceof HTMLLinkElement && link.href !== "" && link.href.length <= most.url;
  const sizeOf = ({ sizes, type }) =>
    type === "image/svg+xml" || sizes.contains("any") ? Infinity : Math.max(0, ...[...sizes].slice(0, 20).map((size) => parseFloat(size) || 0));
  const links = [...document.querySelectorAll('link[rel~="icon" i][href]')].filter(isIcon);
  const link = links.reduce((best, each) => (best && sizeOf(best) > sizeOf(each) ? best : each), null);
  const usual = /^https?:$/.test(location.protocol) ? [new URL("/favicon.ico", location.href).href, null] : null;
  const icon = link ? [link.href, link.type.toWellFormed().slice(0, most.type) || null] : usual;
  // Only elements with words of their own ask for a font.
  const hasWords = (element) =>
    [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
  const stacks = new Map();
  for (const element of findAll("*", true).slice(0, most.elements)) {
    if (!hasWords(element) || !element.checkVisibility()) continue;
    const stack = getComputedStyle(element).fontFamily;
    stacks.set(stack, (stacks.get(stack) ?? new Set()).add(element.localName));
  }
  const families = (stack) =>
    (stack.match(/"(?:[^"\\]|\\.)*"|[^,]+/g) ?? []).slice(0, 20).map((family) => cut(family.trim().replace(/^"|"$/g, "")));
  const fonts = [...stacks].slice(0, most.entries).map(([stack, elements]) => {
    const [first, ...fallback] = families(stack).filter(Boolean);
    return { first: first ?? "", fallback, elements: [...elements].slice(0, 50).map(cut) };
  });
  return { title: cut(own.title), openGraph, icon, fonts };
}
