// Hides what `css` says, by one sheet that takes the place of the last one, and elements
// that lack what lies at these addresses: some go, others keep their place.
function (css, gone, unseen) {
  globalThis.hiding ??= new CSSStyleSheet();
  hiding.replaceSync(css);
  if (!document.adoptedStyleSheets.includes(hiding)) document.adoptedStyleSheets.push(hiding);
  for (const element of findAll("img, iframe, frame, embed, object, input[type=image]", true)) {
    const address = (element.currentSrc || element.src || element.data || "").replace(/#.*/, "");
    if (gone.includes(address)) element.style.setProperty("display", "none", "important");
    else if (unseen.includes(address)) element.style.setProperty("visibility", "hidden", "important");
  }
}
