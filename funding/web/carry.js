/**
 * The carry calculator: what a pair pays if it is entered now and held, settlement by settlement. The API reckons.
 * @module
 */

import { ApiError, ask, url } from "./api.js";
import { now } from "./clock.js";
import { exchangeOf, isSound, nameOf } from "./contract.js";
import { copyFrom, make, setAttribute, setText } from "./dom.js";
import { MISSING, duration, money, percent, utc } from "./format.js";
import { curl } from "./snippets.js";
import { DEFAULTS, set } from "./state.js";
import { step } from "./units.js";

/** @typedef {import("./state.js").State} State */

const TYPING = 400; // ms that somebody may go on typing
const KEPT = 60_000; // ms; the rates go on meanwhile
const FIGURES = 5; // columns of the ledger before its figures

export function createCarry() {
  const shortOf = select("short", "Short");
  const longOf = select("long", "Long");
  const hours = field("hours", "Hours");
  const notional = field("notional", "Notional $");
  const fee = field("fee", "Own taker fee %", "the exchanges'");
  const result = make("div", { class: "carry-result", role: "status" });
  const ledger = make("details", { class: "ledger" }, make("summary", { text: "Ledger" }), make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Ledger" }, make("table")));
  const copy = make("button", { type: "button", text: "Copy as curl", click: () => copyFrom(copy, curl(asked)) });
  const form = make("form", { class: "carry-form", change: changed, input: changed, submit: (/** @type {Event} */ event) => event.preventDefault() },
    shortOf.label, longOf.label, hours.label, notional.label, fee.label);
  const node = make("section", { class: "carry" }, make("div", { class: "section-head" }, make("h3", { text: "Carry" }), make("span", { class: "hint", text: "Entered now; each settlement at the current rate" }), copy), form, result, ledger);

  let asked = "";
  let askedAt = 0;
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let typing;
  /** @type {AbortController|null} */
  let under = null;

  /** @param {Event} event */
  function changed(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    clearTimeout(typing);
    typing = setTimeout(() => {
      const isNumber = typeof DEFAULTS[/** @type {keyof State} */ (input.name)] === "number";
      const wrong = input.type !== "select-one" && input.value !== "" && !(Number(input.value) > 0 || (input.name === "fee" && Number(input.value) >= 0));
      setAttribute(input, "aria-invalid", wrong ? "true" : null);
      if (!wrong) set({ [input.name]: isNumber ? Number(input.value) || DEFAULTS[/** @type {keyof State} */ (input.name)] : input.value });
    }, input.type === "select-one" ? 0 : TYPING);
  }

  /**
   * @param {any[]} venues by their rate, the highest first
   * @param {State} state
   */
  function draw(venues, state) {
    const names = venues.filter(isSound).map(nameOf);
    node.hidden = names.length < 2;
    if (node.hidden) return;
    const short = state.short || names[0];
    const long = state.long || names.findLast((one) => exchangeOf(one) !== exchangeOf(short)) || names[names.length - 1];
    fill(shortOf.input, names, short);
    fill(longOf.input, names, long);
    for (const [one, value] of /** @type {const} */ ([[hours, state.hours], [notional, state.notional], [fee, state.fee]]))
      if (document.activeElement !== one.input) one.input.value = String(value);
    const fees = state.fee ? [...new Set([short, long].map((one) => `${exchangeOf(one)}:${state.fee}`))] : "";
    const address = url("/api/funding/carry", { long, short, hours: state.hours, notional: state.notional, fee_pct: fees });
    if (address !== asked || Date.now() - askedAt > KEPT) load(address);
  }

  /** @param {string} address */
  async function load(address) {
    asked = address;
    askedAt = Date.now();
    under?.abort();
    const own = (under = new AbortController());
    result.setAttribute("aria-busy", "true");
    try {
      const { body } = await ask(address, { signal: own.signal });
      show(body);
    } catch (error) {
      if (own.signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      ledger.hidden = true;
      result.replaceChildren(make("p", { class: "note", text: error.words }));
    } finally {
      if (under === own) result.removeAttribute("aria-busy");
    }
  }

  /** @param {any} body */
  function show(body) {
    const facts = [
      { name: "Funding", figure: money(body.funding_amount), more: percent(body.funding_pct, 4) },
      { name: "Fees", figure: money(body.fees_amount), more: percent(body.fees_pct, 4) },
      { name: "Net", figure: money(body.net_amount), more: percent(body.net_pct, 4), cls: `rate ${step(body.net_annualized_pct)}` },
      { name: "Net a year", figure: percent(body.net_annualized_pct, 2) },
    ];
    result.replaceChildren(
      make("dl", {}, ...facts.map(fact)),
      ...body.notices.map((/** @type {string} */ notice) => make("p", { class: "note", text: notice })));
    ledger.hidden = false;
    setText(/** @type {Node} */ (ledger.querySelector("summary")), `Ledger, ${body.ledger.length} entries`);
    ledger.querySelector("table")?.replaceChildren(
      make("thead", {}, make("tr", {}, ...["When", "In", "Leg", "Contract", "What", "Rate", "Amount"].map((title, at) => make("th", { scope: "col", class: at >= FIGURES ? "number" : null, text: title })))),
      make("tbody", {}, ...body.ledger.map(entry)));
  }

  return { node, draw };
}

/** @param {any} one of the ledger */
function entry(one) {
  const rate = one.funding_rate === null ? MISSING : `${percent(one.funding_rate * 100, 4)}`;
  const cells = [utc(one.paid_at), duration(one.paid_at - now()), one.leg, `${one.exchange} ${one.symbol}`, one.what, rate, one.amount === null ? MISSING : `${money(one.amount).replace("$", "")} ${one.quote}`];
  return make("tr", {}, ...cells.map((text, at) => make("td", { class: at >= FIGURES ? "number" : null, text })));
}

/** @param {{name: string, figure: string, more?: string, cls?: string}} one */
function fact({ name, figure, more = "", cls }) {
  return make("div", {}, make("dt", { text: name }), make("dd", { class: cls }, make("b", { text: figure }), ` ${more}`));
}

/** @param {string} name @param {string} title */
function select(name, title) {
  const input = /** @type {HTMLSelectElement} */ (make("select", { name }));
  return { input, label: make("label", {}, make("span", { text: title }), input) };
}

/** @param {string} name @param {string} title @param {string} [hint] */
function field(name, title, hint = "") {
  const input = /** @type {HTMLInputElement} */ (make("input", { name, type: "text", inputmode: "decimal", placeholder: hint, autocomplete: "off" }));
  return { input, label: make("label", {}, make("span", { text: title }), input) };
}

/** @param {HTMLSelectElement} input @param {string[]} names @param {string} chosen */
function fill(input, names, chosen) {
  const all = names.includes(chosen) ? names : [...names, chosen];
  if (all.join() !== [...input.options].map((option) => option.value).join()) input.replaceChildren(...all.map((name) => make("option", { value: name, text: name })));
  if (input.value !== chosen) input.value = chosen;
}
