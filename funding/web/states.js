/**
 * What is said when there is nothing to show, or not what there should be: loading, first run, empty, stale, offline,
 * refused, held back. A panel stands in the table's place, a banner over it while old rows still show; neither moves
 * the page.
 * @module
 */

import { byId, make, setAttribute, setText } from "./dom.js";
import { chips } from "./filters.js";
import { firstRun } from "./firstrun.js";
import { duration } from "./format.js";
import { get } from "./state.js";

/** @typedef {import("./api.js").ApiError} ApiError */
/** @typedef {import("./views/index.js").View} View */

/** @param {{retry: () => void, forgetFilters: () => void, askKey: () => void}} on */
export function createStates(on) {
  const panel = byId("panel");
  const banner = byId("banner");
  /** @type {ApiError|null} */
  let error = null;
  /** @type {any} */
  let health = null;
  let healthAt = 0;
  let shown = "";
  let bannered = "";

  /** @param {ApiError} next */
  function failed(next) {
    error = next;
    tick();
  }

  function answered() {
    error = null;
    tick();
  }

  /** @param {any} body */
  function learn(body) {
    health = body;
    healthAt = Date.now();
    tick();
  }

  /**
   * @param {View} view
   * @param {any[]|undefined} bodies undefined: no answer yet
   * @param {any[]} all the view's rows
   * @param {any[]} rows those that are shown
   */
  function draw(view, bodies, all, rows) {
    setAttribute(byId("scroller"), "aria-busy", String(bodies === undefined && !error));
    if (bodies === undefined) return error ? refused(error) : starting() ? first() : loading();
    if (rows.length) return hide();
    if (all.length || chips(get(), view).length) return empty(view);
    return starting() ? first() : nothing(view, bodies[0]);
  }

  /** Whether there are no rows at all yet. */
  function starting() {
    return health !== null && health.exchanges.length > 0 && health.total_rows === 0;
  }

  function hide() {
    shown = "";
    panel.hidden = true;
  }

  /** @param {string} what @param {...Node} content */
  function show(what, ...content) {
    if (shown === what) return;
    shown = what;
    panel.hidden = false;
    panel.dataset.what = what.split(" ")[0];
    panel.replaceChildren(...content);
  }

  /** @param {string} title @param {string} words @param {...(Node)} more */
  function card(title, words, ...more) {
    return make("div", { class: "card" }, make("h2", { text: title }), make("p", { text: words }), ...more);
  }

  /** @param {string} words @param {() => void} act */
  function button(words, act) {
    return make("button", { type: "button", class: "strong", text: words, click: act });
  }

  function loading() {
    show("loading", ...Array.from({ length: 14 }, () => make("div", { class: "bone" })), make("p", { class: "hidden", text: "Loading" }));
  }

  function first() {
    const { done, all, going } = firstRun();
    const reasons = make("p", {}, make("a", { href: "#exchanges", text: "The exchanges say why" }));
    if (!going) return show(`none ${done} ${all}`, card(`${done} of ${all} exchanges`, "Nothing could be collected so far. It is tried again and again.", reasons));
    const meter = make("progress", { value: done, max: all, "aria-label": "Exchanges that have answered" });
    show(`first ${done} ${all}`, card(`${done} of ${all} exchanges`, "The first round of collecting is under way. Rows appear here as exchanges answer; most need a few seconds.", meter));
  }

  /** @param {View} view */
  function empty(view) {
    show(`empty ${view.id}`, card(`No ${view.things} match`, "Nothing passes all the filters and the search together.", button("Clear filters and search", on.forgetFilters)));
  }

  /** @param {View} view @param {any} body */
  function nothing(view, body) {
    const notices = (body.notices ?? []).map((/** @type {string} */ notice) => make("li", { text: notice }));
    show(`nothing ${view.id} ${notices.length}`, card(`No ${view.things} now`, "The server answered, and there are none.", make("ul", {}, ...notices)));
  }

  /** @param {ApiError} it */
  function refused(it) {
    if (it.status === 503 && starting()) return first();
    if (it.status === 401) return show("key", card("A key is needed", it.message, button("Enter a key", on.askKey)));
    if (it.status === 0) return show("offline", card("Not connected", `${it.message} It is tried again by itself.`, button("Try now", on.retry)));
    const id = it.requestId ? make("p", { class: "id" }, "Request id ", make("code", { text: it.requestId })) : make("span");
    if (it.status === 429) return show("held", card("Too many requests", "The server asked to wait; the page goes on by itself.", make("p", { class: "wait" }), id));
    return show(`error ${it.status} ${it.requestId}`, card(it.status === 503 ? "No data yet" : "The server could not answer", it.message, id, button("Try now", on.retry)));
  }

  /** The banner: one sentence, the most serious first. */
  function tick() {
    const said = sentence();
    const wait = panel.querySelector(".wait");
    if (wait && error?.retryAt) setText(wait, `Goes on in ${Math.max(0, Math.ceil((error.retryAt - Date.now()) / 1000))} s.`);
    const [kind, words] = !panel.hidden && shown !== "loading" ? ["", ""] : said;
    if (bannered === kind + words) return;
    bannered = kind + words;
    banner.hidden = !words;
    setAttribute(banner, "data-kind", kind);
    setText(banner, words);
  }

  /** @returns {[string, string]} */
  function sentence() {
    if (error?.status === 0) return ["offline", `Offline: ${error.message} The rows are those from before; it goes on by itself.`];
    if (error?.status === 429) return ["held", `Too many requests. The server asked to wait; going on in ${Math.max(0, Math.ceil((error.retryAt - Date.now()) / 1000))} s.`];
    if (error?.status === 401) return ["error", `${error.message} The rows are those from before.`];
    if (error) return ["error", `${error.words} The rows are those from before.`];
    if (!health) return ["", ""];
    const age = health.data_age_seconds === null ? null : health.data_age_seconds + (Date.now() - healthAt) / 1000;
    if (age !== null && age > health.stale_threshold_seconds) return ["stale", `All rates are stale: the newest is ${duration(age)} old. The server answers, but it collects nothing.`];
    const { done, all, going } = firstRun();
    if (health.total_rows && going) return ["first", `First round: ${done} of ${all} exchanges so far.`];
    return ["", ""];
  }

  return {
    failed, answered, health: learn, tick,
    /** @param {View} view @param {any[]|undefined} bodies @param {any[]} all @param {any[]} rows @param {string[]} notes */
    draw(view, bodies, all, rows, notes) {
      draw(view, bodies, all, rows);
      tick();
      const said = [...notes, ...(bodies?.[0].notices ?? [])];
      setText(byId("notices"), said.join(" · "));
      setAttribute(byId("notices"), "title", said.join("\n") || null);
    },
    /** Another view: what was wrong with the last one says nothing of this. */
    leave() {
      if (error && error.status !== 429 && error.status !== 0) error = null;
    },
  };
}
