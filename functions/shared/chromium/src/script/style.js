// Adds CSS after all that the document has, in a sheet that its
// Content-Security-Policy doesn't judge; one that imports others must be an
// element (CSSOM §6.1), which is judged.
function (css) {
  if (/@import\b/i.test(css)) {
    const style = document.createElement("style");
    style.textContent = css;
    (document.head ?? document.documentElement).append(style);
    return;
  }
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets.push(sheet);
}
