// Hides what these rules say, by one sheet that takes the place of the last one, and elements
// that lack what lies at these addresses: some go, others keep their place.
function (rules, gone, unseen) {
  globalThis.hiding ??= new CSSStyleSheet();
  globalThis.lacking ??= new Set();
  hiding.replaceSync("");
  for (const rule of rules) {
    try {
      hiding.insertRule(rule);
    } catch {
      // It is for another browser.
    }
  }
  if (!document.adoptedStyleSheets.includes(hiding)) document.adoptedStyleSheets.push(hiding);
  const addresses = { gone: new Set(gone), unseen: new Set(unseen) };
  for (const element of findAll("img, iframe, frame, embed, object, video, audio, input[type=image]", true)) {
    const address = (element.currentSrc || element.src || element.data || "").replace(/#.*/, "");
    if (addresses.gone.has(address)) {
      element.style.setProperty("display", "none", "important");
      lacking.add(element);
    } else if (addresses.unseen.has(address)) {
      element.style.setProperty("visibility", "hidden", "important");
    }
  }
}
