/**
 * The panel behind "57/59 ok": how each exchange stands, those first that are not well, with what is wrong in words.
 * Asks only while it is open.
 * @module
 */

import { url } from "./api.js";
import { now } from "./clock.js";
import { byId, make, setText } from "./dom.js";
import { createFeed } from "./feed.js";
import { count, duration } from "./format.js";
import { address, get } from "./state.js";
import { standing, status } from "./views/exchanges.js";

const SECONDS = 15;
const FIELDS = "exchange,title,status,contracts,last_success_at,last_error,last_error_at";

export function createStanding() {
  const sheet = /** @type {HTMLDialogElement} */ (byId("standing-sheet"));
  const list = byId("standing");
  const title = byId("standing-title");

  const feed = createFeed({
    addresses: () => (sheet.open ? [url("/api/exchanges", { fields: FIELDS, limit: 1000 })] : []),
    seconds: () => SECONDS,
    got([body]) {
      const rows = body.rows.toSorted((/** @type {any} */ a, /** @type {any} */ b) => standing(a) - standing(b) || a.title.localeCompare(b.title));
      const fine = rows.filter((/** @type {any} */ row) => row.status === "ok").length;
      setText(title, `${fine} of ${rows.length} exchanges are ok`);
      list.replaceChildren(...rows.map(item));
    },
    failed: (error) => list.replaceChildren(make("li", { class: "note", text: error.words })),
  });

  byId("well").addEventListener("click", () => {
    sheet.showModal();
    feed.forget();
    feed.now();
  });
  sheet.addEventListener("close", feed.stop);
  sheet.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target === sheet || target.closest("a, [aria-label=Close]")) sheet.close();
  });
}

/** @param {any} row of `/api/exchanges` */
function item(row) {
  const state = status(row);
  const link = address({ ...get(), view: "contracts", exchange: [row.exchange], sort: [], q: "", coin: "" });
  const head = [
    make("a", { href: link, title: "Its contracts", text: row.title }),
    make("span", { class: state.cls, title: state.title, text: state.text }),
    make("span", { class: "note", text: `${count(row.contracts ?? 0)} contracts` }),
  ];
  return make("li", {}, ...head, ...(row.status === "ok" ? [] : [make("p", { text: trouble(row) })]));
}

/** @param {any} row @returns {string} what is wrong, since when, and how old its rows are */
function trouble(row) {
  const ago = (/** @type {number} */ moment) => `${duration(now() - moment)} ago`;
  const error = row.last_error ? `${row.last_error} (${ago(row.last_error_at)}). ` : "";
  const rows = row.status === "stale" ? "All its rows are stale. " : "";
  return error + rows + (row.last_success_at === null ? "It has given no data yet." : `Its last good run was ${ago(row.last_success_at)}.`);
}
