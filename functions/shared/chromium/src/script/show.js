// Moves the window so that the page's row `top` is in it, and waits for the images
// there, `rest_ms` at most. With `once`, bars that stick to the window stand once:
// where they are in the first window.
async function (top, rest_ms, once) {
  const frame = () => new Promise(requestAnimationFrame);
  const declare = (element, declarations) => {
    for (const [name, value] of Object.entries(declarations)) element.style.setProperty(name, value, "important");
  };
  // Out of the layout's own place as far as it was stuck.
  const fix = (element) => {
    const stuck = element.getBoundingClientRect();
    declare(element, { position: "relative", inset: "auto" });
    const { left, top: own } = element.getBoundingClientRect();
    if (top === 0) declare(element, { left: `${stuck.left - left}px`, top: `${stuck.top - own}px` });
  };
  const unstick = (root) => {
    for (const element of root.querySelectorAll("*")) {
      const { position } = getComputedStyle(element);
      if (position === "sticky") fix(element);
      else if (position === "fixed" && top > 0) declare(element, { visibility: "hidden" });
      if (element.shadowRoot) unstick(element.shadowRoot);
    }
  };
  (document.scrollingElement ?? document.documentElement).scrollTo({ top, behavior: "instant" });
  await frame();
  await frame();
  if (once) unstick(document);
  // One of which nothing has come may be as large as nothing.
  const isInView = (image) => {
    const [box] = image.getClientRects();
    return box && box.bottom >= 0 && box.top < innerHeight;
  };
  const images = [...document.images].filter(isInView).map((image) => image.decode().catch(() => {}));
  await Promise.race([Promise.all(images), new Promise((resolve) => setTimeout(resolve, rest_ms))]);
  await frame();
  await frame();
}
