/**
 * Asks for the same again and again, and says what came or why not. Rests while the page is hidden or offline, waits
 * longer after each failure, and exactly as long as a 429 or 503 says.
 * @module
 */

import { ApiError, ask } from "./api.js";

const LONGEST_WAIT = 60;

/**
 * @typedef {object} Listener
 * @property {() => string[]} addresses what one answer is made of
 * @property {() => number} seconds from one answer to the next question
 * @property {(bodies: any[]) => void} got a new answer, a body for each address; not called where nothing has changed
 * @property {(error: ApiError) => void} failed
 * @property {(busy: boolean) => void} [asking]
 * @property {() => void} [answered] every answer, a changed one or not
 * @property {number[]} [accept] statuses with a body of use besides 2xx
 */

/** @param {Listener} on */
export function createFeed(on) {
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  /** @type {AbortController|null} */
  let under = null;
  /** The last answers, in the order of the addresses. @type {{tag: string|null, body: any}[]} */
  let last = [];
  let asked = "";
  let failures = 0;
  let lastAt = 0;

  async function once() {
    clearTimeout(timer);
    const addresses = on.addresses();
    if (document.hidden || !addresses.length) return;
    if (addresses.join(" ") !== asked) last = [];
    asked = addresses.join(" ");
    under?.abort();
    const own = (under = new AbortController());
    on.asking?.(true);
    try {
      const answers = await Promise.all(addresses.map((one, at) => ask(one, { tag: last[at]?.tag, signal: own.signal, accept: on.accept })));
      failures = 0;
      lastAt = Date.now();
      last = answers.map((answer, at) => (answer.unchanged ? last[at] : answer));
      on.answered?.();
      if (!answers.every((answer) => answer.unchanged)) on.got(last.map((one) => one.body));
      later(on.seconds());
    } catch (error) {
      if (own.signal.aborted) return;
      const refused = error instanceof ApiError ? error : new ApiError(0, "The answer could not be read.");
      if (!(error instanceof ApiError)) console.error(error);
      failures += 1;
      on.failed(refused);
      if (refused.status !== 401) later(wait(refused));
    } finally {
      if (under === own) on.asking?.(false);
    }
  }

  /** @param {ApiError} error @returns {number} seconds */
  function wait(error) {
    if (error.retryAt) return Math.max(0.2, (error.retryAt - Date.now()) / 1000);
    return Math.min(LONGEST_WAIT, on.seconds() * 2 ** (failures - 1));
  }

  /** @param {number} seconds */
  function later(seconds) {
    clearTimeout(timer);
    timer = setTimeout(once, seconds * 1000);
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - lastAt > on.seconds() * 1000) once();
  });
  window.addEventListener("online", once);

  return {
    now: once,
    /** What came before is not what is wanted any more: the next answer counts as new. */
    forget() {
      last = [];
    },
    stop() {
      clearTimeout(timer);
      under?.abort();
    },
  };
}
