/**
 * Heatmap: coin × exchange, the lowest and the highest marked. The filters go to the API; the search chooses among what
 * it gave.
 * @module
 */

import { url } from "../api.js";
import { coin, rate } from "../columns.js";
import { searcher } from "../filters.js";
import { MISSING } from "../format.js";
import { commonUnit, step, unitOf, written, yearlyIn } from "../units.js";

/** @typedef {import("../state.js").State} State */

const LARGEST = 200;
const ALL = 1000; // the most that the API gives
/** Exchanges of the last answer, in its order. @type {string[]} */
let venues = [];

/** @param {State} state */
function parameters(state) {
  return { limit: state.q || state.sort.length ? ALL : LARGEST, exchange: state.exchange, kind: state.kind, min_volume: state.volume || null };
}

/**
 * A row a coin, from the tables by exchange and coin. `cells` are a year, which colours and compares; `raw` is there
 * where the unit wants it.
 * @param {any[]} bodies
 */
function rows([yearly, raw]) {
  venues = yearly.exchanges;
  return yearly.bases.map((/** @type {string} */ asset, /** @type {number} */ at) => {
    const cells = venues.map((_, exchange) => yearly.cells[exchange][at]);
    const known = cells.filter((one) => one !== null);
    const low = known.length ? Math.min(...known) : null;
    const high = known.length ? Math.max(...known) : null;
    const spread = known.length > 1 ? Number(high) - Number(low) : null;
    return { asset, cells, low, high, spread, raw: raw ? rawCells(raw, asset) : null };
  });
}

/** @param {any} body in fractions per interval @param {string} asset @returns {(number|null)[]} percent, by `venues` */
function rawCells(body, asset) {
  const at = body.bases.indexOf(asset);
  return venues.map((name) => {
    const fraction = body.cells[body.exchanges.indexOf(name)]?.[at];
    return fraction === null || fraction === undefined ? null : fraction * 100;
  });
}

/** @param {State} state */
function columns(state) {
  const unit = unitOf(state.unit);
  const shown = commonUnit(unit);
  return [
    coin((row) => row.asset),
    rate({ id: "spread", plain: true, title: `Spread ${shown.title}`, hint: "Highest less lowest" }, (row) => yearlyIn(row.spread, shown), (row) => row.spread, shown),
    ...venues.map((name, index) => ({
      id: name, title: name, width: 106, number: true,
      sort: (/** @type {any} */ row) => row.cells[index],
      cell: (/** @type {any} */ row) => cell(row, index, name, unit),
    })),
  ];
}

/** @param {any} row @param {number} index @param {string} name @param {import("../units.js").Unit} unit */
function cell(row, index, name, unit) {
  const yearly = row.cells[index];
  if (yearly === null) return { text: MISSING, cls: "missing", title: `${name} has no fresh rate of ${row.asset}` };
  const end = !row.spread ? "" : yearly === row.high ? "high" : yearly === row.low ? "low" : "";
  const words = written(row.raw ? row.raw[index] : yearlyIn(yearly, unit), unit);
  const mark = { high: "\nthe highest: short here", low: "\nthe lowest: long here", "": "" }[end];
  return { text: words, cls: `rate ${step(yearly)} ${end}`, title: `${row.asset} on ${name}: ${words} ${unit.words}${mark}` };
}

/** @type {import("./index.js").View} */
export const heatmap = {
  id: "heatmap",
  title: "Heatmap",
  things: "coins",
  order: [],
  filters: ["exchange", "kind", "volume"],
  searched: "coin",
  addresses: (state) => ["apr", ...(state.unit === "raw" ? ["raw"] : [])].map((unit) => url("/api/funding/heatmap", { ...parameters(state), unit })),
  rows,
  columns,
  key: (row) => row.asset,
  asset: (row) => row.asset,
  matches(state) {
    const finds = searcher(state.q);
    return (row) => !state.q || finds([row.asset]);
  },
  csv: (state) => url("/api/funding/heatmap", { ...parameters(state), search: state.q.trim(), unit: unitOf(state.unit).id, format: "csv" }),
};
