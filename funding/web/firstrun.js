/**
 * The first round of collecting: how many exchanges have answered, and whether more are still coming in. One that never
 * answers must not make it last for ever.
 * @module
 */

const PATIENCE = 90_000; // ms without another exchange, after which it is no first round any more

let done = -1;
let all = 0;
let changedAt = 0;

/** @param {any} health body of /api/health */
export function learn(health) {
  all = health.exchanges.length;
  const now = health.exchanges.filter((/** @type {any} */ one) => one.status !== "never").length;
  if (now !== done) changedAt = Date.now();
  done = now;
}

/** @returns {{done: number, all: number, going: boolean}} */
export function firstRun() {
  return { done: Math.max(0, done), all, going: all > 0 && done < all && Date.now() - changedAt < PATIENCE };
}
