/**
 * A table of thousands of rows in a document of a few dozen: only those in sight exist, and a cell is touched only where
 * it differs. Knows nothing of what it shows; columns say how a row becomes a cell.
 *
 * The scrolling element holds the focus and names the selected row (aria-activedescendant), so rows may come and go.
 * @module
 */

import { make, setAttribute, setText } from "./dom.js";

/**
 * @typedef {object} Cell
 * @property {string} text
 * @property {string} [cls]
 * @property {string} [title] why it is so
 */

/**
 * `sort` gives what it is sorted by: a number, a text, or null, which comes last both ways. `paint` fills the cell
 * itself, for what is more than text; it must not touch what has not changed. `ticks`: changes with the clock alone.
 * @typedef {object} Column
 * @property {string} id
 * @property {string} title
 * @property {number} width
 * @property {string} [hint]
 * @property {boolean} [number]
 * @property {boolean} [ticks]
 * @property {boolean} [first] the first click sorts upwards, as with names
 * @property {(row: any) => (number|string|null)} [sort]
 * @property {(row: any) => Cell|string} [cell]
 * @property {(td: HTMLElement, row: any) => void} [paint]
 */

const OVERSCAN = 4;
const REST = 90; // ms without a scroll, after which the cells beside the window are filled too

/**
 * @param {HTMLElement} scroller an element that scrolls; it gets the table
 * @param {{key: (row: any) => string, open: (row: any) => void, sorted: (column: string, more: boolean) => void}} on
 */
export function createTable(scroller, on) {
  // Boxes of fixed size in place of a table's layout, which would measure everything anew for each row that comes in;
  // the roles say what it is all the same.
  const head = make("thead", { role: "rowgroup" });
  const spaces = [make("tbody", { role: "presentation", class: "space" }), make("tbody", { role: "presentation", class: "space" })];
  const body = make("tbody", { role: "rowgroup" });
  const table = make("table", { role: "grid", "aria-label": scroller.getAttribute("aria-label") }, head, spaces[0], body, spaces[1]);
  scroller.append(table);

  /** @type {Column[]} */
  let columns = [];
  /** @type {string[]} */
  let ordered = [];
  /** @type {any[]} */
  let rows = [];
  /** The rows in the document, in order; `shown` says what each of them shows. @type {HTMLTableRowElement[]} */
  let lines = [];
  /** @type {WeakMap<Element, any>} */
  const shown = new WeakMap();
  let first = 0;
  let rowHeight = 32;
  let headHeight = 36;
  /** @type {string|null} */
  let selected = null;
  let asked = 0;
  let left = 0;
  /** Rows of which only the cells in the window are painted. @type {Set<HTMLTableRowElement>} */
  const unfinished = new Set();
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let resting;

  /** @param {Column[]} next @param {string[]} order */
  function setColumns(next, order) {
    const same = next.length === columns.length && next.every((one, index) => one.id === columns[index].id && one.width === columns[index].width);
    columns = next;
    ordered = order;
    if (same) paintHead(order);
    else buildColumns(order);
  }

  /** @param {string[]} order */
  function buildColumns(order) {
    const widths = getComputedStyle(scroller);
    rowHeight = parseFloat(widths.getPropertyValue("--row")) || 32;
    headHeight = parseFloat(widths.getPropertyValue("--head")) || 36;
    table.style.width = `${columns.reduce((sum, column) => sum + column.width, 0)}px`;
    head.replaceChildren(make("tr", { role: "row", "aria-rowindex": "1" }, ...columns.map(headCell)));
    body.replaceChildren();
    unfinished.clear();
    lines = [];
    setAttribute(table, "aria-colcount", String(columns.length));
    paintHead(order);
  }

  /** @param {Column} column */
  function headCell(column) {
    const sort = (/** @type {MouseEvent} */ event) => on.sorted(column.id, event.shiftKey || event.metaKey || event.ctrlKey);
    const inside = column.sort
      ? make("button", { type: "button", "data-column": column.id, click: sort }, make("span", { text: column.title }), make("i", { "aria-hidden": "true" }))
      : make("span", { text: column.title });
    return sized(make("th", { role: "columnheader", scope: "col", class: column.number ? "number" : null, title: column.hint }, inside), column);
  }

  /** @param {string[]} order */
  function paintHead(order) {
    for (const [index, column] of columns.entries()) {
      const cell = head.firstElementChild?.children[index];
      if (!cell) continue;
      const place = order.findIndex((one) => one.replace("-", "") === column.id);
      const down = place >= 0 && order[place].startsWith("-");
      setAttribute(cell, "aria-sort", place < 0 ? null : down ? "descending" : "ascending");
      setText(cell.querySelector("span") ?? cell, column.title);
      setAttribute(cell, "title", column.hint ?? null);
      const mark = cell.querySelector("i");
      if (mark) setText(mark, place < 0 ? "" : (down ? "↓" : "↑") + (order.length > 1 ? place + 1 : ""));
    }
  }

  /** @param {any[]} next */
  function setRows(next) {
    rows = next;
    setAttribute(table, "aria-rowcount", String(rows.length + 1));
    draw(true);
  }

  /**
   * Puts the rows in sight in place. `all`: their content may have changed too. `quick`: cells beside the window may wait.
   * @param {boolean} all
   * @param {boolean} [quick]
   */
  function draw(all, quick = false) {
    const high = scroller.clientHeight - headHeight;
    const wanted = Math.min(rows.length, Math.ceil(high / rowHeight) + 2 * OVERSCAN);
    const top = Math.max(0, Math.min(rows.length - wanted, Math.floor(scroller.scrollTop / rowHeight) - OVERSCAN));
    fit(wanted);
    turn(top - first);
    first = top;
    spaces[0].style.height = `${first * rowHeight}px`;
    spaces[1].style.height = `${Math.max(0, rows.length - first - wanted) * rowHeight}px`;
    for (const [index, line] of lines.entries()) {
      const row = rows[first + index];
      if (all || shown.get(line) !== row) paintRow(line, row, first + index, quick ? inWindow() : columns.length);
    }
    if (quick) later();
    mark();
  }

  /** @param {number} wanted */
  function fit(wanted) {
    while (lines.length > wanted) drop(/** @type {HTMLTableRowElement} */ (lines.pop()));
    while (lines.length < wanted) {
      const line = /** @type {HTMLTableRowElement} */ (make("tr", { role: "row" }, ...columns.map((column) => sized(make("td", { role: "gridcell", class: column.number ? "number" : null }), column))));
      for (const [index, column] of columns.entries()) kept.set(line.children[index], { text: "", cls: "", title: "", base: column.number ? "number" : "" });
      lines.push(line);
      body.append(line);
    }
  }

  /** @param {HTMLTableRowElement} line */
  function drop(line) {
    unfinished.delete(line);
    line.remove();
  }

  /** Rows that leave at one end come in at the other. @param {number} by */
  function turn(by) {
    if (by === 0 || Math.abs(by) >= lines.length) return;
    if (by > 0) {
      const leaving = lines.splice(0, by);
      body.append(...leaving);
      lines.push(...leaving);
    } else {
      const leaving = lines.splice(by);
      body.prepend(...leaving);
      lines.unshift(...leaving);
    }
  }

  /** How many columns, from the left, reach to the window's right edge. */
  function inWindow() {
    const right = scroller.scrollLeft + scroller.clientWidth;
    let edge = 0;
    return columns.findIndex((column) => (edge += column.width) > right) + 1 || columns.length;
  }

  function later() {
    clearTimeout(resting);
    resting = setTimeout(finish, REST);
  }

  function finish() {
    for (const line of unfinished) paintCells(line, shown.get(line), 0, columns.length, false);
    unfinished.clear();
  }

  /** @param {HTMLTableRowElement} line @param {any} row @param {number} index @param {number} until the first column that may wait */
  function paintRow(line, row, index, until) {
    const before = shown.get(line);
    const same = before !== undefined && before !== row && on.key(before) === on.key(row);
    shown.set(line, row);
    setAttribute(line, "aria-rowindex", String(index + 2));
    setAttribute(line, "id", `row-${index}`);
    setAttribute(line, "class", row.stale ? "stale" : row.suspect ? "suspect" : null);
    paintCells(line, row, 0, until, same);
    if (until < columns.length) unfinished.add(line);
    else unfinished.delete(line);
  }

  /** @param {HTMLTableRowElement} line @param {any} row @param {number} from @param {number} until @param {boolean} same */
  function paintCells(line, row, from, until, same) {
    let td = line.children[from];
    for (let at = from; at < until; at += 1, td = /** @type {Element} */ (td.nextElementSibling)) paintCell(/** @type {HTMLElement} */ (td), columns[at], row, same);
  }

  /** What each cell shows, so that it need not be asked of the document. @type {WeakMap<Element, {text: string, cls: string, title: string, base: string}>} */
  const kept = new WeakMap();

  /** @param {HTMLElement} td @param {Column} column @param {any} row @param {boolean} same */
  function paintCell(td, column, row, same) {
    if (column.paint) return column.paint(td, row);
    const said = column.cell ? column.cell(row) : "";
    const { text, cls = "", title = "" } = typeof said === "string" ? { text: said } : said;
    const had = kept.get(td);
    if (!had) return;
    if (had.text !== text) {
      td.textContent = text;
      if (same && had.text) flash(td);
      had.text = text;
    }
    if (had.cls !== cls) {
      td.className = `${had.base} ${cls}`.trim();
      had.cls = cls;
    }
    if (had.title !== title) {
      setAttribute(td, "title", title || null);
      had.title = title;
    }
  }

  function mark() {
    let active = null;
    for (const line of lines) {
      const row = shown.get(line);
      const is = selected !== null && row !== undefined && on.key(row) === selected;
      setAttribute(line, "aria-selected", is ? "true" : null);
      if (is) active = line.id;
    }
    setAttribute(scroller, "aria-activedescendant", active);
  }

  /** @param {string|null} key */
  function select(key) {
    selected = key;
    mark();
  }

  /** Selects the row so many below; the first one where none is. @param {number} by */
  function move(by) {
    if (!rows.length) return;
    const at = selected === null ? -1 : rows.findIndex((row) => on.key(row) === selected);
    const index = at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, at + by));
    selected = on.key(rows[index]);
    reveal(index);
    draw(false);
  }

  /** @param {number} index */
  function reveal(index) {
    const top = index * rowHeight;
    const high = scroller.clientHeight - headHeight;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + rowHeight > scroller.scrollTop + high) scroller.scrollTop = top + rowHeight - high;
  }

  /** The clock went on: only the cells that hang on it. */
  function tick() {
    for (const [at, column] of columns.entries()) {
      if (!column.ticks) continue;
      for (const line of lines) paintCell(/** @type {HTMLElement} */ (line.children[at]), column, shown.get(line), false);
    }
  }

  scroller.addEventListener("scroll", () => {
    if (!asked) asked = requestAnimationFrame(() => {
      asked = 0;
      draw(false, true);
      if (scroller.scrollLeft !== left) finish();
      left = scroller.scrollLeft;
    });
  }, { passive: true });
  new ResizeObserver(() => draw(false)).observe(scroller);

  body.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    const line = target.closest("tr");
    if (!line || event.defaultPrevented || target.closest("button, a")) return;
    if (getSelection()?.type === "Range") return; // somebody marks text to copy it
    select(on.key(shown.get(line)));
    on.open(shown.get(line));
  });

  return {
    setColumns,
    setRows,
    select,
    move,
    tick,
    /** All rows anew, for what is not in the rows: a star, a unit. */
    repaint: () => draw(true),
    /** @returns {any} the selected row, or undefined */
    row: () => (selected === null ? undefined : rows.find((row) => on.key(row) === selected)),
    /** The screen's measures changed. */
    rebuild() {
      buildColumns(ordered);
      draw(true);
    },
    toTop: () => (scroller.scrollTop = 0),
  };
}

/** @param {HTMLElement} cell @param {Column} column */
function sized(cell, column) {
  cell.style.width = `${column.width}px`;
  return cell;
}

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** A changed figure lights up for a moment. The animation changes no attribute. @param {HTMLElement} td */
function flash(td) {
  if (!still.matches && !document.hidden) td.animate([{ boxShadow: "inset 0 0 0 2px currentColor" }, { boxShadow: "inset 0 0 0 2px transparent" }], 900);
}
