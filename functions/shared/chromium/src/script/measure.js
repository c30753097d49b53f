// The border box of the first element that matches, as left, top, width and height
// in the document's coordinates, null if there is none. Then it is scrolled into
// view if that is wanted.
function (selector, pierces, scroll) {
  const element = find(selector, pierces);
  if (!element) return null;
  const { left, top, width, height } = element.getBoundingClientRect();
  const box = [left + scrollX, top + scrollY, width, height];
  if (scroll) element.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  return box;
}
