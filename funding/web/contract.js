/**
 * A contract as the page speaks of it: its name, whether it can be relied on, its page at the exchange.
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

/** What a pattern names as a part of its path: it is then the page of such contracts alone. */
const OF_SOME = /\/(usdt|usdc|usd|linear|inverse)[/_]/i;

/**
 * Where the contract is traded: a pattern of `/api/exchanges`, such as https://www.okx.com/trade-swap/{symbol_lower},
 * filled in. Null where the exchange has none, or none for this kind of contract.
 * @param {string|null|undefined} pattern
 * @param {{symbol: string, base: string, quote: string, kind: string}} row
 * @returns {string|null}
 */
export function pageOf(pattern, row) {
  if (!pattern?.startsWith("https://")) return null;
  const some = OF_SOME.exec(pattern)?.[1].toLowerCase();
  if (some && some !== row.quote.toLowerCase() && some !== row.kind) return null;
  const { symbol, base, quote } = row;
  /** @type {Record<string, string>} */
  const words = {
    symbol, base, quote, symbol_lower: symbol.toLowerCase(), symbol_hyphens: symbol.replaceAll("_", "-"),
    symbol_without_t: symbol.replace(/^t/, ""),
  };
  const names = [...pattern.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  if (!names.every((name) => name in words)) return null;
  return pattern.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(words[name]).replaceAll("%3A", ":"));
}
