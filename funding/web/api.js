/**
 * Asks the API. The only module that does: every figure of the page came through here, so a client can get it too.
 * An answer that says 429 holds back all requests until the moment that it names.
 * @module
 */

import { learn } from "./clock.js";

const KEY = "api-key";

/** What the API refused, or that it could not be reached (status 0). */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {string} detail
   * @param {{requestId?: string, retryAt?: number}} [more] retryAt in ms of the page's clock
   */
  constructor(status, detail, { requestId = "", retryAt = 0 } = {}) {
    super(detail);
    this.status = status;
    this.requestId = requestId;
    this.retryAt = retryAt;
  }

  /** The message, and what a report of it should name. */
  get words() {
    return this.message + (this.requestId ? ` Request id ${this.requestId}.` : "");
  }
}

let heldUntil = 0;

/**
 * The address of a path with its parameters; empty ones are left out.
 * @param {string} path
 * @param {Record<string, string|number|string[]|null|undefined>} [parameters]
 * @returns {string}
 */
export function url(path, parameters = {}) {
  const parts = Object.entries(parameters)
    .filter(([, value]) => value !== null && value !== undefined && String(value) !== "")
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value)).replace(/%2C/g, ",").replace(/%3A/g, ":")}`);
  return parts.length ? `${path}?${parts.join("&")}` : path;
}

/**
 * @typedef {{body: any, tag: string|null, unchanged: boolean}} Got `body` is null where it is `unchanged`
 */

/**
 * The answer's JSON. `tag` of an earlier answer spares reading the same bytes again. Raises ApiError.
 * @param {string} address
 * @param {{tag?: string|null, signal?: AbortSignal, accept?: number[]}} [how] accept: statuses other than 2xx with a body of use
 * @returns {Promise<Got>}
 */
export async function ask(address, { tag = null, signal, accept = [] } = {}) {
  if (Date.now() < heldUntil) throw new ApiError(429, "Waiting, as the server asked.", { retryAt: heldUntil });
  const answer = await request(address, signal);
  learn(answer.headers.get("Date"));
  if (!answer.ok && !accept.includes(answer.status)) throw await refusal(answer);
  const etag = answer.headers.get("ETag");
  if (etag && etag === tag) {
    await answer.body?.cancel();
    return { body: null, tag: etag, unchanged: true };
  }
  return { body: await content(answer, signal), tag: etag, unchanged: false };
}

/**
 * @param {string} address
 * @param {AbortSignal} [signal]
 */
async function request(address, signal) {
  const key = apiKey();
  try {
    // no-cache: the browser asks whether its copy still holds, and is answered 304 where it does
    return await fetch(address, { cache: "no-cache", signal, headers: key ? { "X-API-Key": key } : {} });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, navigator.onLine ? "The server does not answer." : "No network.");
  }
}

/**
 * @param {Response} answer
 * @param {AbortSignal} [signal]
 */
async function content(answer, signal) {
  try {
    return await answer.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "The answer broke off.");
  }
}

/** @param {Response} answer */
async function refusal(answer) {
  const problem = await answer.json().catch(() => ({}));
  const seconds = Number(answer.headers.get("Retry-After") ?? 0);
  const retryAt = seconds > 0 ? Date.now() + seconds * 1000 : 0;
  if (answer.status === 429) heldUntil = retryAt || Date.now() + 10_000;
  return new ApiError(answer.status, problem.detail ?? `The server answered ${answer.status}.`, {
    requestId: problem.request_id ?? answer.headers.get("X-Request-Id") ?? "",
    retryAt: answer.status === 429 ? heldUntil : retryAt,
  });
}

/** @returns {string} */
export function apiKey() {
  try {
    return localStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} key empty: forgotten */
export function keepKey(key) {
  try {
    if (key) localStorage.setItem(KEY, key);
    else localStorage.removeItem(KEY);
  } catch {
    // storage is switched off: it is asked for again
  }
}
