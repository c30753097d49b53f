// Resolves once at least so many elements match `selector`.
function (selector, pierces, least) {
  const there = () => findAll(selector, pierces).length >= least;
  if (there()) return;
  return new Promise((resolve) => {
    const check = () => {
      if (!there()) return;
      observer.disconnect();
      clearInterval(timer);
      resolve();
    };
    const observer = new MutationObserver(check);
    observer.observe(document, { subtree: true, childList: true, attributes: true });
    // Nobody is told of what changes in shadow trees that there may be one day,
    // nor of what changes without the document: `:checked`, `:focus`.
    const timer = setInterval(check, 50);
  });
}
