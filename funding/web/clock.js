/**
 * The server's time, as far as it can be told from the Date of its answers: ages and countdowns are reckoned by it, so
 * they hold where the reader's clock is wrong.
 * @module
 */

let ahead = 0; // ms that the server's clock is before ours
const SAME = 2500; // ms; the header counts whole seconds and the way takes time

/** @returns {number} Unix seconds */
export function now() {
  return (Date.now() + ahead) / 1000;
}

/** @param {string|null} date an answer's header */
export function learn(date) {
  const told = Date.parse(date ?? "");
  if (Number.isNaN(told)) return;
  const difference = told - Date.now();
  ahead = Math.abs(difference) < SAME ? 0 : difference;
}
