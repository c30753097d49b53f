// What is laid out, and what of it is seen.
const styles = new Map();
const styleOf = (element) => {
  if (!styles.has(element)) styles.set(element, getComputedStyle(element));
  return styles.get(element);
};
// The first elements of a name: found faster than by a selector, if there are very many others.
const named = (name) => {
  const all = document.getElementsByTagName(name);
  return Array.from({ length: Math.min(all.length, 100) }, (_, place) => all[place]);
};
const cut = (text, most) => (text ?? "").toWellFormed().slice(0, most).toWellFormed();
// Nobody reads on for long.
const tidy = (text) => text.slice(0, 6000).replace(/\s+/g, " ").trim();
// Chinese, Japanese and Korean say in one sign what takes two letters.
const weigh = (text) =>
  text.replace(/\s+/g, "").length + (text.match(/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/g)?.length ?? 0);
// Whether one element is in another, in whichever shadow tree.
const holds = (outer, inner) => {
  for (let it = inner; it; it = hostOf(it)) if (outer.contains(it)) return true;
  return false;
};
const visibility = { opacityProperty: true, visibilityProperty: true };
const isVisible = (element) =>
  element.checkVisibility(visibility) ||
  (styleOf(element).display === "contents" && parentOf(element) !== null && isVisible(parentOf(element)));
// An element without a box of its own may have content with boxes. That costs: of many
// without boxes, most are hidden.
const unlaid = new Set(["script", "style", "link", "meta", "template", "title", "head", "base"]);
let unboxed = 60;
const isLaidOut = (element) =>
  !unlaid.has(element.localName) &&
  (element.checkVisibility() || (unboxed-- > 0 && styleOf(element).display === "contents"));
const isAside = (element) =>
  /^(nav|header|footer|aside)$/.test(element.localName) ||
  /^(navigation|banner|contentinfo|complementary)$/.test(element.getAttribute("role"));

// The document of a frame, if it may be read.
const framed = (element) => (/^i?frame$/.test(element.localName) ? (element.contentDocument?.body ?? null) : null);

// Visits texts and elements below `root` that are laid out, in shadow trees and frames too,
// until there were so many of them, or one is `enough`. Tells whether these were all.
const visit = (root, most, see) => {
  let left = most;
  const below = (node, depth, beside) => {
    for (let child = node?.firstChild; child && left > 0; child = child.nextSibling) {
      left -= 1;
      if (child.nodeType === Node.TEXT_NODE) {
        if (see.text?.(child, beside)) left = 0;
      } else if (child.nodeType === Node.ELEMENT_NODE && depth < 200 && isLaidOut(child)) {
        if (see.element?.(child)) left = 0;
        const isBeside = beside || isAside(child);
        for (const inner of [child.shadowRoot, framed(child), child]) below(inner, depth + 1, isBeside);
      }
    }
  };
  below(root, 0, false);
  return left > 0;
};

// Boxes are those of the window, as the main document has it.
const moved = (box, x, y) => ({ left: box.left + x, top: box.top + y, right: box.right + x, bottom: box.bottom + y });
const inMain = (box, { ownerDocument }) => {
  const frame = ownerDocument === document ? null : ownerDocument.defaultView?.frameElement;
  if (!frame) return moved(box, 0, 0);
  const { left, top } = frame.getBoundingClientRect();
  return inMain(moved(box, left, top), frame);
};
const boxOf = (element) => inMain(element.getBoundingClientRect(), element);
const range = document.createRange();
const lineOf = (text) => {
  const start = Math.max(0, text.data.search(/\S/));
  range.setStart(text, start);
  range.setEnd(text, Math.min(text.length, start + 200));
  const [box] = range.getClientRects();
  return box ? inMain(box, text) : null;
};
const common = (one, other) => ({
  left: Math.max(one.left, other.left),
  top: Math.max(one.top, other.top),
  right: Math.min(one.right, other.right),
  bottom: Math.min(one.bottom, other.bottom),
});
const areaOf = ({ left, top, right, bottom }) => Math.max(0, right - left) * Math.max(0, bottom - top);
const page = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };

// To find what is at a point takes the longer the more elements there are.
const isLarge = document.getElementsByTagName("*").length > 3000;
// What lies on top at a point of the window, in open shadow trees too.
const topAt = (x, y) => {
  let top = document.elementFromPoint(x, y);
  while (top?.shadowRoot) {
    const inner = top.shadowRoot.elementFromPoint(x, y);
    if (!inner || inner === top) break;
    top = inner;
  }
  return top;
};

// How light a colour is and how opaque, from 0 to 1; null if it is written as we can't read it.
const shadeOf = (color) => {
  const [, kind, rest] = color.match(/^(rgba?|oklch|oklab|lch|lab|color)\((.*)\)$/) ?? [];
  const [a, b, c, opacity = 1] = rest?.match(/-?[\d.]+(e-?\d+)?/g)?.map(Number) ?? [];
  if (a === undefined || (kind === "color" && !rest.startsWith("srgb "))) return null;
  const luma = (scale) => (0.3 * a + 0.59 * b + 0.11 * c) / scale;
  const light = kind.startsWith("ok") ? a : kind.startsWith("l") ? a / 100 : luma(kind === "color" ? 1 : 255);
  return { light, opacity };
};
const isOpaque = (element) =>
  /^(img|video|canvas|iframe|object|embed)$/.test(element.localName) ||
  (shadeOf(styleOf(element).backgroundColor)?.opacity > 0.95 &&
    element.checkVisibility(visibility) &&
    styleOf(element).opacity > 0.95);
const paints = (element) =>
  isVisible(element) &&
  (isOpaque(element) || styleOf(element).backgroundImage !== "none" || element.localName === "svg");
// Whether its words stand out from what is surely behind them.
const isLegible = (element) => {
  const ink = shadeOf(styleOf(element).webkitTextFillColor);
  if (!(ink?.opacity > 0.5)) return false;
  for (let it = element; it; it = parentOf(it)) {
    const { backgroundColor, backgroundImage } = styleOf(it);
    const ground = shadeOf(backgroundColor);
    if (!ground || backgroundImage !== "none") return false;
    if (ground.opacity > 0.95) return Math.abs(ground.light - ink.light) > 0.15;
    if (ground.opacity > 0) return false;
  }
  return ink.light < 0.85;
};
// Whether a box around an element, up to another, cuts off what is at a point of it.
const isCutOff = (element, end, x, y) => {
  for (let it = element; it && it !== end; it = parentOf(it)) {
    if (!/hidden|clip|scroll|auto/.test(styleOf(it).overflow)) continue;
    const { left, top, right, bottom } = boxOf(it);
    if (x < left || y < top || x > right || y > bottom) return true;
  }
  return false;
};
// How what is at a point of an element shows: it is on top, or something is that may be seen through, or not.
const showing = (element, x, y) => {
  const top = topAt(x, y);
  if (top && holds(element, top)) return "bare";
  if (!top || holds(top, element)) return isCutOff(element, top, x, y) ? "covered" : "veiled";
  for (let it = top; it && !holds(it, element); it = parentOf(it)) if (isOpaque(it)) return "covered";
  return "veiled";
};
// What lies over the whole window without being met there, as curtains do that let clicks through.
const hasCurtain = () => {
  const children = [];
  let [first, last] = [own.body?.firstElementChild, own.body?.lastElementChild];
  for (let count = 0; count < 20 && first; count++, first = first.nextElementSibling) children.push(first);
  for (let count = 0; count < 20 && last; count++, last = last.previousElementSibling) children.push(last);
  const isCurtain = (element) =>
    areaOf(common(boxOf(element), page)) > 0.9 * areaOf(page) &&
    /^(fixed|absolute)$/.test(styleOf(element).position) &&
    styleOf(element).pointerEvents === "none" &&
    !(parseInt(styleOf(element).zIndex, 10) < 0) &&
    isOpaque(element);
  return children.some(isCurtain);
};
