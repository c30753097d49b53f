// What is written of the element, of the whole document where none is named. Null where
// the selector is none, else an array with the text, or with null where nothing matches.
if (selector === null) return [write(document.documentElement)];
try {
  document.createDocumentFragment().querySelector(selector);
} catch {
  return null;
}
const element = find(selector, pierces);
return [element && write(element)];
