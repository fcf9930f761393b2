/**
 * Columns that several views share: the star and coin, a rate in the chosen unit, dollars, ages, countdowns, trust.
 * @module
 */

import { now } from "./clock.js";
import { make, narrow, setAttribute, setText } from "./dom.js";
import { isFavourite } from "./favourites.js";
import { MISSING, count, countdown, dollars, duration, hours, percent, price, utc } from "./format.js";
import { address, get } from "./state.js";
import { step, written } from "./units.js";

/** @typedef {import("./table.js").Column} Column */
/** @typedef {import("./table.js").Cell} Cell */

/** @type {Cell} */
const UNKNOWN = { text: MISSING, cls: "missing", title: "Not published by the exchange" };

/** @type {WeakMap<Element, {star: HTMLElement, link: HTMLElement}>} */
const coinParts = new WeakMap();

/**
 * The first column: a star, and the coin as a link to its detail.
 * @param {(row: any) => string} asset
 * @returns {Column}
 */
export function coin(asset) {
  return {
    id: "coin",
    title: "Coin",
    width: 126,
    sort: asset,
    first: true,
    paint(td, row) {
      const parts = coinParts.get(td) ?? coinCell(td);
      const name = asset(row);
      const starred = isFavourite(name);
      setText(parts.link, name);
      setAttribute(parts.link, "href", address({ ...get(), coin: name }));
      setText(parts.star, starred ? "★" : "☆");
      setAttribute(parts.star, "data-star", name);
      setAttribute(parts.star, "aria-label", `Favourite ${name}`);
      setAttribute(parts.star, "aria-pressed", String(starred));
    },
  };
}

/** @param {Element} td */
function coinCell(td) {
  const star = make("button", { type: "button", class: "star", tabindex: "-1" });
  const link = make("a", { class: "coin", tabindex: "-1", draggable: "false" });
  td.append(star, link);
  const parts = { star, link };
  coinParts.set(td, parts);
  return parts;
}

/**
 * A rate, coloured by what it is a year.
 * @param {Partial<Column> & {id: string, title: string, plain?: boolean}} column plain: without colour
 * @param {(row: any) => number|null} value in the unit, percent
 * @param {(row: any) => number|null} yearly
 * @param {import("./units.js").Unit} unit
 * @param {(row: any) => string} [why] the tooltip
 * @returns {Column}
 */
export function rate({ plain, ...column }, value, yearly, unit, why) {
  return {
    width: narrow.matches ? 106 : 94,
    number: true,
    sort: yearly,
    ...column,
    cell(row) {
      const figure = value(row);
      if (figure === null) return { ...UNKNOWN, title: "The funding interval is unknown, so it is not converted" };
      const words = `${written(figure, unit)} ${unit.words}`;
      return { text: written(figure, unit), cls: plain ? "plain-rate" : `rate ${step(yearly(row))}`, title: why ? `${words}\n${why(row)}` : words };
    },
  };
}

/**
 * @param {string} id
 * @param {string} title
 * @param {(row: any) => any} get
 * @param {(value: any) => string} format
 * @param {Partial<Column> & {why?: string}} [more] why: what an unknown value means
 * @returns {Column}
 */
export function figure(id, title, get, format, { why, ...more } = {}) {
  return {
    id, title, width: 92, number: true, sort: get,
    cell(row) {
      const value = get(row);
      return value === null || value === undefined ? (why ? { ...UNKNOWN, title: why } : UNKNOWN) : format(value);
    },
    ...more,
  };
}

/** @param {string} id @param {string} title @param {(row: any) => any} get @param {Partial<Column> & {why?: string}} [more] */
export function text(id, title, get, more = {}) {
  return figure(id, title, get, String, { number: false, first: true, ...more });
}

/** @param {string} id @param {string} title @param {(row: any) => any} get @param {Partial<Column> & {why?: string}} [more] */
export const dollarsOf = (id, title, get, more = {}) => figure(id, title, get, dollars, { width: 84, ...more });

/** @param {string} id @param {string} title @param {(row: any) => any} get */
export const priceOf = (id, title, get) => figure(id, title, get, price, { width: 112 });

/** @param {string} id @param {string} title @param {(row: any) => any} get @param {Partial<Column>} [more] */
export const hoursOf = (id, title, get, more = {}) => figure(id, title, get, hours, { width: 72, why: "The exchange does not say how often it settles", ...more });

/** @param {string} id @param {string} title @param {(row: any) => any} get @param {Partial<Column>} [more] */
export const timeOf = (id, title, get, more = {}) => figure(id, title, get, utc, { width: 178, ...more });

/** @param {string} id @param {string} title @param {(row: any) => any} get @param {number} digits @param {Partial<Column>} [more] */
export const percentOf = (id, title, get, digits, more = {}) => figure(id, title, get, (value) => percent(value, digits), { width: 88, ...more });

/** @param {string} id @param {string} title @param {(row: any) => any} get @param {Partial<Column>} [more] */
export const countOf = (id, title, get, more = {}) => figure(id, title, get, count, { width: 84, ...more });

/**
 * How far a row of `current` can be relied on, in a word.
 * @type {Column}
 */
export const trust = {
  id: "trust", title: "Data", width: 84, first: true,
  sort: (row) => (row.stale ? 2 : row.suspect ? 1 : 0),
  cell(row) {
    if (row.stale) return { text: "stale", cls: "tag tag-stale", title: row.stale_reason ?? "Not observed lately" };
    if (row.suspect) return { text: "suspect", cls: "tag tag-suspect", title: row.suspect };
    return { text: "ok", cls: "quiet", title: "Observed lately, and nothing speaks against it" };
  },
};

/**
 * A moment to come, counted down.
 * @param {string} id
 * @param {string} title
 * @param {(row: any) => number|null} get Unix seconds
 * @param {Partial<Column>} [more]
 * @returns {Column}
 */
export function until(id, title, get, more = {}) {
  return {
    id, title, width: 84, number: true, ticks: true, first: true, sort: get,
    cell(row) {
      const due = get(row);
      if (due === null || due === undefined) return { ...UNKNOWN, title: "The exchange does not say when it settles next" };
      return { text: countdown(due - now()), title: utc(due) };
    },
    ...more,
  };
}

/**
 * How long ago; sorts the freshest first.
 * @param {string} id
 * @param {string} title
 * @param {(row: any) => number|null} get Unix seconds
 * @param {Partial<Column> & {why?: string}} [more] why: what an unknown moment means
 * @returns {Column}
 */
export function since(id, title, get, { why = "Not yet", ...more } = {}) {
  return {
    id, title, width: 88, number: true, ticks: true, first: true,
    sort: (row) => (get(row) ? -Number(get(row)) : null),
    cell(row) {
      const moment = get(row);
      return moment ? { text: duration(now() - moment), title: utc(moment) } : { ...UNKNOWN, title: why };
    },
    ...more,
  };
}
