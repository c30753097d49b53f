// How far down the page is scrolled when so many pixels stay above the first element that
// matches; nothing if none does.
function (selector, pierces, above) {
  const landmark = find(selector, pierces);
  return landmark && Math.max(0, landmark.getBoundingClientRect().top + scrollY - above);
}
