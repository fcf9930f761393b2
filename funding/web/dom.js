/**
 * The few things that every module does to the document.
 * @module
 */

/** Whether the page is a phone's. */
export const narrow = matchMedia("(max-width: 720px)");

/**
 * An element by its id. The page's own ids are fixed, so a missing one is a defect and said at once.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`There is no element #${id}`);
  return found;
}

/**
 * Makes an element. A property that is a function is a listener ("click"), `text` is its text, the others are
 * attributes; null, undefined and false leave one out, true is an attribute without a value.
 * @param {string} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node|string)} children
 * @returns {HTMLElement}
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (typeof value === "function") element.addEventListener(name, /** @type {EventListener} */ (value));
    else if (name === "text") element.textContent = String(value);
    else if (value !== null && value !== undefined && value !== false)
      element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

/**
 * Sets text only where it differs: an unchanged node is not touched, so nothing is read out or repainted twice.
 * @param {Node} node
 * @param {string} text
 */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Sets or removes an attribute only where it differs.
 * @param {Element} element
 * @param {string} name
 * @param {string|null} value
 */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) === value) return;
  if (value === null) element.removeAttribute(name);
  else element.setAttribute(name, value);
}

/**
 * Copies text and says so on the button for a moment.
 * @param {HTMLElement} button
 * @param {string} text
 */
export async function copyFrom(button, text) {
  const words = button.dataset.words ?? (button.dataset.words = button.textContent ?? "");
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select it and copy"; // no clipboard without HTTPS or permission
  }
  setTimeout(() => (button.textContent = words), 1600);
}
