/**
 * Lines over time, as steps: a settlement holds for the interval that it ends. Drag to zoom, double click to zoom out.
 * uPlot draws; it is loaded when the first chart is wanted.
 * @module
 */

import { MISSING } from "./format.js";
import { written } from "./units.js";

/** Colours by place, told apart by dashes too. */
const DASHES = [[], [7, 3], [2, 3], [10, 3, 2, 3], [4, 2], [12, 4]];

const DATE = "\n{D} {MMM}";
/** Ticks at least so many seconds apart, how each is written, and what is added where the year, month or day changes. */
const TIMES = [
  [28 * 86400, "{MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [86400, "{D} {MMM}", "\n{YYYY}", null, null, null, null, null, 1],
  [60, "{HH}:{mm}", DATE, null, DATE, null, null, null, 1],
  [1, "{HH}:{mm}:{ss}", DATE, null, DATE, null, null, null, 1],
];

/** @type {Promise<any>|null} */
let library = null;

/** @returns {Promise<any>} uPlot */
function uPlot() {
  library ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = `${document.body.dataset.static}/vendor/uPlot.iife.min.js`;
    script.addEventListener("load", () => done(/** @type {any} */ (window).uPlot));
    script.addEventListener("error", () => failed(new Error("The chart could not be loaded.")));
    document.head.append(script);
  });
  return library;
}

/**
 * @param {HTMLElement} place
 * @param {string[]} names
 * @param {(number|null)[][]} data
 * @param {import("./units.js").Unit} unit
 * @returns {Promise<{shown: () => {from: number, to: number}, destroy: () => void}>}
 */
export async function drawChart(place, names, data, unit) {
  const Plot = await uPlot();
  const style = getComputedStyle(place);
  const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
  const height = parseFloat(style.getPropertyValue("--canvas")); // the legend below it is as high as it needs
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { stroke: colour("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
  const value = (/** @type {any} */ _, /** @type {number|null} */ figure) => (figure === null ? MISSING : written(figure, unit));
  const options = {
    width: place.clientWidth, height,
    tzDate: (/** @type {number} */ seconds) => Plot.tzDate(new Date(seconds * 1000), "UTC"),
    cursor: { drag: { x: true, y: false }, points: { size: 6 } },
    scales: { y: { range: (/** @type {any} */ _, /** @type {number} */ low, /** @type {number} */ high) => span(low, high) } },
    axes: [{ ...axis, values: TIMES }, { ...axis, size: 76, values: (/** @type {any} */ _, /** @type {number[]} */ splits) => splits.map((one) => written(one, { ...unit, digits: Math.min(unit.digits, 4) })) }],
    series: [{ label: "UTC", value: "{YYYY}-{MM}-{DD} {HH}:{mm}" }, ...names.map((name, index) => ({
      label: name, value, spanGaps: true,
      stroke: colour(name === "spread" ? "--text" : `--line-${(index % 6) + 1}`),
      fill: name === "spread" ? colour("--wash") : undefined,
      width: name === "spread" ? 1 : 1.75, dash: name === "spread" ? [] : DASHES[index % DASHES.length],
      paths: Plot.paths.stepped({ align: -1 }), points: { show: false },
    }))],
  };
  const plot = new Plot(options, data, place);
  const fit = new ResizeObserver(() => place.clientWidth && plot.setSize({ width: place.clientWidth, height }));
  fit.observe(place);
  return {
    shown: () => ({ from: plot.scales.x.min ?? -Infinity, to: plot.scales.x.max ?? Infinity }),
    destroy() {
      fit.disconnect();
      plot.destroy();
    },
  };
}

/** With some air, and always with zero in it. @param {number|null} low @param {number|null} high @returns {[number, number]} */
function span(low, high) {
  const bottom = Math.min(0, low ?? 0);
  const top = Math.max(0, high ?? 0);
  const air = (top - bottom || 1) * 0.06;
  return [bottom - air, top + air];
}
