/**
 * Heatmap: coin × exchange, the lowest and the highest marked.
 * @module
 */

import { url } from "../api.js";
import { coin, rate } from "../columns.js";
import { searcher } from "../filters.js";
import { MISSING } from "../format.js";
import { step, unitOf, written, yearlyIn } from "../units.js";

/** @typedef {import("../state.js").State} State */

const MOST = 200;
const MOST_NAMED = 100; // in one parameter of the API
/** Exchanges of the last answer, in its order. @type {string[]} */
let venues = [];

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
  const chosen = new Set(state.exchange);
  const shown = venues.map((name, index) => ({ name, index })).filter(({ name }) => !chosen.size || chosen.has(name));
  const spreadUnit = unit.id === "raw" ? unitOf("8h") : unit; // a difference of two intervals has none of its own
  return [
    coin((row) => row.asset),
    rate({ id: "spread", plain: true, title: `Spread ${spreadUnit.title}`, hint: "Highest less lowest" }, (row) => yearlyIn(row.spread, spreadUnit), (row) => row.spread, spreadUnit),
    ...shown.map(({ name, index }) => ({
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
  addresses: (state) => ["apr", ...(state.unit === "raw" ? ["raw"] : [])].map((unit) => url("/api/funding/heatmap", { limit: MOST, unit })),
  rows,
  columns,
  key: (row) => row.asset,
  asset: (row) => row.asset,
  matches(state) {
    const finds = searcher(state.q);
    const assets = new Set(state.fav);
    return (row) =>
      (!assets.size || assets.has(row.asset)) && (!state.apr || Math.max(Math.abs(row.low ?? 0), Math.abs(row.high ?? 0)) >= state.apr) &&
      (!state.q || finds([row.asset]));
  },
  csv: (state, shown) =>
    url("/api/funding/current", {
      base: shown.slice(0, MOST_NAMED).map((row) => row.asset), exchange: state.exchange, stale: "exclude", sort: "asset,exchange",
      fields: `asset,exchange,symbol,${unitOf(state.unit).field},funding_interval_hours`, format: "csv",
    }),
};
