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
   * @param {{requestId?: string, retryAt?: number, path?: string}} [more] retryAt in ms of the page's clock
   */
  constructor(status, detail, { requestId = "", retryAt = 0, path = "" } = {}) {
    super(detail);
    this.status = status;
    this.requestId = requestId;
    this.retryAt = retryAt;
    this.path = path;
  }
}

let heldUntil = 0;
/** Requests that remain in this minute, as the last answer said; null before the first. @type {number|null} */
let remaining = null;

/** @returns {number|null} */
export function requestsLeft() {
  return remaining;
}

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
  if (Date.now() < heldUntil) throw new ApiError(429, "Waiting, as the server asked.", { retryAt: heldUntil, path: address });
  const answer = await request(address, signal);
  learn(answer.headers.get("Date"));
  const left = answer.headers.get("X-RateLimit-Remaining");
  if (left !== null) remaining = Number(left);
  if (!answer.ok && !accept.includes(answer.status)) throw await refusal(answer, address);
  const etag = answer.headers.get("ETag");
  if (etag && etag === tag) {
    await answer.body?.cancel();
    return { body: null, tag: etag, unchanged: true };
  }
  return { body: await content(answer, address, signal), tag: etag, unchanged: false };
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
    throw new ApiError(0, navigator.onLine ? "The server does not answer." : "No network.", { path: address });
  }
}

/**
 * @param {Response} answer
 * @param {string} address
 * @param {AbortSignal} [signal]
 */
async function content(answer, address, signal) {
  try {
    return await answer.json();
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, "The answer broke off.", { path: address });
  }
}

/**
 * @param {Response} answer
 * @param {string} address
 */
async function refusal(answer, address) {
  const problem = await answer.json().catch(() => ({}));
  const seconds = Number(answer.headers.get("Retry-After") ?? 0);
  const retryAt = seconds > 0 ? Date.now() + seconds * 1000 : 0;
  if (answer.status === 429) heldUntil = retryAt || Date.now() + 10_000;
  return new ApiError(answer.status, problem.detail ?? `The server answered ${answer.status}.`, {
    requestId: problem.request_id ?? answer.headers.get("X-Request-Id") ?? "",
    retryAt: answer.status === 429 ? heldUntil : retryAt,
    path: address,
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
