// Moves the window so that the page's row `top` is in it, and waits for the images
// there, `rest_ms` at most. Bars that stick to the window stand once: those of
// `position: sticky` where the layout has them, those of `fixed` in the first window.
async function (top, rest_ms) {
  const frame = () => new Promise(requestAnimationFrame);
  const unstick = (root) => {
    for (const element of root.querySelectorAll("*")) {
      const { position } = getComputedStyle(element);
      if (position === "sticky") {
        element.style.setProperty("position", "relative", "important");
        element.style.setProperty("inset", "auto", "important");
      } else if (position === "fixed" && top > 0) {
        element.style.setProperty("visibility", "hidden", "important");
      }
      if (element.shadowRoot) unstick(element.shadowRoot);
    }
  };
  (document.scrollingElement ?? document.documentElement).scrollTo({ top, behavior: "instant" });
  await frame();
  await frame();
  unstick(document);
  const isInView = (image) => {
    const { width, bottom, top } = image.getBoundingClientRect();
    return width > 0 && bottom > 0 && top < innerHeight;
  };
  const images = [...document.images].filter(isInView).map((image) => image.decode().catch(() => {}));
  await Promise.race([Promise.all(images), new Promise((resolve) => setTimeout(resolve, rest_ms))]);
  await frame();
  await frame();
}
