/**
 * Exchanges: how each stands, in words.
 * @module
 */

import { url } from "../api.js";
import { countOf, figure, since, text } from "../columns.js";
import { searcher } from "../filters.js";
import { count } from "../format.js";

/** The worst first. */
const STATES = {
  banned: "banned", blocked: "blocked", never: "no data yet", stale: "stale", failing: "failing", ok: "ok",
};
const ORDER = Object.keys(STATES);

/** @param {any} row @returns {import("../table.js").Cell} */
function status(row) {
  const words = {
    banned: "The exchange has banned this server for a while", blocked: "The exchange refuses this server for where it stands",
    never: "No good run yet", stale: "The last good run is too long ago", failing: "The last run failed; the rows are still fresh",
    ok: "The last run was good",
  };
  const id = /** @type {keyof STATES} */ (row.status);
  return { text: STATES[id] ?? id, cls: `tag tag-${id}`, title: words[id] };
}

/** @param {any} row @returns {number|null} */
function badRows(row) {
  return row.skipped ? Object.values(row.skipped).reduce((sum, number) => sum + Number(number), 0) : null;
}

/** @param {any} row */
function reasons(row) {
  return Object.entries(row.skipped ?? {}).map(([why, number]) => `${count(Number(number))} × ${why}`).join("\n");
}

function columns() {
  return [
    text("name", "Exchange", (row) => row.title ?? row.exchange, { width: 176 }),
    { id: "state", title: "State", width: 104, first: true, sort: (/** @type {any} */ row) => ORDER.indexOf(row.status), cell: status },
    since("age", "Age", (row) => row.last_success_at, { hint: "Since the last good run" }),
    countOf("contracts", "Contracts", (row) => row.contracts),
    figure("calls", "Calls", (row) => row.calls, (value) => count(value), { width: 72, hint: "Requests of the last run" }),
    {
      ...countOf("bad", "Bad rows", badRows, { hint: "Rows that could not be read in the last run" }),
      cell: (/** @type {any} */ row) => ({ text: badRows(row) === null ? "–" : count(badRows(row) ?? 0), cls: badRows(row) ? "warn" : "quiet", title: reasons(row) }),
    },
    figure("took", "Took", (row) => row.fetch_seconds, (value) => `${value.toFixed(1)} s`, { width: 76 }),
    countOf("failures", "Failures", (row) => row.consecutive_failures, { hint: "Runs that failed one after another" }),
    {
      ...text("error", "Last error", (row) => row.last_error, { width: 420 }),
      cell: (/** @type {any} */ row) => (row.last_error ? { text: row.last_error, cls: row.consecutive_failures ? "warn" : "quiet", title: `${row.last_error_kind ?? "error"}: ${row.last_error}` } : { text: "none", cls: "quiet" }),
    },
    since("error_at", "Error age", (row) => row.last_error_at),
    text("kind", "Kind", (row) => row.kind, { width: 64 }),
    figure("plan", "Calls a cycle", (row) => row.calls_per_cycle, (value) => count(value), { width: 104 }),
    text("budget", "Budget", (row) => row.budget, { width: 180, hint: "What the exchange allows" }),
  ];
}

/** @type {import("./index.js").View} */
export const exchanges = {
  id: "exchanges",
  title: "Exchanges",
  things: "exchanges",
  order: ["state", "name"],
  unfiltered: true,
  addresses: () => [url("/api/exchanges", { limit: 1000 })],
  rows: ([body]) => body.rows,
  columns,
  key: (row) => row.exchange,
  asset: () => null,
  matches(state) {
    const finds = searcher(state.q);
    return (row) => !state.q || finds([row.exchange, row.title]);
  },
  csv: () => url("/api/exchanges", { format: "csv" }),
  open: (row, set) => set({ view: "contracts", exchange: [row.exchange], sort: [], q: "" }, { push: true }),
};
