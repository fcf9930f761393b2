/**
 * The settled history of an asset, and what is drawn of it. Pages until there is no more.
 * @module
 */

import { ask, url } from "./api.js";
import { now } from "./clock.js";
import { nameOf } from "./contract.js";
import { rateIn, yearlyIn } from "./units.js";

const DAY = 86400;
const PAGE = 10_000;
const MOST_PAGES = 8;

/** @typedef {{exchange: string, symbol: string, funding_time: number, funding_rate_pct: number, annualized_pct: number|null, funding_interval_hours: number|null}} Point */

/**
 * @param {string} asset
 * @param {number} days
 * @param {string[]} exchanges only these
 * @returns {string}
 */
export function historyAddress(asset, days, exchanges) {
  return url(`/api/funding/history/${encodeURIComponent(asset)}`, {
    exchange: exchanges, start: Math.floor(now() / 3600) * 3600 - days * DAY, limit: PAGE,
  });
}

/**
 * Contract ("exchange:symbol") → its points, oldest first. Raises ApiError.
 * @param {string} address
 * @param {AbortSignal} signal
 * @returns {Promise<Map<string, Point[]>>}
 */
export async function loadHistory(address, signal) {
  /** @type {Map<string, Point[]>} */
  const found = new Map();
  let next = address;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { body } = await ask(next, { signal });
    for (const point of body.rows) {
      const name = nameOf(point);
      const points = found.get(name);
      if (points) points.push(point);
      else found.set(name, [point]);
    }
    if (!body.next_cursor) break;
    next = `${address}&cursor=${encodeURIComponent(body.next_cursor)}`;
  }
  return found;
}

/**
 * The columns of a chart: the times, then a column of values for each contract, null where it has no settlement.
 * Of exactly two contracts, the spread too: first less second, each as it stood by its last settlement.
 * @param {Map<string, Point[]>} history
 * @param {string[]} names
 * @param {import("./units.js").Unit} unit
 * @returns {{names: string[], data: (number|null)[][]}}
 */
export function chartData(history, names, unit) {
  const times = [...new Set(names.flatMap((name) => (history.get(name) ?? []).map((point) => point.funding_time)))].sort((a, b) => a - b);
  const values = names.map((name) => {
    const byTime = new Map((history.get(name) ?? []).map((point) => [point.funding_time, rateIn(point, unit)]));
    return times.map((time) => byTime.get(time) ?? null);
  });
  if (names.length !== 2) return { names, data: [times, ...values] };
  const yearly = names.map((name) => carried(times, history.get(name) ?? []));
  const spread = times.map((_, at) => (yearly[0][at] === null || yearly[1][at] === null ? null : yearlyIn(yearly[0][at] - yearly[1][at], unit)));
  return { names: [...names, "spread"], data: [times, ...values, spread] };
}

/**
 * The yearly rate in force at each time: that of the settlement which ends the period the time lies in.
 * @param {number[]} times
 * @param {Point[]} points
 * @returns {(number|null)[]}
 */
function carried(times, points) {
  let at = 0;
  return times.map((time) => {
    while (at < points.length && points[at].funding_time < time) at += 1;
    return points[at]?.annualized_pct ?? null;
  });
}

/**
 * What is drawn, as CSV: times in ISO 8601, one column a line.
 * @param {string[]} names
 * @param {(number|null)[][]} data
 * @param {number} from
 * @param {number} to
 * @param {string} unit
 * @returns {string}
 */
export function asCsv(names, data, from, to, unit) {
  const lines = [["time", ...names.map((name) => `${name} %/${unit}`)].map(quoted).join(",")];
  for (const [at, time] of data[0].entries()) {
    if (time === null || time < from || time > to) continue;
    lines.push([new Date(time * 1000).toISOString(), ...data.slice(1).map((column) => column[at] ?? "")].join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** @param {string} text */
function quoted(text) {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
