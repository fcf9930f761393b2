/**
 * A contract as the page speaks of it: its name, and whether it can be relied on.
 * @module
 */

/** @param {{exchange: string, symbol: string}} row @returns {string} "okx:BTC-USDT-SWAP", as the API's parameters take it */
export function nameOf(row) {
  return `${row.exchange}:${row.symbol}`;
}

/** @param {string} name a symbol may hold colons itself @returns {string} */
export function exchangeOf(name) {
  return name.slice(0, name.indexOf(":"));
}

/** @param {any} row of `current` @returns {boolean} whether it may be one of a pair */
export function isSound(row) {
  return !row.stale && !row.suspect && row.annualized_pct !== null;
}
