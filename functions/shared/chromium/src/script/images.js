// All images, those in open shadow trees too.
const allImages = () => findAll("img", true);
// Resolves once an image has come, or can't. Chromium decodes what it paints before
// it paints it.
const arrival = (image) =>
  image.complete ||
  new Promise((resolve) => {
    for (const end of ["load", "error"]) image.addEventListener(end, resolve, { once: true });
  });
// Whether it is in the window. One of which nothing has come may be as large as nothing.
const isInView = (image) => {
  const [box] = image.getClientRects();
  return box && box.bottom >= 0 && box.right >= 0 && box.top < innerHeight && box.left < innerWidth;
};
// Whether it begins above this row of the page.
const isAbove = (element, depth_px) => {
  const [box] = element.getClientRects();
  return box && box.top + scrollY < depth_px;
};
