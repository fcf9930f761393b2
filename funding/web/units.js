/**
 * The units that a rate is shown in, and the colour step that goes with it. A step hangs on the yearly rate, so a cell
 * keeps its colour when the unit changes.
 * @module
 */

import { MISSING, percent } from "./format.js";

/**
 * `days`: how long the unit is, null for the contract's own interval. `field`: of a row of `current`.
 * @typedef {{id: string, title: string, words: string, digits: number, days: number|null, field: string}} Unit
 */

/** @type {Unit[]} */
export const UNITS = [
  { id: "raw", title: "raw", words: "per funding interval", digits: 4, days: null, field: "funding_rate_pct" },
  { id: "1h", title: "1h", words: "per hour", digits: 5, days: 1 / 24, field: "rate_1h_pct" },
  { id: "8h", title: "8h", words: "per 8 hours", digits: 4, days: 1 / 3, field: "rate_8h_pct" },
  { id: "1d", title: "1d", words: "per day", digits: 3, days: 1, field: "rate_1d_pct" },
  { id: "apr", title: "APR", words: "a year, not compounded", digits: 2, days: 365, field: "annualized_pct" },
];

/** @param {string} id @returns {Unit} */
export function unitOf(id) {
  return UNITS.find((unit) => unit.id === id) ?? UNITS[4];
}

/** @param {string} id @returns {string} that of the next unit, the first after the last */
export function unitAfter(id) {
  return UNITS[(UNITS.indexOf(unitOf(id)) + 1) % UNITS.length].id;
}

/**
 * A pair's unit: two contracts have no interval in common, so what is raw is shown per 8 hours.
 * @param {Unit} unit
 * @returns {Unit}
 */
export function commonUnit(unit) {
  return unit.days === null ? unitOf("8h") : unit;
}

/**
 * A row's rate in the unit, percent; null where it is unknown, as it is for all but `raw` when the interval is.
 * @param {{funding_rate_pct?: number|null, funding_rate?: number|null, annualized_pct: number|null}} row
 * @param {Unit} unit
 * @returns {number|null}
 */
export function rateIn(row, unit) {
  if (unit.days === null) return row.funding_rate_pct ?? (row.funding_rate == null ? null : row.funding_rate * 100);
  return yearlyIn(row.annualized_pct, unit);
}

/**
 * A yearly percentage in the unit. A yearly figure has no interval of its own: `raw` leaves it as it is.
 * @param {number|null|undefined} yearly
 * @param {Unit} unit
 * @returns {number|null}
 */
export function yearlyIn(yearly, unit) {
  if (yearly === null || yearly === undefined) return null;
  return unit.days === null ? yearly : (yearly * unit.days) / 365;
}

/** @param {number|null|undefined} value @param {Unit} unit @returns {string} */
export function written(value, unit) {
  return value === null || value === undefined ? MISSING : percent(value, unit.digits);
}

/** Yearly percentages at which the colour grows stronger. */
export const STEPS = [3, 15, 50, 200];

/**
 * The class of a cell: "n4" (very negative, blue) … "z" … "p4" (very positive, orange), "" for unknown.
 * @param {number|null|undefined} yearly percent
 * @returns {string}
 */
export function step(yearly) {
  if (yearly === null || yearly === undefined) return "";
  const size = Math.abs(yearly);
  let strength = 0;
  while (strength < STEPS.length && size >= STEPS[strength]) strength += 1;
  if (strength === 0) return "z";
  return (yearly > 0 ? "p" : "n") + strength;
}
