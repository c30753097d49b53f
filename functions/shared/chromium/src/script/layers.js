// What floats over a page: what is on top at points of the window, and what of it is out of
// the page's flow.
const columns = isLarge ? [0.05, 0.5, 0.95] : [0.05, 0.28, 0.5, 0.72, 0.95];
const rows = isLarge ? [0.05, 0.5, 0.96] : [0.05, 0.3, 0.5, 0.7, 0.87, 0.96];
const interactive = "button, a, input, textarea, select, [role=button]";
const isAnswer = (element) =>
  element.matches(
    "button, [role=button], input[type=button], input[type=submit], a:not([href]), a[href^='#'], a[href^='javascript:'], a[class*=btn i], a[class*=button i]",
  );
const isModal = (element) =>
  element.matches(":modal, [aria-modal=true]") ||
  element.querySelector(":scope [aria-modal=true], dialog:modal") !== null;
const isDialog = (element) => {
  const selector = "dialog[open], [role=dialog], [role=alertdialog]";
  return element.matches(selector) || element.querySelector(`:scope :is(${selector})`) !== null;
};

const kinds = new Map();
const kindOf = (element) => {
  if (!kinds.has(element)) {
    const { position, zIndex } = styleOf(element);
    const isTop = element.matches(":modal, :popover-open");
    const isAbove = position === "absolute" && (zIndex >= 10 || element.matches("[role=dialog], [aria-modal=true]"));
    kinds.set(
      element,
      isTop ? "top" : position === "fixed" || position === "sticky" ? position : isAbove ? "absolute" : null,
    );
  }
  return kinds.get(element);
};
const floatsAround = (element) => {
  const floats = [];
  for (let it = element; it; it = parentOf(it)) if (kindOf(it)) floats.push(it);
  return floats;
};
// Whether what is behind shows through it, or through what else lies over the whole window.
const isDimming = (element) => {
  const { backgroundColor, backdropFilter } = styleOf(element);
  const opacity = shadeOf(backgroundColor)?.opacity;
  const isSheer = (opacity > 0.05 && opacity < 0.97) || (backdropFilter && backdropFilter !== "none");
  return isSheer && areaOf(common(boxOf(element), page)) > 0.8 * areaOf(page);
};
const namesOf = (element) => {
  const frame = element.matches("iframe") ? element : element.querySelector("iframe");
  const names = ["id", "class", "aria-label"].map((name) => element.getAttribute(name));
  if (frame) names.push("iframe", ...["id", "class", "title", "src"].map((name) => frame.getAttribute(name)));
  return cut(
    names
      .filter(Boolean)
      .map((name) => name.slice(0, 120))
      .join(" "),
    400,
  );
};

// What is in it that is seen, as far as that matters.
const contentOf = (root) => {
  const content = { words: "", weight: 0, answers: [], links: 0, fields: 0, hasNavigation: false };
  let lines = 30;
  const label = (element) =>
    cut(tidy(String(element.value || "") || element.textContent || element.getAttribute("aria-label") || ""), 60);
  const text = (node) => {
    const words = tidy(node.data);
    const element = words && node.parentElement;
    if (!element || !isVisible(element) || (lines-- > 0 && !lineOf(node))) return false;
    content.weight += weigh(words);
    if (content.words.length < 400) content.words += `${words} `;
    return content.weight > 3000;
  };
  const element = (it) => {
    if (it.localName === "nav") content.hasNavigation = true;
    if (!it.matches(interactive) || !isVisible(it)) return;
    const isField = it.matches("textarea, select, input:not([type=hidden], [type=button], [type=submit])");
    if (isField) content.fields += 1;
    else if (!isAnswer(it)) content.links += 1;
    if (isAnswer(it) && content.answers.length < 24) content.answers.push(label(it));
  };
  if (framed(root)) visit(framed(root), 250, { text, element });
  visit(root.shadowRoot ?? root, 250, { text, element });
  if (root.shadowRoot) visit(root, 250, { text, element });
  return content;
};

// The layers over what is drawn, of which `behind` tells how much of the page lies behind one.
const layersOver = (behind, isInPart) => {
  const layers = new Map();
  const dims = new Set();
  for (const row of rows) {
    for (const column of columns) {
      const top = topAt(innerWidth * column, innerHeight * row);
      for (const float of top ? floatsAround(top) : []) {
        if (isDimming(float)) dims.add(float);
        layers.set(float, (layers.get(float) ?? 0) + 1);
      }
    }
  }
  const points = columns.length * rows.length;
  const found = [...layers]
    .filter(([float]) => isInPart(float))
    .map(([float, met]) => ({ float, met, back: behind(float) }))
    .filter(({ back }) => back > 0);
  return found.slice(0, 8).map(({ float, met, back }) => {
    const { left, top, right, bottom } = common(boxOf(float), page);
    const { weight, hasNavigation, words, ...content } = contentOf(float);
    return {
      ...content,
      words: cut(words, 500),
      letters: weight,
      kind: kindOf(float),
      share: met / points,
      box: [left / innerWidth, top / innerHeight, right / innerWidth, bottom / innerHeight],
      isModal: isModal(float),
      isDialog: isDialog(float),
      dims: dims.size > 0,
      isNavigation:
        hasNavigation ||
        float.localName === "nav" ||
        float.localName === "header" ||
        float.closest("nav, header") !== null,
      behind: back,
      names: namesOf(float),
    };
  });
};
