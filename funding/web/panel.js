/**
 * The filters' sheet: a drawer at the side, on a phone from below. Every change holds at once.
 * @module
 */

import { byId, make, setAttribute } from "./dom.js";
import { favourites } from "./favourites.js";
import { hours } from "./format.js";
import { NO_FILTERS, get, set, watch } from "./state.js";
import { viewOf } from "./views/index.js";

const QUOTES = ["USDT", "USDC", "USD"];
const INTERVALS = ["1", "2", "4", "8"];

/**
 * "5M" → 5000000; null where it is no amount.
 * @param {string} text
 * @returns {number|null}
 */
export function amount(text) {
  const found = /^\s*\$?\s*([\d.,]+)\s*([kmb]?)\s*%?\s*$/i.exec(text);
  if (!found) return text.trim() === "" ? 0 : null;
  const value = Number(found[1].replaceAll(",", "")) * { "": 1, k: 1e3, m: 1e6, b: 1e9 }[/** @type {"k"} */ (found[2].toLowerCase())];
  return Number.isFinite(value) ? value : null;
}

export function createPanel() {
  const sheet = /** @type {HTMLDialogElement} */ (byId("filter-sheet"));
  /** @type {string[]} */
  let exchanges = [];
  let quotes = QUOTES;

  /** @param {string} name @param {string} title @param {string[]} values @param {string} [type] @param {(value: string) => string} [words] */
  function choices(name, title, values, type = "checkbox", words = (value) => value) {
    const state = /** @type {any} */ (get());
    return make("fieldset", { class: `choices ${name}` }, make("legend", { text: title }), ...values.map((value) =>
      make("label", {}, make("input", { type, name, value, checked: type === "radio" ? String(state[name]) === value : state[name].includes(value) }), make("span", { text: words(value) }))));
  }

  /** @param {string} name @param {string} title @param {string} hint */
  function least(name, title, hint) {
    const value = /** @type {any} */ (get())[name];
    return make("label", { class: "amount" }, make("span", { text: title }), make("input", { type: "text", inputmode: "decimal", name, value: value || "", placeholder: hint, autocomplete: "off" }));
  }

  /** Those of the view: what would change nothing is not offered. */
  function fill() {
    const state = get();
    const view = viewOf(state.view);
    /** @param {import("./state.js").Filter} filter @param {() => HTMLElement} field */
    const where = (filter, field) => (view.filters.includes(filter) ? [field()] : []);
    sheet.replaceChildren(
      make("header", {}, make("h2", { id: "filter-title", text: `Filters of ${view.title}` }), make("button", { type: "button", class: "quiet-button", "aria-label": "Close", text: "✕", click: () => sheet.close() })),
      make("form", { method: "dialog" },
        make("div", { class: "amounts" },
          ...where("oi", () => least("oi", "Min OI $", "e.g. 5M")),
          ...where("volume", () => least("volume", "Min volume $", view.id === "spreads" ? "1M" : "e.g. 10M")),
          ...where("apr", () => least("apr", `Min ${view.yields} %`, "e.g. 20"))),
        ...where("fav", () => make("fieldset", { class: "choices" }, make("legend", { text: "Rows" }),
          make("label", {}, make("input", { type: "checkbox", name: "fav", checked: state.fav.length > 0, disabled: !favourites().length && !state.fav.length }), make("span", { text: "Only favourites ★" })),
          ...where("fresh", () => make("label", {}, make("input", { type: "checkbox", name: "fresh", checked: state.fresh }), make("span", { text: "Hide stale and suspect" }))))),
        ...where("hold", () => choices("hold", "Pairs are held for", ["24", "72", "168", "720"], "radio", (value) => hours(Number(value)))),
        ...where("fees", () => choices("fees", "Fees of a pair", ["default", "none"], "radio", (value) => (value === "none" ? "none" : "the exchanges' taker fees"))),
        ...where("interval", () => choices("interval", "Funding interval", [...new Set([...INTERVALS, ...state.interval])], "checkbox", (value) => `${value} h`)),
        ...where("quote", () => choices("quote", "Quote", [...new Set([...quotes, ...state.quote])])),
        ...where("kind", () => choices("kind", "Kind", ["", "linear", "inverse"], "radio", (value) => value || "any")),
        ...where("exchange", () => choices("exchange", "Exchanges", [...new Set([...exchanges, ...state.exchange])]))),
      make("footer", {}, make("button", { type: "button", text: "Clear all", click: clear }), make("button", { type: "button", class: "strong", text: "Done", click: () => sheet.close() })),
    );
  }

  function clear() {
    set(NO_FILTERS);
    fill();
  }

  /** @param {Event} event */
  function changed(event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (field.name === "fresh") return set({ fresh: field.checked });
    if (field.name === "fav") return set({ fav: field.checked ? favourites() : [] });
    if (field.type === "radio") return set({ [field.name]: field.name === "hold" ? Number(field.value) : field.value });
    if (field.type === "checkbox") return set({ [field.name]: [.../** @type {NodeListOf<HTMLInputElement>} */ (sheet.querySelectorAll(`input[name=${field.name}]:checked`))].map((one) => one.value) });
    const value = amount(field.value);
    setAttribute(field, "aria-invalid", value === null ? "true" : null);
    if (value !== null) set({ [field.name]: value });
  }

  sheet.addEventListener("input", changed);
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close());
  function open() {
    if (!viewOf(get().view).filters.length) return;
    fill();
    sheet.showModal();
  }

  byId("filters").addEventListener("click", open);
  watch((state, before) => sheet.open && state.view !== before.view && fill());

  return {
    open,
    /** @param {string[]} names */
    exchanges: (names) => (exchanges = names.toSorted()),
    /** @param {import("./views/index.js").View} view @param {any[]} rows */
    seen(view, rows) {
      if (view.id === "contracts" && rows.length) quotes = [...new Set(rows.map((row) => row.quote))].sort();
    },
  };
}
