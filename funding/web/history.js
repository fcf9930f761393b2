/**
 * The detail's chart: the days, the ticked venues' settlements, their spread, and the download of what is in sight.
 * @module
 */

import { ApiError } from "./api.js";
import { drawChart } from "./chart.js";
import { exchangeOf } from "./contract.js";
import { make, setAttribute, setText } from "./dom.js";
import { chartData, asCsv, historyAddress, loadHistory } from "./series.js";
import { set } from "./state.js";
import { unitOf } from "./units.js";

const SPANS = [1, 3, 7, 30, 90];
const KEPT_SECONDS = 300;

/** @typedef {import("./series.js").Point} Point */

export function createHistory() {
  const spans = make("div", { class: "spans", role: "group", "aria-label": "Days" }, ...SPANS.map((days) => make("button", { type: "button", "data-days": days, text: `${days}d`, click: () => set({ days }) })));
  const place = make("div", { class: "chart", role: "img", "aria-label": "Settled funding over time" });
  const words = make("p", { class: "chart-words", role: "status" });
  const download = make("button", { type: "button", text: "Download what is shown", disabled: true, click: save });
  const node = make("section", { class: "history" },
    make("div", { class: "section-head" }, make("h3", { text: "Settled" }), spans, make("span", { class: "hint", text: "Drag to zoom, double click for all" }), download), make("div", { class: "plot" }, place, words));

  /** @type {{address: string, at: number, points: Map<string, Point[]>}|null} */
  let got = null;
  /** @type {AbortController|null} */
  let under = null;
  /** @type {Awaited<ReturnType<typeof drawChart>>|null} */
  let chart = null;
  /** What is drawn. */
  let drawn = { said: "", asset: "", unit: unitOf("apr"), names: /** @type {string[]} */ ([]), data: /** @type {(number|null)[][]} */ ([]) };
  let failedAt = 0;
  let turn = 0;

  /**
   * @param {string} asset
   * @param {string[]} ticked
   * @param {import("./state.js").State} state
   */
  async function draw(asset, ticked, state) {
    for (const button of spans.children) setAttribute(button, "aria-pressed", String(button.getAttribute("data-days") === String(state.days)));
    const exchanges = [...new Set(ticked.map(exchangeOf))].sort();
    if (!ticked.length) return say("Tick a venue above to draw it.");
    const address = historyAddress(asset, state.days, exchanges);
    const own = (turn += 1);
    if (got?.address !== address || Date.now() - got.at > KEPT_SECONDS * 1000) {
      if (Date.now() - failedAt < 15_000 && got === null) return;
      if (!(await load(address))) return;
    }
    if (own === turn) await paint(asset, ticked, state);
  }

  /** @param {string} address @returns {Promise<boolean>} */
  async function load(address) {
    under?.abort();
    const own = (under = new AbortController());
    if (!chart) say("Loading the history …");
    try {
      got = { address, at: Date.now(), points: await loadHistory(address, own.signal) };
      return true;
    } catch (error) {
      if (own.signal.aborted) return false;
      if (!(error instanceof ApiError)) throw error;
      failedAt = Date.now();
      got = null;
      clear();
      say(error.words);
      return false;
    }
  }

  /** @param {string} asset @param {string[]} ticked @param {import("./state.js").State} state */
  async function paint(asset, ticked, state) {
    const points = got?.points ?? new Map();
    const names = ticked.filter((name) => points.has(name));
    const without = ticked.filter((name) => !points.has(name)).join(", ");
    const lack = without && `Nothing settled is known of ${without} in the last ${state.days} d yet.`;
    if (!names.length) {
      clear();
      return say(`${lack} It fills as settlements come.`);
    }
    const unit = unitOf(state.unit);
    const said = JSON.stringify([asset, names, lack, unit.id, got?.address, got?.at]);
    if (said === drawn.said) return;
    const { names: lines, data } = chartData(points, names, unit);
    drawn = { said, asset, unit, names: lines, data };
    say(names.length === 2 ? `Shaded: ${names[0]} less ${names[1]}, as each was in force. ${lack}`.trim() : lack);
    await repaint();
  }

  async function repaint() {
    clear();
    chart = await drawChart(place, drawn.names, drawn.data, drawn.unit);
    /** @type {HTMLButtonElement} */ (download).disabled = false;
  }

  function clear() {
    chart?.destroy();
    chart = null;
    place.replaceChildren();
    /** @type {HTMLButtonElement} */ (download).disabled = true;
  }

  /** @param {string} text */
  function say(text) {
    setText(words, text);
  }

  function save() {
    if (!chart) return;
    const { from, to } = chart.shown();
    const text = asCsv(drawn.names, drawn.data, from, to, drawn.unit.id);
    const link = /** @type {HTMLAnchorElement} */ (make("a", { href: URL.createObjectURL(new Blob([text], { type: "text/csv" })), download: `funding-${drawn.asset}-${drawn.unit.id}.csv` }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  return {
    node, draw,
    /** Other colours. */
    redraw: () => chart && repaint(),
    stop() {
      turn += 1;
      under?.abort();
      clear();
    },
  };
}
