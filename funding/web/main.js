/**
 * Puts the page together: two feeds (the health of the data, and what the view shows), one table, one state.
 * @module
 */

import { apiKey, keepKey } from "./api.js";
import { byId, narrow } from "./dom.js";
import { createDetail } from "./dialog.js";
import { toggleFavourite, favourites } from "./favourites.js";
import { createFeed } from "./feed.js";
import { firstRun, learn } from "./firstrun.js";
import { createHeader } from "./header.js";
import { listenToKeys } from "./keys.js";
import "./links.js";
import { createPanel } from "./panel.js";
import { clicked, sorted } from "./sort.js";
import { createStanding } from "./standing.js";
import { NO_FILTERS, get, set, watch } from "./state.js";
import { createStates } from "./states.js";
import { createTable } from "./table.js";
import { createToolbar } from "./toolbar.js";
import { viewOf } from "./views/index.js";

/** @typedef {import("./state.js").State} State */

const VIEW_SECONDS = 15;
const HEALTH_SECONDS = 15;
const FIRST_RUN_SECONDS = 3;

/** The newest answers, by their addresses, so that going back shows rows at once. @type {Map<string, any[]>} */
const answers = new Map();
/** @type {any} */
let health = null;

const scroller = byId("scroller");
const header = createHeader();
const states = createStates({ retry: () => refresh(), forgetFilters, askKey });
const toolbar = createToolbar();
const panel = createPanel();
const detail = createDetail(askKey);
createStanding();

const table = createTable(scroller, {
  key: (row) => viewOf(get().view).key(row),
  open,
  sorted(column, more) {
    const view = viewOf(get().view);
    const now = get().sort.length ? get().sort : view.order;
    const upwards = Boolean(view.columns(get()).find((one) => one.id === column)?.first);
    set({ sort: clicked(now, column, more, upwards) });
  },
});

const viewFeed = createFeed({
  addresses,
  seconds: () => (firstRun().going ? FIRST_RUN_SECONDS : VIEW_SECONDS),
  asking: (busy) => header.asking(busy),
  answered() {
    states.answered();
    header.answered();
  },
  got(bodies) {
    remember(addresses().join(" "), bodies);
    draw();
  },
  failed(error) {
    header.failed(error);
    states.failed(error);
    if (error.status === 401) askKey(error.message);
    draw();
  },
});

const healthFeed = createFeed({
  addresses: () => ["/api/health"],
  seconds: () => (firstRun().going ? FIRST_RUN_SECONDS : HEALTH_SECONDS),
  accept: [503],
  got([body]) {
    const before = health;
    health = body;
    learn(body);
    header.health(body);
    states.health(body);
    panel.exchanges(body.exchanges.map((/** @type {any} */ one) => one.exchange));
    if (before && before.total_rows === 0 && body.total_rows > 0) viewFeed.now();
    if (current() === undefined) draw();
  },
  failed: (error) => header.failed(error),
});

function addresses() {
  return viewOf(get().view).addresses(get());
}

/** The view's newest answer, if there is one. */
function current() {
  return answers.get(addresses().join(" "));
}

/** @param {string} address @param {any[]} bodies */
function remember(address, bodies) {
  answers.delete(address);
  answers.set(address, bodies);
  if (answers.size > 6) answers.delete(/** @type {string} */ (answers.keys().next().value));
}

/** The rows of the current answer in their order; `order` is what it is sorted by. */
function draw() {
  const state = get();
  const view = viewOf(state.view);
  const bodies = current();
  const all = bodies === undefined ? [] : view.rows(bodies);
  const columns = view.columns(state);
  const order = state.sort.length ? state.sort : view.order;
  const rows = sorted(all.filter(view.matches(state)), order, columns);
  table.setColumns(columns, order);
  table.setRows(rows);
  toolbar.draw(state, view, rows, bodies === undefined ? null : (view.total?.(bodies) ?? all.length));
  states.draw(view, bodies, all, rows, view.notes?.(state) ?? []);
  panel.seen(view, all);
}

/** @param {any} row */
function open(row) {
  const view = viewOf(get().view);
  if (view.open) return view.open(row, set);
  const asset = view.asset(row);
  if (asset) set({ coin: asset }, { push: true });
}

function refresh() {
  viewFeed.now();
  healthFeed.now();
}

function forgetFilters() {
  set({ ...NO_FILTERS, q: "" });
}

/** @param {string} [words] */
function askKey(words) {
  const sheet = /** @type {HTMLDialogElement} */ (byId("key-sheet"));
  const field = /** @type {HTMLInputElement} */ (byId("key"));
  if (words) byId("key-words").textContent = words;
  if (sheet.open) return;
  field.value = apiKey();
  sheet.returnValue = "";
  sheet.showModal();
  sheet.addEventListener("close", () => {
    if (sheet.returnValue === "") return;
    keepKey(sheet.returnValue === "use" ? field.value.trim() : "");
    refresh();
    detail.refresh();
  }, { once: true });
}

watch((state, before) => {
  const moved = state.view !== before.view;
  if (moved) {
    table.select(null);
    states.leave();
    scroller.scrollTop = 0;
  }
  const asked = addresses().join(" ") !== viewOf(before.view).addresses(before).join(" ");
  draw();
  detail.draw(state);
  if (!moved && (state.sort !== before.sort || state.q !== before.q)) table.toTop();
  if (asked || moved) {
    viewFeed.forget();
    viewFeed.now();
  }
});

scroller.addEventListener("click", (event) => {
  const star = /** @type {Element} */ (event.target).closest("[data-star]");
  if (star) toggleFavourite(star.getAttribute("data-star") ?? "");
});

window.addEventListener("favourites", () => {
  if (get().fav.length) set({ fav: favourites() });
  table.repaint();
  toolbar.favourites();
});

listenToKeys({
  move: table.move,
  open: () => {
    const row = table.row();
    if (row) open(row);
  },
  star: () => {
    const row = table.row();
    const asset = row && viewOf(get().view).asset(row);
    if (asset) toggleFavourite(asset);
    else panel.open();
  },
});

narrow.addEventListener("change", () => {
  draw();
  table.rebuild();
});

setInterval(() => {
  if (document.hidden) return;
  header.tick();
  states.tick();
  table.tick();
}, 1000);

draw();
detail.draw(get());
refresh();
