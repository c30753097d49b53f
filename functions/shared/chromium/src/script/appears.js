// Resolves with true once an element matches `selector`, with false at once if
// that is no selector.
function (selector) {
  const there = () => document.querySelector(selector) !== null;
  try {
    if (there()) return true;
  } catch {
    return false;
  }
  return new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!there()) return;
      observer.disconnect();
      resolve(true);
    });
    observer.observe(document, { subtree: true, childList: true, attributes: true });
  });
}
