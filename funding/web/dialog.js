/**
 * The detail of a coin: every venue side by side, what was settled, the chart, the carry, and how to get the same
 * elsewhere. It has an address of its own: `coin` in the state opens it, closing forgets it.
 * @module
 */

import { ApiError, url } from "./api.js";
import { createCarry } from "./carry.js";
import { dollarsOf, hoursOf, percentOf, priceOf, rate, text, until } from "./columns.js";
import { byId, copyFrom, make, narrow, setAttribute, setText } from "./dom.js";
import { createFeed } from "./feed.js";
import { isFavourite, toggleFavourite } from "./favourites.js";
import { createHistory } from "./history.js";
import { curl, pandas } from "./snippets.js";
import { sorted } from "./sort.js";
import { DETAIL, get, set } from "./state.js";
import { UNITS, rateIn, step, unitOf, written, yearlyIn } from "./units.js";

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
    fill(parts.table, venues, columns(unit, venues, ticked));
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
    const table = make("table", {}, make("thead"), make("tbody"));
    const ownHistory = createHistory();
    const carry = createCarry();
    const nodes = [
      make("header", {}, star, make("h2", { id: "detail-title", tabindex: "-1", autofocus: true, text: coin }), summaryPlace, unit, make("button", { type: "button", class: "quiet-button", "aria-label": "Close", text: "✕", click: () => dialog.close() })),
      problem,
      make("section", { class: "venues", tabindex: "0", role: "region", "aria-label": `Venues of ${coin}` }, table),
      ownHistory.node, carry.node,
      make("section", { class: "copies" }, make("h3", { text: "The same elsewhere" }), ...copies()),
    ];
    return { nodes, unit, star, summary: summaryPlace, problem, table, history: ownHistory, carry };
  }

  function copies() {
    const curlButton = make("button", { type: "button", text: "Copy as curl", click: () => copyFrom(curlButton, curl(address())) });
    const pandasButton = make("button", { type: "button", text: "Copy as pandas", click: () => copyFrom(pandasButton, pandas(address())) });
    return [curlButton, pandasButton, make("a", { class: "button", href: `${address()}?format=csv`, text: "CSV" })];
  }

  return { draw, refresh: () => open && feed.now() };
}

function nextUnit() {
  set({ unit: UNITS[(UNITS.findIndex((one) => one.id === get().unit) + 1) % UNITS.length].id });
}

/** The contracts in the chart: those of the address, else the two ends. @param {State} state @param {any[]} venues */
function tickedOf(state, venues) {
  if (state.tick.length) return state.tick;
  const fresh = venues.filter((row) => !row.stale && !row.suspect && row.annualized_pct !== null);
  return [fresh[0], fresh.length > 1 ? fresh[fresh.length - 1] : undefined].filter(Boolean).map(nameOf);
}

/** @param {any} row */
function nameOf(row) {
  return `${row.exchange}:${row.symbol}`;
}

/** @param {ReturnType<any>} parts @param {ApiError} error */
function refused(parts, error) {
  parts.problem.hidden = false;
  const id = error.requestId ? ` Request id ${error.requestId}.` : "";
  setText(parts.problem, error.status === 0 ? "Not connected. It is tried again by itself." : error.message + id);
}

/** @param {HTMLElement} place @param {any} body @param {any[]} venues @param {import("./units.js").Unit} unit */
function summary(place, body, venues, unit) {
  const shown = unit.id === "raw" ? unitOf("8h") : unit;
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

/** @param {import("./units.js").Unit} unit @param {any[]} venues @param {string[]} ticked */
function columns(unit, venues, ticked) {
  const settled = ["1d", "3d", "7d", "30d"].filter((span) => span !== "3d" || `settled_${span}_pct` in (venues[0] ?? {}));
  const symbol = text("symbol", "Symbol", (/** @type {any} */ row) => row.symbol);
  return [
    { id: "venue", title: "Venue", hint: "Ticked: in the chart", width: 0, paint: (/** @type {HTMLElement} */ td, /** @type {any} */ row) => venueCell(td, row, ticked) },
    ...(narrow.matches ? [] : [symbol]),
    rate({ id: "rate", title: unit.title }, (row) => rateIn(row, unit), (row) => row.annualized_pct, unit, (row) => row.stale_reason ?? row.suspect ?? row.rate_kind),
    hoursOf("interval", "Every", (row) => row.funding_interval_hours),
    until("next", "Next in", (row) => row.next_funding_time),
    ...settled.map((span) => ({
      ...percentOf(span, span, (row) => row[`settled_${span}_pct`], 3, { hint: `What was settled in ${span}, added up` }),
      cell: (/** @type {any} */ row) => settledCell(row[`settled_${span}_pct`], parseInt(span, 10)),
    })),
    dollarsOf("oi", "Open int. $", (row) => row.open_interest_usd),
    dollarsOf("volume", "Vol. 24h $", (row) => row.volume_24h_usd),
    priceOf("mark", "Mark", (row) => row.mark_price),
    { id: "trust", title: "Data", width: 0, cell: (/** @type {any} */ row) => (row.stale ? { text: "stale", cls: "tag tag-stale", title: row.stale_reason } : row.suspect ? { text: "suspect", cls: "tag tag-suspect", title: row.suspect } : { text: "ok", cls: "quiet" }) },
    ...(narrow.matches ? [symbol] : []),
  ];
}

/** @param {number|null|undefined} sum @param {number} days @returns {import("./table.js").Cell} */
function settledCell(sum, days) {
  const digits = unitOf("1d").digits;
  if (sum === null || sum === undefined) return { text: "–", cls: "missing", title: "Not every settlement of that time is known" };
  return { text: written(sum, { ...unitOf("1d"), digits }), cls: `rate ${step((sum / days) * 365)}` };
}

/** The venue's name, with a tick that puts it into the chart. @param {HTMLElement} td @param {any} row @param {string[]} ticked */
function venueCell(td, row, ticked) {
  const name = nameOf(row);
  let box = td.querySelector("input");
  if (!box) {
    box = /** @type {HTMLInputElement} */ (make("input", { type: "checkbox", change: (/** @type {Event} */ event) => retick(/** @type {HTMLInputElement} */ (event.target)) }));
    td.append(make("label", { class: "tick" }, box, make("span")));
  }
  box.value = name;
  setAttribute(box, "aria-label", `${name} in the chart`);
  box.checked = ticked.includes(name);
  setText(/** @type {Node} */ (box.nextSibling), row.exchange);
}

/** @param {HTMLInputElement} box */
function retick(box) {
  const ticked = [.../** @type {NodeListOf<HTMLInputElement>} */ (box.closest("tbody")?.querySelectorAll("input:checked") ?? [])].map((one) => one.value);
  set({ tick: ticked });
}

/**
 * A short table, whole in the document: only cells that differ are touched.
 * @param {HTMLElement} table
 * @param {any[]} rows
 * @param {import("./table.js").Column[]} shown
 */
function fill(table, rows, shown) {
  const [head, body] = table.children;
  if (head.firstElementChild?.childElementCount !== shown.length) {
    head.replaceChildren(make("tr", {}, ...shown.map((column) => make("th", { scope: "col", class: column.number ? "number" : null, title: column.hint, text: column.title }))));
    body.replaceChildren();
  }
  for (const [at, column] of shown.entries()) setText(head.children[0].children[at], column.title);
  while (body.childElementCount > rows.length) body.lastElementChild?.remove();
  while (body.childElementCount < rows.length) body.append(make("tr", {}, ...shown.map(() => make("td"))));
  for (const [at, row] of rows.entries()) {
    const line = body.children[at];
    setAttribute(line, "class", row.stale ? "stale" : row.suspect ? "suspect" : null);
    for (const [place, column] of shown.entries()) fillCell(/** @type {HTMLElement} */ (line.children[place]), column, row);
  }
}

/** @param {HTMLElement} td @param {import("./table.js").Column} column @param {any} row */
function fillCell(td, column, row) {
  if (column.paint) return column.paint(td, row);
  const said = column.cell?.(row) ?? "";
  const { text: words, cls = "", title = "" } = typeof said === "string" ? { text: said } : said;
  setText(td, words);
  setAttribute(td, "class", `${column.number ? "number" : ""} ${cls}`.trim() || null);
  setAttribute(td, "title", title || null);
}
