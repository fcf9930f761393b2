/**
 * What a pair settled day by day, as seven small bars in its cell: above the line the pair was paid, below it paid.
 * @module
 */

import { setAttribute } from "./dom.js";
import { MISSING, percent } from "./format.js";

const WIDTH = 96;
const HEIGHT = 22;
const GAP = 3;
const SVG = "http://www.w3.org/2000/svg";

/** What is drawn in a cell, so that the same is not drawn again. @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/** @param {HTMLElement} td @param {any} row of `arb` */
export function paintSpark(td, row) {
  /** @type {(number|null)[]} */
  const days = row.settled_spread_daily_pct ?? [];
  const said = days.join();
  if (drawn.get(td) === said) return;
  drawn.set(td, said);
  const known = days.filter((day) => day !== null);
  td.replaceChildren(known.length ? bars(days) : MISSING);
  setAttribute(td, "class", known.length ? null : "missing");
  setAttribute(td, "title", known.length ? words(days, known) : "No day of which both legs' settlements are known");
}

/** @param {(number|null)[]} days @param {number[]} known */
function words(days, known) {
  const each = days.map((day) => (day === null ? "unknown" : percent(day, 3))).join("  ");
  const paid = known.filter((day) => day > 0).length;
  return `Settled spread of each day, the last on the right:\n${each}\nPaid on ${paid} of ${known.length} days, ${percent(known.reduce((sum, day) => sum + day, 0), 3)} in all`;
}

/** @param {(number|null)[]} days */
function bars(days) {
  const high = Math.max(0, ...days.map((day) => day ?? 0));
  const low = Math.min(0, ...days.map((day) => day ?? 0));
  const y = (/** @type {number} */ value) => (high === low ? HEIGHT / 2 : 1 + ((high - value) / (high - low)) * (HEIGHT - 2));
  const wide = (WIDTH + GAP) / days.length;
  const path = (/** @type {(day: number) => boolean} */ wanted) =>
    days.map((day, at) => (day !== null && wanted(day) ? `M${(at * wide).toFixed(1)} ${y(0).toFixed(1)}V${y(day).toFixed(1)}h${(wide - GAP).toFixed(1)}V${y(0).toFixed(1)}z` : "")).join("");
  const svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, class: "spark", "aria-hidden": "true" });
  svg.append(
    shape("path", { d: path((day) => day > 0), class: "paid" }), shape("path", { d: path((day) => day < 0), class: "lost" }),
    shape("path", { d: `M0 ${y(0).toFixed(1)}H${WIDTH}`, class: "zero" }));
  return svg;
}

/** @param {string} tag @param {Record<string, string|number>} attributes */
function shape(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}
