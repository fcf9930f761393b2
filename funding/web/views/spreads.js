/**
 * Spreads: which pairs pay. The API makes the pairs, so the filters go to it; the search chooses among what it gave, so
 * that it answers at once.
 * @module
 */

import { url } from "../api.js";
import { coin, dollarsOf, figure, hoursOf, percentOf, rate, since, text, until } from "../columns.js";
import { nameOf } from "../contract.js";
import { narrow } from "../dom.js";
import { searcher } from "../filters.js";
import { hours, percent, span } from "../format.js";
import { sortIn } from "../sort.js";
import { paintSpark } from "../spark.js";
import { commonUnit, rateIn, unitOf, written, yearlyIn } from "../units.js";

/** @typedef {import("../state.js").State} State */

const BEST = 250;
const ALL = 1000; // the most that the API gives; each asset is there once

/** @param {State} state */
function parameters(state) {
  return {
    limit: state.q || state.sort.length ? ALL : BEST, min_yield: state.apr || null, min_volume: state.volume || null, min_open_interest: state.oi || null,
    exchange: state.exchange, base: state.fav, quote: state.quote, kind: state.kind,
    fees: state.fees === "default" ? null : state.fees, holding_hours: state.hold === 168 ? null : state.hold,
  };
}

/** @param {"short"|"long"} side @param {import("../units.js").Unit} unit */
function leg(side, unit) {
  const title = side === "short" ? "Short" : "Long";
  const why = (/** @type {any} */ row) => `${title} ${row[side].exchange} ${row[side].symbol}, ${row[side].rate_kind}`;
  return [
    ...(narrow.matches ? [] : [text(side, title, (row) => row[side].exchange, { width: 98, hint: side === "short" ? "Where the rate is highest: shorts are paid" : "Where the rate is lowest" })]),
    rate({ id: `${side}_rate`, title: narrow.matches ? `${title} ${unit.title}` : unit.title }, (row) => rateIn(row[side], unit), (row) => row[side].annualized_pct, unit, why),
    hoursOf(`${side}_interval`, "Every", (row) => row[side].funding_interval_hours, { width: 56 }),
  ];
}

/** Both venues in one cell of a phone, so that a pair is understood before anybody swipes. @type {import("../table.js").Column} */
const venues = {
  id: "venues", title: "Pair", width: 150,
  cell: (row) => ({ text: `short ${row.short.exchange}\nlong ${row.long.exchange}`, cls: "two-lines" }),
};

/** @param {State} state */
function columns(state) {
  const unit = unitOf(state.unit);
  const shown = commonUnit(unit);
  const yearly = (/** @type {(row: any) => number} */ get) => (/** @type {any} */ row) => yearlyIn(get(row), shown);
  const net = (/** @type {any} */ row) => row.net_annualized_pct;
  const gross = (/** @type {any} */ row) => row.gross_annualized_pct;
  const netRate = rate({ id: "net", title: `Net ${shown.title}`, hint: `After fees in and out of both legs, held ${hours(state.hold)}` }, yearly(net), net, shown,
    (row) => `fees ${percent(row.fees_pct, 3)} in and out\n${written(row.net_annualized_pct, unitOf("apr"))} a year`);
  return [
    coin((row) => row.asset),
    ...(narrow.matches ? [netRate, venues] : []),
    ...leg("short", unit),
    ...leg("long", unit),
    rate({ id: "spread", plain: true, title: `Spread ${shown.title}`, hint: "Short's rate less long's, before fees" }, yearly(gross), gross, shown),
    ...(narrow.matches ? [] : [netRate]),
    figure("breakeven", "Breakeven", (row) => row.breakeven_hours, span, { width: 90, first: true, hint: "How long the spread must last to pay the fees" }),
    dollarsOf("oi", "Min OI $", (row) => row.min_open_interest_usd, { width: 80, hint: "The smaller open interest of the two" }),
    dollarsOf("volume", "Min vol $", (row) => row.min_volume_24h_usd, { width: 80, hint: "The smaller 24 h volume of the two" }),
    percentOf("gap", "Price gap", (row) => row.entry_price_gap_pct, 3, { hint: "Above 0: what is sold is the dearer, a gain when the prices meet" }),
    until("next", "Next in", (row) => soonest(row.short.next_funding_time, row.long.next_funding_time), { hint: "The next funding of either leg" }),
    { id: "spark", title: "7 d settled", width: 112, hint: "Settled spread day by day, today on the right; sorted by its sum", paint: paintSpark, sort: (/** @type {any} */ row) => row.settled_spread_7d_pct },
    since("lasts", "Lasts", (row) => row.alive_since_at, { width: 90, first: false, why: "The last settlements did not pay it, or too few are known", hint: "For how long the settled rates have paid the pair without a break" }),
  ];
}

/** The column that is sorted by → what the API calls it. The figures of one leg it has no order for. */
const FIELDS = {
  coin: "asset", spread: "gross_annualized_pct", net: "net_annualized_pct", breakeven: "breakeven_hours", oi: "min_open_interest_usd",
  volume: "min_volume_24h_usd", gap: "entry_price_gap_pct", spark: "settled_spread_7d_pct", lasts: "-alive_since_at",
};

/** @param {number|null} one @param {number|null} other */
function soonest(one, other) {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** @type {import("./index.js").View} */
export const spreads = {
  id: "spreads",
  title: "Spreads",
  things: "pairs",
  order: ["-net"],
  filters: ["exchange", "quote", "kind", "oi", "volume", "apr", "fav", "hold", "fees"],
  yields: "net APR",
  searched: "coin, symbol, exchange",
  addresses: (state) => [url("/api/funding/arb", parameters(state))],
  rows: ([body]) => body.rows,
  columns,
  key: (row) => `${nameOf(row.short)} ${nameOf(row.long)}`,
  asset: (row) => row.asset,
  matches(state) {
    const finds = searcher(state.q);
    return (row) => !state.q || finds([row.asset, row.short.exchange, row.long.exchange, row.short.symbol, row.long.symbol]);
  },
  total: ([body]) => body.total,
  notes: (state) => (state.volume ? [] : ["Pairs of which both legs trade $1M a day or more; the filters set another minimum"]),
  csv: (state) => url("/api/funding/arb", { ...parameters(state), search: state.q.trim(), sort: sortIn(FIELDS, state.sort), format: "csv" }),
};
