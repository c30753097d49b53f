// Resolves once an element matches `selector`.
function (selector, pierces) {
  const there = () => find(selector, pierces) !== null;
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
    // Nobody is told of what changes in shadow trees that there may be one day.
    const timer = pierces ? setInterval(check, 50) : 0;
  });
}
