// Scrolls to the first element that matches, so that so many pixels stay above it.
function (selector, pierces, above) {
  find(selector, pierces)?.scrollIntoView({ block: "start", behavior: "instant" });
  if (find(selector, pierces)) scrollBy({ top: -above, behavior: "instant" });
}
