/**
 * What is shown, and nothing else: it lives in the URL's fragment, so a copied address shows the same page elsewhere.
 * What equals its default is left out: the default page is `/`.
 * @module
 */

/**
 * @typedef {object} State
 * @property {string} view spreads, heatmap, contracts or exchanges
 * @property {string} unit of units.js
 * @property {string} q the search
 * @property {string[]} sort column ids, a minus in front turns the order round; empty: the view's own order
 * @property {string[]} exchange
 * @property {string[]} quote
 * @property {string} kind linear, inverse or empty
 * @property {string[]} interval hours
 * @property {number} oi least open interest, USD
 * @property {number} volume least volume of 24 h, USD
 * @property {number} apr least |APR|, percent
 * @property {boolean} fresh hide stale and suspect
 * @property {string[]} fav only these assets, the favourites of whoever made the link
 * @property {string} fees default or none
 * @property {number} hold hours that a pair is held
 * @property {string} coin the asset whose detail is open
 * @property {number} days of the detail's chart
 * @property {string[]} tick contracts ticked in the chart, exchange:symbol
 * @property {string} long the carry's legs, exchange:symbol
 * @property {string} short
 * @property {number} hours
 * @property {number} notional
 * @property {string} fee own taker fee in percent, empty: the exchanges' own
 */

/** @type {Readonly<State>} */
export const DEFAULTS = Object.freeze({
  view: "spreads", unit: "apr", q: "", sort: [], exchange: [], quote: [], kind: "", interval: [], oi: 0, volume: 0,
  apr: 0, fresh: false, fav: [], fees: "default", hold: 168, coin: "", days: 7, tick: [], long: "", short: "",
  hours: 72, notional: 10000, fee: "",
});

/** What closing the detail forgets. */
export const DETAIL = { coin: "", days: 7, tick: [], long: "", short: "", hours: 72, notional: 10000, fee: "" };

/** What decides which rows there are; a view says which of them mean something in it. Removing one gives it its default. */
const FILTERS = /** @type {const} */ (["exchange", "quote", "kind", "interval", "oi", "volume", "apr", "fresh", "fav", "hold", "fees"]);

/** @typedef {typeof FILTERS[number]} Filter */

/** @type {Partial<State>} */
export const NO_FILTERS = Object.fromEntries(FILTERS.map((name) => [name, DEFAULTS[name]]));

const VIEWS = ["spreads", "heatmap", "contracts", "exchanges"];

/**
 * @param {string} fragment "#contracts?unit=1h&exchange=okx,gate"
 * @returns {State}
 */
export function parse(fragment) {
  const [view, query] = fragment.replace(/^#/, "").split("?");
  /** @type {State} */
  const state = structuredClone(DEFAULTS);
  if (VIEWS.includes(view)) state.view = view;
  for (const [name, text] of new URLSearchParams(query ?? "")) {
    if (name !== "view" && name in DEFAULTS) Object.assign(state, { [name]: read(/** @type {any} */ (DEFAULTS)[name], text) });
  }
  return state;
}

/** @param {unknown} model @param {string} text */
function read(model, text) {
  if (Array.isArray(model)) return text ? text.split(",") : [];
  if (typeof model === "boolean") return text === "1";
  if (typeof model === "number") return text.trim() !== "" && Number(text) >= 0 && Number.isFinite(Number(text)) ? Number(text) : model;
  return text;
}

/**
 * The fragment of a state, empty for the default one.
 * @param {State} state
 * @returns {string}
 */
function fragment(state) {
  const parts = [];
  for (const [name, model] of Object.entries(DEFAULTS)) {
    const value = /** @type {any} */ (state)[name];
    if (name === "view" || String(value) === String(model)) continue;
    const text = value === true ? "1" : String(value);
    parts.push(`${name}=${encodeURIComponent(text).replace(/%2C/g, ",").replace(/%3A/g, ":")}`);
  }
  const query = parts.length ? `?${parts.join("&")}` : "";
  return state.view === DEFAULTS.view && !query ? "" : `#${state.view}${query}`;
}

/** @param {State} state @returns {string} what a link to it has in its href */
export function address(state) {
  return fragment(state) || "/";
}

let current = parse(location.hash);
/** @type {Set<(now: State, before: State) => void>} */
const listeners = new Set();

/** @returns {Readonly<State>} */
export function get() {
  return current;
}

/**
 * Changes the state and the address. `push`: the back button leads to what was before.
 * @param {Partial<State>} change
 * @param {{push?: boolean}} [how]
 */
export function set(change, { push = false } = {}) {
  const before = current;
  const next = { ...before, ...change };
  const target = location.pathname + location.search + fragment(next);
  if (fragment(next) === fragment(before)) return;
  history[push ? "pushState" : "replaceState"]({ opened: push && Boolean(change.coin) }, "", target);
  current = next;
  for (const listener of listeners) listener(current, before);
}

/** @param {(now: State, before: State) => void} listener */
export function watch(listener) {
  listeners.add(listener);
}

/** The address changed without us: back, forward, a link of the page, a pasted fragment. */
window.addEventListener("popstate", () => {
  const before = current;
  current = parse(location.hash);
  if (fragment(current) === fragment(before)) return;
  for (const listener of listeners) listener(current, before);
});
