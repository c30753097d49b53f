// The words of an element that are seen, as they are laid out.
(element) => `${element.innerText ?? element.textContent}\n`
