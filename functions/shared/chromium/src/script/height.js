// How tall the document is in CSS pixels, once the window is of this size, with no
// sheet of paper to end before its content does. Asked twice, in a taller window
// first: what is as tall as the window would be as tall as the sheet on paper, and
// so is kept as tall as it is in the second.
async function (width, height, is_first) {
  const frame = () => new Promise(requestAnimationFrame);
  for (let tries = 0; (innerWidth !== width || innerHeight !== height) && tries < 20; tries++) await frame();
  const tall = (element) => element.getBoundingClientRect().height;
  const all = [...(document.body?.querySelectorAll("*") ?? [])].map((element) => [element, tall(element)]);
  if (is_first) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      "@page { size: auto !important }" +
        "*, ::before, ::after { break-before: auto !important; break-after: auto !important }",
    );
    document.adoptedStyleSheets.push(sheet);
    globalThis.heights = new Map(all);
    return 0;
  }
  const isOfWindow = ([element, now]) => Math.abs((globalThis.heights?.get(element) ?? now) - now) > 0.5;
  for (const [element, now] of all.filter(isOfWindow)) {
    const keep = { "box-sizing": "border-box", "min-height": "0", "max-height": "none", height: `${now}px` };
    for (const [name, value] of Object.entries(keep)) element.style.setProperty(name, value, "important");
  }
  const root = document.scrollingElement ?? document.documentElement;
  return root.scrollHeight > root.clientHeight ? root.scrollHeight : Math.ceil(tall(document.documentElement));
}
