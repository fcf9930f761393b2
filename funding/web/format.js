/**
 * Figures → the text that stands in a cell. A sign is always written, a minus is a real minus, unknown is a dash.
 * @module
 */

export const MISSING = "–";
const MINUS = "−";

/**
 * "+0.0100%", "−12.5%", "±0.00%".
 * @param {number|null|undefined} value percent
 * @param {number} digits
 * @returns {string}
 */
export function percent(value, digits) {
  if (value === null || value === undefined) return MISSING;
  const sign = value > 0 ? "+" : value < 0 ? MINUS : "±";
  return sign + grouped(Math.abs(value).toFixed(digits)) + "%";
}

/**
 * "1,234.5"; the digits after the point are left alone.
 * @param {string} number
 * @returns {string}
 */
function grouped(number) {
  const point = number.indexOf(".");
  const whole = point < 0 ? number : number.slice(0, point);
  return whole.length < 4 ? number : whole.replace(/\B(?=(\d{3})+$)/g, ",") + (point < 0 ? "" : number.slice(point));
}

/** @param {number} value @returns {string} "7,012" */
export function count(value) {
  return grouped(String(value));
}

const SIZES = /** @type {const} */ ([[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "K"]]);

/** @param {number|null|undefined} value US dollars @returns {string} "1.23B" */
export function dollars(value) {
  if (value === null || value === undefined) return MISSING;
  const size = SIZES.find(([unit]) => value >= unit);
  return size ? threeDigits(value / size[0]) + size[1] : value.toFixed(0);
}

/** @param {number} value */
function threeDigits(value) {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}

/** @param {number|null|undefined} value signed US dollars @returns {string} "+$12.34" */
export function money(value) {
  if (value === null || value === undefined) return MISSING;
  const sign = value > 0 ? "+" : value < 0 ? MINUS : "±";
  return `${sign}$${grouped(Math.abs(value).toFixed(2))}`;
}

/** @param {number|null|undefined} value @returns {string} a price with six significant digits */
export function price(value) {
  if (value === null || value === undefined) return MISSING;
  if (value === 0) return "0";
  const digits = Math.min(10, Math.max(0, 5 - Math.floor(Math.log10(Math.abs(value)))));
  return grouped(value.toFixed(digits));
}

/** @param {number|null|undefined} hours @returns {string} "8 h" */
export function hours(hours) {
  if (hours === null || hours === undefined) return MISSING;
  return hours >= 48 ? `${Math.round(hours / 24)} d` : `${Number(hours.toFixed(hours < 10 ? 1 : 0))} h`;
}

/** @param {number} hours @returns {string} "6.0 h", "3.2 d": one digit always, to be compared in a column */
export function span(hours) {
  return hours >= 48 ? `${grouped((hours / 24).toFixed(1))} d` : `${hours.toFixed(1)} h`;
}

/** @param {number|null|undefined} seconds @returns {string} "42 s", "3 m 05 s", "2 h 10 m", "3 d" */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return MISSING;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} m ${two(whole % 60)} s`;
  if (whole < 172800) return `${Math.floor(whole / 3600)} h ${two(Math.floor(whole / 60) % 60)} m`;
  return `${Math.floor(whole / 86400)} d`;
}

/** @param {number} seconds to go @returns {string} "1:02:03", "02:03", "due" */
export function countdown(seconds) {
  if (seconds <= 0) return "due";
  const whole = Math.floor(seconds);
  const clock = `${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
  return whole < 3600 ? clock : `${Math.floor(whole / 3600)}:${clock}`;
}

/** @param {number} value */
function two(value) {
  return String(value).padStart(2, "0");
}

/** @param {number|null|undefined} seconds Unix @returns {string} "2026-11-24 14:00 UTC" */
export function utc(seconds) {
  if (seconds === null || seconds === undefined) return MISSING;
  return `${new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
