/**
 * What the filters and the search let through, and how each is called. The form and the chips are in panel.js.
 * @module
 */

import { dollars, hours } from "./format.js";
import { DEFAULTS } from "./state.js";

/** @typedef {import("./state.js").State} State */

/**
 * Whether a text is found by the search. From the first letter on: one letter finds what begins with it, more are
 * looked for anywhere; every word must be found.
 * @param {string} query
 * @returns {(names: (string|null|undefined)[]) => boolean}
 */
export function searcher(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return (names) => words.every((word) => names.some((name) => name && found(name.toLowerCase(), word)));
}

/** @param {string} name @param {string} word */
function found(name, word) {
  return word.length === 1 ? name.startsWith(word) : name.includes(word);
}

/**
 * @param {State} state
 * @returns {(row: any) => boolean} of a row of `current`
 */
export function contractMatches(state) {
  const finds = searcher(state.q);
  const exchanges = new Set(state.exchange);
  const quotes = new Set(state.quote);
  const intervals = new Set(state.interval.map(Number));
  const assets = new Set(state.fav);
  return (row) =>
    (!exchanges.size || exchanges.has(row.exchange)) &&
    (!quotes.size || quotes.has(row.quote)) &&
    (!state.kind || row.kind === state.kind) &&
    (!intervals.size || intervals.has(row.funding_interval_hours)) &&
    (!assets.size || assets.has(row.asset)) &&
    (!state.oi || (row.open_interest_usd ?? -1) >= state.oi) &&
    (!state.volume || (row.volume_24h_usd ?? -1) >= state.volume) &&
    (!state.apr || Math.abs(row.annualized_pct ?? 0) >= state.apr) &&
    (!state.fresh || !(row.stale || row.suspect)) &&
    (!state.q || finds([row.asset, row.symbol, row.exchange]));
}

/**
 * Each active filter as a chip.
 * @param {State} state
 * @param {import("./views/index.js").View} view of which those that mean something in it are given
 * @returns {{filter: import("./state.js").Filter, words: string}[]}
 */
export function chips(state, view) {
  /** @type {[import("./state.js").Filter, string|number|boolean][]} */
  const found = [
    ["exchange", state.exchange.length && listed("", state.exchange)],
    ["quote", state.quote.length && listed("quoted in ", state.quote)],
    ["kind", state.kind],
    ["interval", state.interval.length && `every ${state.interval.join(", ")} h`],
    ["oi", state.oi && `open interest ≥ $${dollars(state.oi)}`],
    ["volume", state.volume && `volume ≥ $${dollars(state.volume)}`],
    ["apr", state.apr && `${view.yields} ≥ ${state.apr}%`],
    ["fresh", state.fresh && "no stale, no suspect"],
    ["fav", state.fav.length && `★ ${listed("", state.fav)}`],
    ["hold", state.hold !== DEFAULTS.hold && `held for ${hours(state.hold)}`],
    ["fees", state.fees === "none" && "without fees"],
  ];
  return found.filter(([filter, words]) => words && view.filters.includes(filter)).map(([filter, words]) => ({ filter, words: String(words) }));
}

/** @param {string} before @param {string[]} names */
function listed(before, names) {
  return before + (names.length > 3 ? `${names.slice(0, 2).join(", ")} +${names.length - 2}` : names.join(", "));
}
