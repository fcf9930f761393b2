/**
 * The keyboard. Letters mean something only where nobody is typing and no dialog is open.
 * @module
 */

import { byId } from "./dom.js";
import { get, set, address, parse } from "./state.js";
import { unitAfter } from "./units.js";
import { VIEWS } from "./views/index.js";

/**
 * @param {{move: (by: number) => void, open: () => void, star: () => void}} on
 */
export function listenToKeys(on) {
  const search = /** @type {HTMLInputElement} */ (byId("search"));
  const scroller = byId("scroller");

  /** @type {Record<string, () => void>} */
  const letters = {
    j: () => step(1),
    k: () => step(-1),
    u: () => set({ unit: unitAfter(get().unit) }),
    f: on.star,
    "/": () => search.select(),
    "?": () => /** @type {HTMLDialogElement} */ (byId("help-sheet")).showModal(),
  };
  for (const [index, view] of VIEWS.entries())
    letters[String(index + 1)] = () => set(parse(address({ ...get(), view: view.id, sort: [], coin: "" })), { push: true });

  /** @param {number} by */
  function step(by) {
    scroller.focus({ preventScroll: true });
    on.move(by);
  }

  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const typing = target.matches("input:not([type=radio], [type=checkbox]), textarea, select");
    if (typing) return;
    const act = letters[event.key];
    if (act) {
      event.preventDefault();
      act();
    } else if (target === scroller) inTable(event);
  });

  /** @param {KeyboardEvent} event */
  function inTable(event) {
    const page = Math.max(1, Math.floor(scroller.clientHeight / 40));
    /** @type {Record<string, () => void>} */
    const acts = {
      Enter: on.open,
      ArrowDown: () => on.move(1), ArrowUp: () => on.move(-1),
      PageDown: () => on.move(page), PageUp: () => on.move(-page),
      Home: () => on.move(-1e9), End: () => on.move(1e9),
    };
    if (!acts[event.key]) return;
    event.preventDefault();
    acts[event.key]();
  }

  search.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      set({ q: "" });
      search.value = "";
      scroller.focus({ preventScroll: true });
    } else if (event.key === "ArrowDown" || event.key === "Enter") {
      event.preventDefault();
      step(1);
    }
  });
  byId("help").addEventListener("click", letters["?"]);
}
