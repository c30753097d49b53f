// What the document says of what it shows of `part`: of the window (null), of all of the page down
// to a row, or of a box in the document's coordinates.
function ({ depth, box, selector }) {
  const most = { nodes: 2500, words: 2000, letters: 5000, mainLetters: 2600, lines: 60, probes: isLarge ? 4 : 14 };
  const root = own.body ?? own.documentElement;
  const element = selector ? find(selector, true) : null;
  const whole = own.documentElement;
  const part = element
    ? boxOf(element)
    : box
      ? moved({ left: box[0], top: box[1], right: box[0] + box[2], bottom: box[1] + box[3] }, -scrollX, -scrollY)
      : depth !== null
        ? moved(
            { left: 0, top: 0, right: whole.scrollWidth, bottom: Math.min(depth, whole.scrollHeight) },
            -scrollX,
            -scrollY,
          )
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
    noteHeading(parent.closest("h1, h2, h3"));
    seen.letters += letters;
    if (!isBeside) seen.mainLetters += letters;
    if (seen.words.length < most.words)
      seen.words += words + (styleOf(parent).display.startsWith("inline") ? " " : "\n");
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
    if (how === "bare" && !isCurtained && seen.sureLetters < 40 && isLegible(parent)) seen.sureLetters += letters;
    const fontSize = parseFloat(styleOf(parent).fontSize);
    if (fontSize > size) [size, large] = [fontSize, parent];
    return true;
  };
  let last = null;
  const noteHeading = (heading) => {
    if (!heading || heading === last || seen.headings.length > 5) return;
    last = heading;
    seen.headings.push(cut(tidy(heading.textContent), 200));
  };
  const note = (it) => {
    if (it.shadowRoot) trees.push(it.shadowRoot);
  };
  const isWhole = visit(root, most.nodes, { text, element: note });
  if (large) seen.largest = cut(tidy(large.textContent), 200);
  seen.words = cut(seen.words, most.words);

  const images = imagesIn(part, trees);
  const behind = (float) => {
    const letters = inWindow.reduce((sum, [parent, some]) => (holds(float, parent) ? sum : sum + some), 0);
    if (letters > 0) return letters;
    // Without words, something else is there: pictures, boxes with colours.
    const isPast = (it) => it !== whole && it !== root && !holds(float, it) && !holds(it, float);
    const points = [0.15, 0.4, 0.6, 0.85].map((share) => [innerWidth * share, innerHeight * share]);
    return points.some(([x, y]) => document.elementsFromPoint(x, y).some((it) => isPast(it) && paints(it))) ? 1 : 0;
  };
  // Of a part of the window, what lies over that, and isn't what holds it.
  const isInPart = (float) =>
    (!element && !box) ||
    (!(element && holds(float, element)) && areaOf(common(boxOf(float), part)) > 0.03 * areaOf(part));
  const isShort = seen.letters < 2500;
  const isField = (it) => !/^(hidden|submit|button|image|reset|checkbox|radio)$/.test(it.type) && isVisible(it);
  const things = "img svg canvas video iframe frame object embed input button textarea select hr progress meter".split(
    " ",
  );
  return {
    ...seen,
    title: cut(own.title, 300),
    isWhole,
    links: Math.min(own.links.length, 1000),
    fields: isShort ? ["input", "textarea", "select"].flatMap(named).filter(isField).length : 0,
    hasThings: seen.letters > 0 || things.some((name) => named(name).some(isVisible)),
    images,
    fonts: fontsOf(),
    styles: stylesOf(),
    marks: isShort ? marksOf() : [],
    layers: layersOver(behind, isInPart),
    waits: isWhole && seen.mainLetters < 200 ? waitsIn(root) : [],
  };
}
