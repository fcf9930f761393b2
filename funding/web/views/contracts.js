/**
 * Contracts: every row of `current`. The list is asked for whole, as the API keeps it ready, and filtered here.
 * @module
 */

import { url } from "../api.js";
import { coin, dollarsOf, figure, hoursOf, percentOf, priceOf, rate, since, text, timeOf, until } from "../columns.js";
import { contractMatches } from "../filters.js";
import { unitOf, rateIn } from "../units.js";

/** @typedef {import("../state.js").State} State */

const SOURCES = {
  reported: "in the exchange's answer", documented: "a constant that the exchange documents",
  derived: "from the exchange's times", assumed: "the exchange's rule for what it leaves out",
};
const KINDS = {
  predicted: "still moving until it is charged", fixed: "set, not yet charged",
  settled: "the last one charged: the exchange publishes no other",
};

/** @param {any} row @returns {import("../table.js").Cell} how far it can be trusted */
function trust(row) {
  if (row.stale) return { text: "stale", cls: "tag tag-stale", title: row.stale_reason ?? "Not observed lately" };
  if (row.suspect) return { text: "suspect", cls: "tag tag-suspect", title: row.suspect };
  return { text: "ok", cls: "quiet", title: "Observed lately, and nothing speaks against it" };
}

/** @param {any} row */
function whyRate(row) {
  const doubts = row.stale ? `\nStale: ${row.stale_reason ?? "not observed lately"}` : row.suspect ? `\nSuspect: ${row.suspect}` : "";
  return `${row.exchange} ${row.symbol}: ${KINDS[/** @type {keyof KINDS} */ (row.rate_kind)] ?? row.rate_kind ?? ""}${doubts}`;
}

/** @param {State} state */
function columns(state) {
  const unit = unitOf(state.unit);
  const yearly = (/** @type {any} */ row) => row.annualized_pct;
  return [
    coin((row) => row.asset),
    text("exchange", "Exchange", (row) => row.exchange, { width: 104 }),
    rate({ id: "rate", width: 104, title: `Rate ${unit.title}`, hint: `Funding rate ${unit.words}; positive: longs pay shorts`, sort: (row) => rateIn(row, unit) }, (row) => rateIn(row, unit), yearly, unit, whyRate),
    hoursOf("interval", "Every", (row) => row.funding_interval_hours, { hint: "Funding interval" }),
    until("next", "Next in", (row) => row.next_funding_time),
    dollarsOf("oi", "Open int. $", (row) => row.open_interest_usd, { width: 96 }),
    dollarsOf("volume", "Vol. 24h $", (row) => row.volume_24h_usd, { width: 92 }),
    priceOf("mark", "Mark", (row) => row.mark_price),
    since("age", "Age", (row) => row.observed_at, { hint: "Since the rate was observed" }),
    { id: "trust", title: "Data", width: 84, first: true, sort: (/** @type {any} */ row) => (row.stale ? 2 : row.suspect ? 1 : 0), cell: trust },
    text("symbol", "Symbol", (row) => row.symbol, { width: 176 }),
    text("kind", "Kind", (row) => row.kind, { width: 76 }),
    text("quote", "Quote", (row) => row.quote, { width: 72 }),
    text("settle", "Settle", (row) => row.settle, { width: 72 }),
    percentOf("raw", "Raw rate", (row) => row.funding_rate_pct, 4, { hint: "Per funding interval" }),
    percentOf("apr", "APR", yearly, 2, { width: 104, hint: "Annualised, not compounded" }),
    text("rate_kind", "Rate is", (row) => row.rate_kind, { width: 92, hint: Object.entries(KINDS).map((pair) => pair.join(": ")).join("\n") }),
    percentOf("last_rate", "Last settled", (row) => (row.last_settled_rate === null ? null : row.last_settled_rate * 100), 4, { width: 100 }),
    timeOf("last_at", "Settled at", (row) => row.last_settled_at),
    percentOf("cap", "Cap", (row) => (row.funding_rate_cap === null ? null : row.funding_rate_cap * 100), 3),
    percentOf("floor", "Floor", (row) => (row.funding_rate_floor === null ? null : row.funding_rate_floor * 100), 3),
    text("at_cap", "At cap", (row) => (row.at_cap === null ? null : row.at_cap ? "yes" : "no"), { width: 72 }),
    priceOf("index", "Index", (row) => row.index_price),
    text("unified", "Unified symbol", (row) => row.unified_symbol, { width: 184 }),
    text("class", "Class", (row) => row.asset_class, { width: 84 }),
    text("base", "Base", (row) => row.base, { width: 104 }),
    figure("multiplier", "Tokens", (row) => row.multiplier, (value) => String(value), { width: 84, hint: "Tokens that one unit of the base stands for" }),
    text("interval_source", "Interval is", (row) => row.interval_source, { width: 104, hint: Object.entries(SOURCES).map((pair) => pair.join(": ")).join("\n") }),
    text("next_source", "Next is", (row) => row.next_funding_source, { width: 92 }),
    timeOf("due", "Next at", (row) => row.next_funding_time),
    timeOf("stamp", "Venue's stamp", (row) => row.exchange_at),
  ];
}

/** The column a sort is by → the API's field. */
const FIELDS = { rate: "", coin: "asset", exchange: "exchange", apr: "annualized_pct", raw: "funding_rate_pct", oi: "open_interest_usd", volume: "volume_24h_usd", interval: "funding_interval_hours", next: "next_funding_time", mark: "mark_price", symbol: "symbol" };

/**
 * The same rows as CSV, as far as the API's parameters say it.
 * @param {State} state
 */
function csv(state) {
  const { field } = unitOf(state.unit);
  const order = (state.sort.length ? state.sort : ["-rate"]).flatMap((one) => {
    const name = one.replace("-", "") === "rate" ? field : FIELDS[/** @type {keyof FIELDS} */ (one.replace("-", ""))];
    return name ? [(one.startsWith("-") ? "-" : "") + name] : [];
  });
  return url("/api/funding/current", {
    exchange: state.exchange, base: state.fav, quote: state.quote, kind: state.kind, interval_hours: state.interval,
    min_open_interest: state.oi || null, min_volume: state.volume || null, stale: state.fresh ? "exclude" : null,
    sort: order,
    fields: `exchange,symbol,asset,${field},funding_interval_hours,next_funding_time,open_interest_usd,volume_24h_usd,mark_price,observed_at,stale,suspect`,
    format: "csv",
  });
}

/** @type {import("./index.js").View} */
export const contracts = {
  id: "contracts",
  title: "Contracts",
  things: "contracts",
  order: ["-rate"],
  addresses: () => ["/api/funding/current"],
  rows: ([body]) => body.rows,
  columns,
  key: (row) => `${row.exchange}:${row.symbol}`,
  asset: (row) => row.asset,
  matches: contractMatches,
  csv,
};
