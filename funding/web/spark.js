/**
 * The settled spread of the last days as a small line beside each pair in sight. One request a coin, slowly, and only
 * while most of the minute's requests are still free: figures go before ornaments.
 * @module
 */

import { ApiError, ask, requestsLeft, url } from "./api.js";
import { now } from "./clock.js";
import { setAttribute } from "./dom.js";
import { percent } from "./format.js";
import { get } from "./state.js";

const DAYS = 7;
const DAY = 86400;
const PAUSE = 350; // ms between two requests
const KEEP_FREE = 25; // requests a minute that are not ours
const WIDTH = 96;
const HEIGHT = 22;
const SVG = "http://www.w3.org/2000/svg";

/** Pair → its daily settled spread, percent; empty: asked for, and not known. @type {Map<string, number[]>} */
const known = new Map();
/** The server has no history. */
let without = false;
let running = false;
let lastRun = 0;

/** @param {any} row of `arb` */
function name(row) {
  return `${row.asset} ${row.short.exchange}:${row.short.symbol} ${row.long.exchange}:${row.long.symbol}`;
}

/** @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/** @param {HTMLElement} td @param {any} row */
export function paintSpark(td, row) {
  const points = known.get(name(row));
  const said = points ? `${name(row)} ${points.length}` : "";
  if (drawn.get(td) === said) return;
  drawn.set(td, said);
  td.replaceChildren(...(points && points.length > 1 ? [line(points)] : []));
  const total = points?.reduce((sum, one) => sum + one, 0) ?? 0;
  setAttribute(td, "title", !points ? null : points.length > 1 ? `Settled spread of ${points.length} days: ${percent(total, 3)} in all` : "Not enough settled history yet");
}

/** @param {number[]} points */
function line(points) {
  const low = Math.min(0, ...points);
  const high = Math.max(0, ...points);
  const y = (/** @type {number} */ value) => (high === low ? HEIGHT / 2 : 2 + ((high - value) / (high - low)) * (HEIGHT - 4)).toFixed(1);
  const x = (/** @type {number} */ index) => ((index / (points.length - 1)) * WIDTH).toFixed(1);
  const svg = document.createElementNS(SVG, "svg");
  for (const [attribute, value] of Object.entries({ viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, class: "spark", "aria-hidden": "true" })) svg.setAttribute(attribute, String(value));
  const zero = document.createElementNS(SVG, "path");
  zero.setAttribute("d", `M0 ${y(0)}H${WIDTH}`);
  zero.setAttribute("class", "zero");
  const path = document.createElementNS(SVG, "polyline");
  path.setAttribute("points", points.map((value, index) => `${x(index)},${y(value)}`).join(" "));
  svg.append(zero, path);
  return svg;
}

/**
 * Asks for what is in sight and not known yet, one after the other, until all is or the requests are needed elsewhere.
 * @param {import("./views/index.js").View} view
 * @param {{inSight: () => any[], repaint: () => void}} table
 */
export async function loadSparks(view, table) {
  if (view.id !== "spreads" || running || without || Date.now() - lastRun < 2000) return;
  running = true;
  try {
    await pause(1200); // the rows first
    for (;;) {
      const row = get().view === "spreads" && !document.hidden ? table.inSight().find((one) => one?.short && !known.has(name(one))) : undefined;
      if (!row || (requestsLeft() ?? 60) < KEEP_FREE) break;
      known.set(name(row), await settledSpread(row));
      table.repaint();
      await pause(PAUSE);
    }
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) without = true;
    else if (!(error instanceof ApiError)) throw error;
  } finally {
    running = false;
    lastRun = Date.now();
  }
}

/** @param {any} row @returns {Promise<number[]>} */
async function settledSpread(row) {
  const { body } = await ask(url(`/api/funding/history/${encodeURIComponent(row.asset)}`, {
    exchange: [row.short.exchange, row.long.exchange], resolution: "1d",
    start: Math.floor(now() / DAY - DAYS) * DAY, fields: "exchange,symbol,start_time,funding_rate_sum_pct",
  }));
  const days = new Map();
  for (const point of body.rows) {
    const sign = point.exchange === row.short.exchange && point.symbol === row.short.symbol ? 1 : point.exchange === row.long.exchange && point.symbol === row.long.symbol ? -1 : 0;
    if (!sign) continue;
    const day = days.get(point.start_time) ?? { sum: 0, sides: 0 };
    days.set(point.start_time, { sum: day.sum + sign * point.funding_rate_sum_pct, sides: day.sides + 1 });
  }
  return [...days].filter(([, day]) => day.sides === 2).sort(([a], [b]) => a - b).map(([, day]) => day.sum);
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}
