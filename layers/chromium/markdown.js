// After Turndown and its plugin, whose `gfm` is an export: what is seen of an element, as GitHub's Markdown.
const markdownOf = (() => {
  const service = new TurndownService({ headingStyle: "atx", codeBlockStyle: "fenced", bulletListMarker: "-", emDelimiter: "*" });
  service.use(gfm);
  service.remove(["head", "script", "style", "noscript", "template", "iframe", "object", "canvas", "svg", "dialog"]);
  return (element) => service.turndown(element);
})();
