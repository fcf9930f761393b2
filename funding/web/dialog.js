/**
 * The detail of a coin: every venue side by side, what was settled, the chart, the carry, and how to get the same
 * elsewhere. It has an address of its own: `coin` in the state opens it, closing forgets it.
 * @module
 */

import { url } from "./api.js";
import { createCarry } from "./carry.js";
import { isSound, nameOf } from "./contract.js";
import { byId, copyFrom, make, setAttribute, setText } from "./dom.js";
import { createFeed } from "./feed.js";
import { isFavourite, toggleFavourite } from "./favourites.js";
import { createHistory } from "./history.js";
import { curl, pandas } from "./snippets.js";
import { sorted } from "./sort.js";
import { DETAIL, get, set } from "./state.js";
import { commonUnit, unitAfter, unitOf, written, yearlyIn } from "./units.js";
import { createVenues } from "./venues.js";

/** @typedef {import("./state.js").State} State */

const SECONDS = 20;

/** @param {(words?: string) => void} askKey */
export function createDetail(askKey) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("detail"));
  /** What is shown. @type {{coin: string, parts: ReturnType<typeof build>, body: any}|null} */
  let open = null;

  const address = () => url(`/api/funding/symbol/${encodeURIComponent(get().coin)}`, {});
  const feed = createFeed({
    addresses: () => (get().coin ? [address()] : []),
    seconds: () => SECONDS,
    got([body]) {
      if (!open || !body) return;
      open.body = body;
      show();
    },
    failed(error) {
      if (error.status === 401) askKey(error.message);
      if (open) refused(open.parts, error);
    },
  });

  /** @param {State} state */
  function draw(state) {
    if (!state.coin) return close();
    if (open?.coin !== state.coin) start(state);
    else show();
  }

  function close() {
    feed.stop();
    open?.parts.history.stop();
    open = null;
    if (dialog.open) dialog.close();
  }

  /** @param {State} state */
  function start(state) {
    open?.parts.history.stop();
    const parts = build(state.coin);
    open = { coin: state.coin, parts, body: null };
    dialog.replaceChildren(...parts.nodes);
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
    show();
    feed.forget();
    feed.now();
  }

  function show() {
    if (!open) return;
    const { parts, body } = open;
    const state = get();
    const unit = unitOf(state.unit);
    setText(parts.unit, unit.title);
    setText(parts.star, isFavourite(open.coin) ? "★" : "☆");
    setAttribute(parts.star, "aria-pressed", String(isFavourite(open.coin)));
    if (!body) return;
    parts.problem.hidden = true;
    const venues = sorted(body.rows, ["-apr"], [{ id: "apr", title: "", width: 0, sort: (row) => row.annualized_pct }]);
    summary(parts.summary, body, venues, unit);
    const ticked = tickedOf(state, venues);
    parts.venues.draw(venues, unit, ticked);
    parts.history.draw(body.asset, ticked, state);
    parts.carry.draw(venues, state);
  }

  dialog.addEventListener("close", () => {
    if (!get().coin) return;
    if (history.state?.opened) history.back(); // as if the opening had not been
    else set(DETAIL);
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "u" && !/** @type {Element} */ (event.target).matches("input, select")) nextUnit();
  });
  window.addEventListener("themechange", () => open?.parts.history.redraw());

  /** @param {string} coin */
  function build(coin) {
    const unit = make("button", { type: "button", id: "detail-unit", title: "Next unit (u)", click: nextUnit });
    const star = make("button", { type: "button", class: "star", "aria-label": `Favourite ${coin}`, click: () => {
      toggleFavourite(coin);
      show();
    } });
    const summaryPlace = make("div", { class: "summary" });
    const problem = make("p", { class: "problem", role: "status", hidden: true });
    const venues = createVenues();
    const ownHistory = createHistory();
    const carry = createCarry();
    const nodes = [
      make("header", {}, star, make("h2", { id: "detail-title", tabindex: "-1", autofocus: true, text: coin }), summaryPlace, unit, make("button", { type: "button", class: "quiet-button", "aria-label": "Close", text: "✕", click: () => dialog.close() })),
      problem,
      make("section", { class: "venues", tabindex: "0", role: "region", "aria-label": `Venues of ${coin}` }, venues.node),
      ownHistory.node, carry.node,
      make("section", { class: "copies" }, make("h3", { text: "The same elsewhere" }), ...copies()),
    ];
    return { nodes, unit, star, summary: summaryPlace, problem, venues, history: ownHistory, carry };
  }

  function copies() {
    const curlButton = make("button", { type: "button", text: "Copy as curl", click: () => copyFrom(curlButton, curl(address())) });
    const pandasButton = make("button", { type: "button", text: "Copy as pandas", click: () => copyFrom(pandasButton, pandas(address())) });
    return [curlButton, pandasButton, make("a", { class: "button", href: `${address()}?format=csv`, text: "CSV" })];
  }

  return { draw, refresh: () => open && feed.now() };
}

function nextUnit() {
  set({ unit: unitAfter(get().unit) });
}

/** The contracts in the chart: those of the address, else the two ends. @param {State} state @param {any[]} venues */
function tickedOf(state, venues) {
  if (state.tick.length) return state.tick;
  const sound = venues.filter(isSound);
  return sound.length > 1 ? [nameOf(sound[0]), nameOf(sound[sound.length - 1])] : sound.map(nameOf);
}

/** @param {{problem: HTMLElement}} parts @param {import("./api.js").ApiError} error */
function refused({ problem }, error) {
  problem.hidden = false;
  setText(problem, error.status === 0 ? "Not connected. It is tried again by itself." : error.words);
}

/** @param {HTMLElement} place @param {any} body @param {any[]} venues @param {import("./units.js").Unit} unit */
function summary(place, body, venues, unit) {
  const shown = commonUnit(unit);
  const facts = [
    [`${venues.length}`, venues.length === 1 ? "contract" : "contracts"],
    [written(yearlyIn(body.median_annualized_pct, shown), shown), `median ${shown.title}`],
    [written(yearlyIn(body.spread_annualized_pct, shown), shown), `spread ${shown.title}`],
  ];
  if (place.childElementCount !== facts.length) place.replaceChildren(...facts.map(() => make("span", {}, make("b"), document.createTextNode(""))));
  for (const [at, [figure, words]] of facts.entries()) {
    setText(/** @type {Node} */ (place.children[at].firstChild), figure);
    setText(/** @type {Node} */ (place.children[at].lastChild), ` ${words}`);
  }
}
