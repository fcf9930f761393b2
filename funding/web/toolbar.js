/**
 * What stands above the table: search, unit, favourites, the count, the chips, the CSV link; and the legend below it.
 * @module
 */

import { byId, make, narrow, setAttribute, setText } from "./dom.js";
import { favourites } from "./favourites.js";
import { chips } from "./filters.js";
import { count } from "./format.js";
import { DEFAULTS, get, set } from "./state.js";
import { STEPS, UNITS, commonUnit, unitOf, yearlyIn } from "./units.js";

/** @typedef {import("./state.js").State} State */

export function createToolbar() {
  const search = /** @type {HTMLInputElement} */ (byId("search"));
  const units = byId("units");
  const star = byId("favourites");
  let legendOf = "";
  let chipsOf = "";

  units.append(...UNITS.map((unit) => make("label", { title: unit.words }, make("input", { type: "radio", name: "unit", value: unit.id }), make("span", { text: unit.title }))));
  units.addEventListener("change", (event) => set({ unit: /** @type {HTMLInputElement} */ (event.target).value }));
  search.addEventListener("input", () => set({ q: search.value }));
  star.addEventListener("click", () => set({ fav: get().fav.length ? [] : favourites() }));

  /**
   * @param {State} state
   * @param {import("./views/index.js").View} view
   * @param {any[]} rows those shown
   * @param {number|null} total null: not known, or not yet
   */
  function draw(state, view, rows, total) {
    if (search.value !== state.q) search.value = state.q;
    for (const radio of units.querySelectorAll("input")) radio.checked = radio.value === unitOf(state.unit).id;
    setAttribute(search, "placeholder", `Search ${view.searched}`);
    setText(byId("count"), total === null ? view.title : counted(rows.length, total, view.things));
    setAttribute(byId("csv"), "href", view.csv(state));
    const all = state.q && !view.filters.length; // the API has no search among them
    setAttribute(byId("csv"), "title", `${all ? "All" : "These"} ${view.things} as CSV`);
    drawChips(state, view);
    drawLegend(state);
    drawFavourites();
  }

  /** @param {State} state @param {import("./views/index.js").View} view */
  function drawChips(state, view) {
    const found = chips(state, view);
    byId("filters").hidden = !view.filters.length;
    star.hidden = !view.filters.includes("fav");
    setText(byId("filters-number"), found.length ? ` ${found.length}` : "");
    const said = JSON.stringify(found);
    if (said === chipsOf) return;
    chipsOf = said;
    byId("chips").replaceChildren(...found.map(({ filter, words }) =>
      make("li", {}, make("button", {
        type: "button", "aria-label": `Remove filter: ${words}`,
        click: () => set({ [filter]: DEFAULTS[filter] }),
      }, make("span", { text: words }), make("i", { "aria-hidden": "true", text: "✕" })))));
  }

  function drawFavourites() {
    const number = favourites().length;
    setAttribute(star, "aria-pressed", String(get().fav.length > 0));
    setAttribute(star, "title", number ? `Only the ${number} favourites` : "No favourites yet: click a star, or press f on a row");
    /** @type {HTMLButtonElement} */ (star).disabled = number === 0 && get().fav.length === 0;
  }

  /** @param {State} state */
  function drawLegend(state) {
    const unit = commonUnit(unitOf(state.unit));
    const said = `${unit.id} ${narrow.matches}`;
    if (legendOf === said) return;
    legendOf = said;
    const digits = narrow.matches ? 1 : 2;
    const words = STEPS.map((edge) => String(Number((yearlyIn(edge, unit) ?? 0).toPrecision(digits))).replace(/^0\./, "."));
    byId("legend").replaceChildren(
      ...["n4", "n3", "n2", "n1"].map((step, index) => make("span", { class: `rate ${step}`, text: `−${words[3 - index]}` })),
      make("span", { class: "rate z", text: "0" }),
      ...["p1", "p2", "p3", "p4"].map((step, index) => make("span", { class: `rate ${step}`, text: `+${words[index]}` })),
      make("span", { class: "legend-unit", text: `% ${unit.title}` }),
    );
  }

  return { draw, favourites: drawFavourites };
}

/** @param {number} shown @param {number} total @param {string} things */
function counted(shown, total, things) {
  if (shown === total) return `${count(total)} ${things}`;
  return `${count(shown)} of ${count(total)}${narrow.matches ? "" : ` ${things}`}`;
}
