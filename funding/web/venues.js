/**
 * The venues of a coin side by side: a short table, whole in the document, of which only cells that differ are touched.
 * A venue's name leads to the contract's page there.
 * @module
 */

import { dollarsOf, hoursOf, percentOf, priceOf, rate, text, trust, until } from "./columns.js";
import { nameOf } from "./contract.js";
import { make, narrow, setAttribute, setText } from "./dom.js";
import { set } from "./state.js";
import { rateIn, step, unitOf, written } from "./units.js";

export function createVenues() {
  const head = make("thead");
  const body = make("tbody");
  const table = make("table", {}, head, body);

  /**
   * @param {any[]} rows
   * @param {import("./units.js").Unit} unit
   * @param {string[]} ticked contracts that are in the chart
   */
  function draw(rows, unit, ticked) {
    const shown = columns(unit, ticked);
    drawHead(shown);
    while (body.childElementCount > rows.length) body.lastElementChild?.remove();
    while (body.childElementCount < rows.length) body.append(make("tr", {}, ...shown.map(() => make("td"))));
    for (const [at, row] of rows.entries()) {
      const line = body.children[at];
      setAttribute(line, "class", row.stale ? "stale" : row.suspect ? "suspect" : null);
      for (const [place, column] of shown.entries()) fill(/** @type {HTMLElement} */ (line.children[place]), column, row);
    }
  }

  /** @param {import("./table.js").Column[]} shown */
  function drawHead(shown) {
    if (head.firstElementChild?.childElementCount !== shown.length) {
      head.replaceChildren(make("tr", {}, ...shown.map((column) => make("th", { scope: "col", class: column.number ? "number" : null, title: column.hint }))));
      body.replaceChildren();
    }
    for (const [at, column] of shown.entries()) setText(head.children[0].children[at], column.title);
  }

  return { node: table, draw };
}

/** @param {import("./units.js").Unit} unit @param {string[]} ticked */
function columns(unit, ticked) {
  const symbol = text("symbol", "Symbol", (/** @type {any} */ row) => row.symbol);
  return [
    { id: "venue", title: "Venue", hint: "Ticked: in the chart", width: 0, paint: (/** @type {HTMLElement} */ td, /** @type {any} */ row) => paintVenue(td, row, ticked) },
    ...(narrow.matches ? [] : [symbol]),
    rate({ id: "rate", title: unit.title }, (row) => rateIn(row, unit), (row) => row.annualized_pct, unit, (row) => row.stale_reason ?? row.suspect ?? row.rate_kind),
    hoursOf("interval", "Every", (row) => row.funding_interval_hours),
    until("next", "Next in", (row) => row.next_funding_time),
    ...[1, 3, 7, 30].map((days) => settled(days)),
    dollarsOf("oi", "Open int. $", (row) => row.open_interest_usd),
    dollarsOf("volume", "Vol. 24h $", (row) => row.volume_24h_usd),
    priceOf("mark", "Mark", (row) => row.mark_price),
    trust,
    ...(narrow.matches ? [symbol] : []),
  ];
}

/** @param {number} days @returns {import("./table.js").Column} */
function settled(days) {
  const sum = (/** @type {any} */ row) => row[`settled_${days}d_pct`];
  return {
    ...percentOf(`${days}d`, days === 1 ? "Settled 1d" : `${days}d`, sum, 3, { hint: `What was settled in the last ${days * 24} h, added up; coloured by what it is a year` }),
    cell(row) {
      if (sum(row) === null) return { text: "–", cls: "missing", title: "Not every settlement of that time is known" };
      return { text: written(sum(row), unitOf("1d")), cls: `rate ${step((sum(row) / days) * 365)}` };
    },
  };
}

/** A tick that puts it into the chart, and the venue's name. @param {HTMLElement} td @param {any} row @param {string[]} ticked */
function paintVenue(td, row, ticked) {
  if (!td.firstElementChild) {
    const box = make("input", { type: "checkbox", change: retick });
    td.append(make("div", { class: "venue" }, make("label", { class: "tick" }, box), make("a", { target: "_blank", rel: "noopener noreferrer" })));
  }
  const box = /** @type {HTMLInputElement} */ (td.querySelector("input"));
  const link = /** @type {HTMLElement} */ (td.querySelector("a"));
  box.value = nameOf(row);
  box.checked = ticked.includes(box.value);
  setAttribute(box, "aria-label", `${box.value} in the chart`);
  setText(link, row.exchange);
  setAttribute(link, "href", row.trade_url);
  setAttribute(link, "title", row.trade_url && `${row.symbol} on ${row.exchange}, in a new tab`);
}

/** @param {Event} event */
function retick(event) {
  const body = /** @type {Element} */ (event.target).closest("tbody");
  const ticked = /** @type {NodeListOf<HTMLInputElement>} */ (body?.querySelectorAll("input:checked") ?? []);
  set({ tick: [...ticked].map((one) => one.value) });
}

/** @param {HTMLElement} td @param {import("./table.js").Column} column @param {any} row */
function fill(td, column, row) {
  if (column.paint) return column.paint(td, row);
  const said = column.cell?.(row) ?? "";
  const { text: words, cls = "", title = "" } = typeof said === "string" ? { text: said } : said;
  setText(td, words);
  setAttribute(td, "class", `${column.number ? "number" : ""} ${cls}`.trim() || null);
  setAttribute(td, "title", title || null);
}
