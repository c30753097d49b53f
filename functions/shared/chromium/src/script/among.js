// What is written of the element, of the whole document where none is named. Null where the
// selector is none, else an array with the text, with null where nothing matches, or with
// what is in the way.
if (selector !== null) {
  try {
    document.createDocumentFragment().querySelector(selector);
  } catch {
    return null;
  }
}
// What was taken out of the layout for good isn't written either. The page ends with this.
const isGone = (rule) => rule.style?.display === "none";
const selectors = [...(globalThis.hiding?.cssRules ?? [])].filter(isGone).map((rule) => rule.selectorText);
const away = [...(globalThis.removed ?? []), ...selectors].flatMap((each) => findAll(each, true));
for (const it of [...(globalThis.lacking ?? []), ...away]) it.remove();
const element = selector === null ? document.documentElement : find(selector, pierces);
if (!element) return [null];
try {
  const text = write(element);
  return [text.length > MOST ? "tooLarge" : { text: text.toWellFormed() }];
} catch (fault) {
  return [{ broken: String(fault) }];
}
