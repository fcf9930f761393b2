/**
 * Contracts: every row of `current`. The list is asked for whole, as the API keeps it ready, and filtered here.
 * @module
 */

import { url } from "../api.js";
import { coin, dollarsOf, figure, hoursOf, percentOf, priceOf, rate, since, text, timeOf, trust, until } from "../columns.js";
import { nameOf } from "../contract.js";
import { contractMatches } from "../filters.js";
import { sortIn } from "../sort.js";
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
const ORDER = ["-rate"];

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
    trust,
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

/** The column that is sorted by → what the API calls it. Trust: it knows stale rows, but not how they compare to suspect ones. */
const FIELDS = {
  coin: "asset", exchange: "exchange", interval: "funding_interval_hours", next: "next_funding_time", oi: "open_interest_usd",
  volume: "volume_24h_usd", mark: "mark_price", age: "age_seconds", trust: "stale", symbol: "symbol", kind: "kind", quote: "quote",
  settle: "settle", raw: "funding_rate_pct", apr: "annualized_pct", rate_kind: "rate_kind", last_rate: "last_settled_rate",
  last_at: "last_settled_at", cap: "funding_rate_cap", floor: "funding_rate_floor", at_cap: "at_cap", index: "index_price",
  unified: "unified_symbol", class: "asset_class", base: "base", multiplier: "multiplier", interval_source: "interval_source",
  next_source: "next_funding_source", due: "next_funding_time", stamp: "exchange_at",
};

/** @param {State} state */
function csv(state) {
  const { field } = unitOf(state.unit);
  return url("/api/funding/current", {
    search: state.q.trim(), exchange: state.exchange, base: state.fav, quote: state.quote, kind: state.kind,
    interval_hours: state.interval, min_open_interest: state.oi || null, min_volume: state.volume || null,
    min_annualized: state.apr || null, stale: state.fresh ? "exclude" : null, suspect: state.fresh ? "exclude" : null,
    sort: sortIn({ ...FIELDS, rate: field }, state.sort.length ? state.sort : ORDER),
    fields: `exchange,symbol,asset,${field},funding_interval_hours,next_funding_time,open_interest_usd,volume_24h_usd,mark_price,observed_at,stale,suspect`,
    format: "csv",
  });
}

/** @type {import("./index.js").View} */
export const contracts = {
  id: "contracts",
  title: "Contracts",
  things: "contracts",
  order: ORDER,
  filters: ["exchange", "quote", "kind", "interval", "oi", "volume", "apr", "fresh", "fav"],
  yields: "|APR|",
  searched: "coin, symbol, exchange",
  addresses: () => ["/api/funding/current"],
  rows: ([body]) => body.rows,
  columns,
  key: nameOf,
  asset: (row) => row.asset,
  matches: contractMatches,
  csv,
};
