// What a page asked for and hasn't got, or not yet.
const url = (address) => cut(address, 2000);
// A script may have put a point for what comes later.
const isPicture = (image) => image.naturalWidth >= 16 && !image.currentSrc.startsWith("data:");

// Images of style sheets that the host didn't have, behind something that is drawn.
const backgroundsMissing = (part) => {
  const isLacking = ({ initiatorType, responseStatus, name }) =>
    initiatorType === "css" && responseStatus >= 400 && !/\.(css|woff2?|ttf|otf|eot)\b/i.test(name);
  const lacking = performance
    .getEntriesByType("resource")
    .filter(isLacking)
    .slice(0, 20)
    .map(({ name }) => name);
  const found = new Set();
  const element = (it) => {
    const { backgroundImage } = styleOf(it);
    const address = backgroundImage.includes("url(") && lacking.find((each) => backgroundImage.includes(`"${each}"`));
    if (!address || !isVisible(it)) return false;
    const box = boxOf(it);
    if (box.right - box.left >= 8 && box.bottom - box.top >= 8 && areaOf(common(box, part)) > 0) found.add(address);
    return found.size === lacking.length;
  };
  if (lacking.length > 0) visit(own.documentElement, 1500, { element });
  return found;
};

// Images that are drawn, of those in the document and in these trees.
const imagesIn = (part, trees) => {
  const told = { wanted: 0, missing: [], pending: [], painted: 0 };
  const images = [...own.images, ...trees.flatMap((tree) => [...tree.querySelectorAll("img")])];
  for (const image of images.slice(0, 2000)) {
    const address = image.currentSrc || image.src;
    const box = image.getBoundingClientRect();
    const area = areaOf(common(box, part));
    if (!address || area === 0 || box.width < 8 || box.height < 8 || !isVisible(image)) continue;
    const [x, y] = [
      (Math.max(0, box.left) + Math.min(innerWidth, box.right)) / 2,
      (Math.max(0, box.top) + Math.min(innerHeight, box.bottom)) / 2,
    ];
    const isInWindow = areaOf(common(box, page)) > 0;
    if (image.complete && image.naturalWidth > 0) {
      told.wanted += 1;
      if (
        isPicture(image) &&
        area > 10_000 &&
        isInWindow &&
        told.painted < areaOf(part) / 4 &&
        showing(image, x, y) === "bare"
      )
        told.painted += area;
      continue;
    }
    // What is cut off by a box around it isn't seen.
    const isMet =
      !isInWindow ||
      styleOf(image).pointerEvents === "none" ||
      document.elementsFromPoint(x, y).some((it) => (holds(it, image) && holds(image, it)) || it.shadowRoot);
    const isLate = image.loading === "lazy" && !isInWindow;
    if (!isMet || (!image.complete && isLate)) continue;
    told.wanted += 1;
    (image.complete ? told.missing : told.pending).push(url(address));
  }
  for (const address of backgroundsMissing(part)) {
    told.wanted += 1;
    told.missing.push(url(address));
  }
  told.painted /= Math.max(1, areaOf(part));
  return told;
};

const rulesOf = (sheet) => {
  try {
    return sheet.cssRules;
  } catch {
    return null;
  }
};
const unquoted = (text) => text.replace(/^["']|["']$/g, "");
// Where a style sheet says that the faces of this family are; null if none says that which may be
// read, as none does of a script's own.
const sourcesOf = (family) => {
  const within = (rule) => rule.styleSheet?.cssRules ?? (rule.selectorText ? [] : (rule.cssRules ?? []));
  const rules = [...own.styleSheets].flatMap((sheet) => Array.from(rulesOf(sheet) ?? []).slice(0, 5000));
  const isOfFamily = (rule) =>
    rule instanceof CSSFontFaceRule && unquoted(rule.style.getPropertyValue("font-family")) === unquoted(family);
  const faces = rules.flatMap((rule) => [rule, ...within(rule)]).filter(isOfFamily);
  if (faces.length === 0) return null;
  const absolute = (address, rule) =>
    URL.parse(address, rule.parentStyleSheet?.href ?? document.baseURI)?.href ?? address;
  const sourcesIn = (rule) =>
    [...rule.style.getPropertyValue("src").matchAll(/url\(["']?([^"')]+)["']?\)/g)].map(([, address]) =>
      url(absolute(address, rule)),
    );
  return faces.flatMap(sourcesIn).slice(0, 20);
};
const fontsOf = () => {
  const told = { missing: [], pending: [] };
  const faces = [...own.fonts].slice(0, 2000);
  const key = ({ family, weight, style, stretch, unicodeRange }) =>
    [family, weight, style, stretch, unicodeRange].join();
  const loaded = new Set(faces.filter((face) => face.status === "loaded").map(key));
  const declared = new Set();
  for (const face of faces) {
    const { family, status } = face;
    if (declared.has(family) || loaded.has(key(face)) || (status !== "error" && status !== "loading")) continue;
    if (declared.size === 20) break;
    declared.add(family);
    const name = cut(unquoted(family), 100);
    (status === "error" ? told.missing : told.pending).push({ name, sources: sourcesOf(family) });
  }
  return told;
};

// Style sheets, and whether the page is hardly styled by those that are there. A sheet that
// failed has no rules; another host's can't be read in any case, nor how it came.
const stylesOf = () => {
  const told = { missing: [], pending: [], isPlain: false };
  const links = named("link").filter((link) => link.href && link.matches("[rel~=stylesheet i]"));
  if (links.length === 0 || !own.body) return told;
  const { margin, fontFamily } = styleOf(own.body);
  const isBare = margin === "8px" && /^"?times/i.test(fontFamily);
  const isWanted = (link) =>
    !link.disabled &&
    !link.matches("[rel~=alternate i]") &&
    (!link.media || matchMedia(link.media).matches) &&
    /^https?:/.test(link.href);
  for (const { sheet, href } of links.filter(isWanted)) {
    const rules = sheet && rulesOf(sheet);
    if (rules?.length > 0) continue;
    const [entry] = performance.getEntriesByName(href, "resource");
    const isFailed = entry?.responseStatus >= 400 || (rules && entry?.contentType && entry.contentType !== "text/css");
    if (isFailed || (!rules && entry && isBare)) told.missing.push(url(href));
    else if (!sheet && !entry) told.pending.push(url(href));
  }
  const sheets = [...own.styleSheets, ...own.adoptedStyleSheets].filter(
    (sheet) => sheet !== globalThis.hiding,
  );
  const count = sheets.reduce((sum, sheet) => sum + (rulesOf(sheet)?.length ?? 1000), 0);
  told.isPlain = isBare || count < 10;
  return told;
};

// Signs that a page waits for itself, in the window.
const waitsIn = (root) => {
  const told = [];
  const names =
    /(^|[-_\s])(pre|page|app|content|ajax)?-?(spinner|spin|loader|loading|skeleton|shimmer|throbber|placeholder-glow)([-_\s]|$|\d)/i;
  const element = (it) => {
    const name = ["class", "id"]
      .map((each) => it.getAttribute(each) ?? "")
      .join(" ")
      .trim();
    const isTold =
      it.ariaBusy === "true" ||
      it.role === "progressbar" ||
      (it.localName === "progress" && !it.hasAttribute("value")) ||
      names.test(name) ||
      /(Spinner|Loader|Loading|Skeleton|Shimmer)/.test(name);
    if (!isTold || /loaded|lazyload|-(free|less|done|off|end|hidden|complete)\b/i.test(name) || !isVisible(it)) return false;
    const box = common(boxOf(it), page);
    if (areaOf(box) < 100 || weigh((it.textContent ?? "").slice(0, 500)) > 60) return false;
    told.push(
      cut(
        it.localName === "progress" || it.role === "progressbar"
          ? "progressbar"
          : it.ariaBusy === "true"
            ? "aria-busy"
            : name,
        60,
      ),
    );
    return told.length > 8;
  };
  visit(root, 800, { element });
  return told;
};
