// Moves the window so that the page's row `top` is in it, and waits for the images
// there, `rest_ms` at most. Bars that stick to the window stand `once`, where they are
// in the first window, or as they are.
async function ({ top, rest_ms, bars }) {
  const frame = () => new Promise(requestAnimationFrame);
  // By frames: where the page's scripts are stopped, timers are too.
  const rest = async () => {
    for (const end = performance.now() + rest_ms; performance.now() < end; ) await frame();
  };
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
  if (bars === "once") unstick(document);
  const images = allImages().filter(isInView).map(arrival);
  await Promise.race([Promise.all(images), rest()]);
  await frame();
  await frame();
}
