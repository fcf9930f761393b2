/**
 * Exchanges: how each stands, in words.
 * @module
 */

import { url } from "../api.js";
import { countOf, figure, since, text } from "../columns.js";
import { searcher } from "../filters.js";
import { count } from "../format.js";
import { sortIn } from "../sort.js";

/** A state as it is called and what it means, the worst first. @type {Record<string, [string, string]>} */
const STATES = {
  banned: ["banned", "The exchange has banned this server for a while"],
  blocked: ["blocked", "The exchange refuses this server for where it stands"],
  never: ["no data yet", "No good run yet"],
  stale: ["stale", "The last good run is too long ago, or gave old figures alone"],
  failing: ["failing", "The last run failed; the rows are still fresh"],
  ok: ["ok", "The last run was good"],
};

/** @param {any} row of `/api/exchanges` or of `/api/health` @returns {number} the smaller, the worse it stands */
export function standing(row) {
  return Object.keys(STATES).indexOf(row.status);
}

/** @param {any} row @returns {import("../table.js").Cell} */
export function status(row) {
  const [word, meaning] = STATES[row.status] ?? [row.status, ""];
  return { text: word, cls: `tag tag-${row.status}`, title: meaning };
}

/** @param {any} row @returns {number|null} */
function badRows(row) {
  return row.skipped ? Object.values(row.skipped).reduce((sum, number) => sum + Number(number), 0) : null;
}

/** @param {any} row */
function reasons(row) {
  return Object.entries(row.skipped ?? {}).map(([why, number]) => `${count(Number(number))} × ${why}`).join("\n");
}

/** @param {string} id @param {string} title @param {(row: any) => any} get */
const feeOf = (id, title, get) =>
  figure(id, title, get, (value) => `${value}%`, { width: 88, hint: "Base tier, per fill", why: "Not known, so no pair is made here unless fees are left out" });

function columns() {
  return [
    text("name", "Exchange", (row) => row.title ?? row.exchange, { width: 196 }),
    { id: "state", title: "State", width: 104, first: true, sort: standing, cell: status },
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
      ...text("error", "Last error", (row) => row.last_error, { width: 330 }),
      cell: (/** @type {any} */ row) => (row.last_error ? { text: row.last_error, cls: row.consecutive_failures ? "warn" : "quiet", title: `${row.last_error_kind ?? "error"}: ${row.last_error}` } : { text: "none", cls: "quiet" }),
    },
    since("error_at", "Error age", (row) => row.last_error_at, { why: "No error yet" }),
    feeOf("taker", "Taker fee", (row) => row.fees?.taker_pct),
    feeOf("maker", "Maker fee", (row) => row.fees?.maker_pct),
    text("kind", "Kind", (row) => row.kind, { width: 64 }),
    text("id", "Id", (row) => row.exchange, { width: 116, hint: "As the API and the filters call it" }),
    figure("plan", "Calls a cycle", (row) => row.calls_per_cycle, (value) => count(value), { width: 104 }),
    text("budget", "Budget", (row) => row.budget, { width: 180, hint: "What the exchange allows" }),
  ];
}

/** The column that is sorted by → what the API calls it. It has no order of states. */
const FIELDS = {
  name: "title", age: "age_seconds", contracts: "contracts", calls: "calls", took: "fetch_seconds", failures: "consecutive_failures",
  error: "last_error", error_at: "-last_error_at", kind: "kind", id: "exchange", plan: "calls_per_cycle", budget: "budget",
};

/** @type {import("./index.js").View} */
export const exchanges = {
  id: "exchanges",
  title: "Exchanges",
  things: "exchanges",
  order: ["state", "name"],
  filters: [],
  searched: "exchange",
  addresses: () => [url("/api/exchanges", { limit: 1000 })],
  rows: ([body]) => body.rows,
  columns,
  key: (row) => row.exchange,
  asset: () => null,
  matches(state) {
    const finds = searcher(state.q);
    return (row) => !state.q || finds([row.exchange, row.title]);
  },
  csv: (state) => url("/api/exchanges", { limit: 1000, sort: sortIn(FIELDS, state.sort), format: "csv" }),
  open: (row, set) => set({ view: "contracts", exchange: [row.exchange], sort: [], q: "" }, { push: true }),
};
