/**
 * The header: whether answers come, how old the newest rate is, how many exchanges are well, which view is open.
 * @module
 */

import { byId, setAttribute, setText } from "./dom.js";
import { duration } from "./format.js";
import { address, get, watch } from "./state.js";
import { VIEWS } from "./views/index.js";

/** @typedef {"waiting"|"live"|"polling"|"offline"} How */

export function createHeader() {
  const live = byId("live");
  const words = byId("live-words");
  /** The newest rate's age when it was told, and when that was (ms). @type {{seconds: number, at: number, threshold: number}|null} */
  let told = null;
  /** @type {How} */
  let how = "waiting";
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let slow;

  /** @param {How} next @param {string} said */
  function say(next, said) {
    how = next;
    setAttribute(live, "data-state", next);
    setText(words, said);
  }

  /** @param {boolean} busy */
  function asking(busy) {
    clearTimeout(slow);
    if (busy) slow = setTimeout(() => how !== "offline" && say("polling", "polling"), 600); // a quick answer is not worth a flicker
  }

  function answered() {
    say("live", "live");
  }

  /** @param {import("./api.js").ApiError} error */
  function failed(error) {
    clearTimeout(slow);
    if (error.status === 0) say("offline", "offline");
    else say("polling", "polling");
  }

  /** @param {any} body of /api/health */
  function health(body) {
    const fine = body.exchanges.filter((/** @type {any} */ one) => one.status === "ok").length;
    const well = byId("well");
    setText(well, `${fine}/${body.exchanges.length} ok`);
    setAttribute(well, "data-state", fine === body.exchanges.length ? "ok" : fine ? "some" : "none");
    told = body.data_age_seconds === null ? null : { seconds: body.data_age_seconds, at: Date.now(), threshold: body.stale_threshold_seconds };
    tick();
  }

  function tick() {
    const age = byId("age");
    if (!told) return setText(age, "no data");
    const seconds = told.seconds + (Date.now() - told.at) / 1000;
    setText(age, `${duration(seconds)} old`);
    setAttribute(age, "data-stale", seconds > told.threshold ? "true" : null);
  }

  function tabs() {
    const state = get();
    setAttribute(byId("app"), "data-view", state.view);
    for (const link of document.querySelectorAll("[data-view]")) {
      const view = link.getAttribute("data-view") ?? "";
      setAttribute(link, "aria-current", view === state.view ? "page" : null);
      setAttribute(link, "href", address({ ...state, view, sort: view === state.view ? state.sort : [], coin: "" }));
    }
    setAttribute(byId("standing-more"), "href", address({ ...state, view: "exchanges", sort: [], q: "", coin: "" }));
    document.title = state.coin ? `${state.coin} · Funding Finder` : `${VIEWS.find((one) => one.id === state.view)?.title} · Funding Finder`;
  }

  window.addEventListener("offline", () => say("offline", "offline"));
  watch(tabs);
  tabs();
  return { asking, answered, failed, health, tick };
}
