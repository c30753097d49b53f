// What the document says of what it shows of `part`: of the window (null), of all of the page down
// to a row, or of a box in the document's coordinates.
function ({ depth, box, selector }) {
  const most = { nodes: 2500, words: 2000, letters: 5000, mainLetters: 2600, lines: 60, probes: isLarge ? 6 : 24 };
  const root = document.body ?? document.documentElement;
  const element = selector ? find(selector, true) : null;
  const whole = document.documentElement;
  const part = element
    ? boxOf(element)
    : box
      ? moved({ left: box[0], top: box[1], right: box[0] + box[2], bottom: box[1] + box[3] }, -scrollX, -scrollY)
      : depth !== null
        ? moved({ left: 0, top: 0, right: whole.scrollWidth, bottom: Math.min(depth, whole.scrollHeight) }, -scrollX, -scrollY)
        : page;

  const seen = { words: "", letters: 0, mainLetters: 0, sureLetters: 0, headings: [], largest: "" };
  const isCurtained = hasCurtain();
  const trees = [];
  const inWindow = [];
  let [lines, probes] = [most.lines, most.probes];
  let [size, large] = [0, null];
  const text = (node, isBeside) => {
    const words = tidy(node.data);
    const parent = words && node.parentElement;
    if (!parent || !isVisible(parent)) return false;
    const letters = weigh(words);
    const line = lines-- > 0 ? lineOf(node) : null;
    if (lines >= 0 && !isShown(line, parent, letters)) return false;
    seen.letters += letters;
    if (!isBeside) seen.mainLetters += letters;
    if (seen.words.length < most.words) seen.words += words + (styleOf(parent).display.startsWith("inline") ? " " : "\n");
    return seen.letters > most.letters || seen.mainLetters > most.mainLetters;
  };
  // Of the first ones, whether they are where they are drawn, and before what else is there.
  const isShown = (line, parent, letters) => {
    if (!line || areaOf(line) < 4) return false;
    const [x, y] = [(line.left + line.right) / 2, (line.top + line.bottom) / 2];
    const isInWindow = x >= 0 && y >= 0 && x < innerWidth && y < innerHeight;
    if (isInWindow) inWindow.push([parent, letters]);
    if (x < part.left || y < part.top || x > part.right || y > part.bottom) return false;
    if (!isInWindow || probes-- <= 0) return true;
    const how = showing(parent, x, y);
    if (how === "covered") return false;
    if (how === "bare" && !isCurtained && seen.sureLetters < 60 && isLegible(parent)) seen.sureLetters += letters;
    const fontSize = parseFloat(styleOf(parent).fontSize);
    if (fontSize > size) [size, large] = [fontSize, parent];
    return true;
  };
  const note = (it) => {
    if (it.shadowRoot) trees.push(it.shadowRoot);
    if (!/^h[1-3]$/.test(it.localName) || seen.headings.length > 5 || !isVisible(it)) return;
    const { left, right } = it.getBoundingClientRect();
    const words = cut(tidy(it.textContent), 200);
    if (words && right - left > 4) seen.headings.push(words);
  };
  const isWhole = visit(root, most.nodes, { text, element: note });
  if (large) seen.largest = cut(tidy(large.textContent), 200);
  seen.words = cut(seen.words, most.words);

  const images = imagesIn(part, trees);
  const behind = (float) => {
    const letters = inWindow.reduce((sum, [parent, some]) => (holds(float, parent) ? sum : sum + some), 0);
    const isPast = (it) => areaOf(common(it.getBoundingClientRect(), page)) > 10_000 && !holds(float, it);
    return letters || ([...document.images].slice(0, 40).some(isPast) ? 1 : 0);
  };
  const isShort = seen.letters < 2500;
  const shown = "img, svg, canvas, video, iframe, frame, object, embed, input, button, textarea, select, hr, progress, meter";
  return {
    ...seen,
    title: cut(document.title, 300),
    isWhole,
    links: Math.min(document.links.length, 1000),
    fields: isShort ? [...document.querySelectorAll("input:not([type=hidden], [type=submit], [type=button], [type=checkbox], [type=radio]), textarea, select")].slice(0, 20).filter(isVisible).length : 0,
    hasThings: isShort && [...document.querySelectorAll(shown)].slice(0, 200).some(isVisible),
    images,
    fonts: fontsOf(),
    styles: stylesOf(),
    marks: isShort ? marksOf() : [],
    layers: layersOver(behind),
    waits: isWhole && seen.mainLetters < 200 ? waitsIn(root) : [],
  };
}
