/**
 * A click on a link of the page changes the state rather than loading the page again; other buttons and keys of the
 * mouse do what they always do.
 * @module
 */

import { get, parse, set } from "./state.js";

/** The page's own links are `/` and fragments of it. @param {string} href */
function own(href) {
  return href === "/" || href.startsWith("#");
}

document.addEventListener("click", (event) => {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = /** @type {Element} */ (event.target).closest("a[href]");
  const href = link?.getAttribute("href");
  if (!href || !own(href)) return;
  event.preventDefault();
  const next = parse(href === "/" ? "" : href);
  if (get() !== next) set(next, { push: true });
});
