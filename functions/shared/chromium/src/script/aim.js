// Brings the first element that matches into view; yields its middle, or null
// where none is there that has one.
function (selector, pierces) {
  const element = find(selector, pierces);
  element?.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
  const box = element?.getBoundingClientRect();
  return box?.width && box.height ? [box.x + box.width / 2, box.y + box.height / 2] : null;
}
