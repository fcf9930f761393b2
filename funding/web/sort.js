/**
 * Orders rows by one or more columns. Unknown values come last, whichever way it is sorted.
 * @module
 */

/**
 * @param {any[]} rows left as they are
 * @param {string[]} order column ids, a minus in front turns the order round
 * @param {import("./table.js").Column[]} columns
 * @returns {any[]}
 */
export function sorted(rows, order, columns) {
  const keys = order.flatMap((name) => {
    const column = columns.find((one) => one.id === name.replace(/^-/, ""));
    return column?.sort ? [{ values: rows.map(column.sort), sign: name.startsWith("-") ? -1 : 1 }] : [];
  });
  if (!keys.length) return rows.slice();
  const places = rows.map((_, index) => index);
  places.sort((a, b) => {
    for (const { values, sign } of keys) {
      const way = compare(values[a], values[b], sign);
      if (way) return way;
    }
    return a - b;
  });
  return places.map((index) => rows[index]);
}

/**
 * @param {any} a
 * @param {any} b
 * @param {number} sign
 */
function compare(a, b, sign) {
  if (a === b) return 0;
  if (a === null || a === undefined) return b === null || b === undefined ? 0 : 1;
  if (b === null || b === undefined) return -1;
  return a < b ? -sign : sign;
}

/**
 * The order after a click on a column: it turns a sorted one round, and a third click takes it out again. `more` keeps
 * the columns that are sorted by already.
 * @param {string[]} order
 * @param {string} id
 * @param {boolean} more
 * @param {boolean} upwards whether the first click sorts upwards
 * @returns {string[]}
 */
export function clicked(order, id, more, upwards) {
  const ways = upwards ? [id, `-${id}`] : [`-${id}`, id];
  const place = order.findIndex((one) => one.replace(/^-/, "") === id);
  const at = place < 0 ? -1 : ways.indexOf(order[place]);
  const next = at + 1 < ways.length ? [ways[at + 1]] : [];
  if (!more) return order.length > 1 && place >= 0 ? [ways[0]] : next;
  if (place < 0) return [...order, ways[0]];
  return [...order.slice(0, place), ...next, ...order.slice(place + 1)];
}

/**
 * An order as the API's `sort` has it; columns that it has no field for are left out.
 * @param {Record<string, string>} fields column id → the API's field, with a minus where that runs the other way
 * @param {string[]} order
 * @returns {string[]}
 */
export function sortIn(fields, order) {
  return order.flatMap((name) => {
    const field = fields[name.replace(/^-/, "")];
    if (!field) return [];
    return name.startsWith("-") === field.startsWith("-") ? [field.replace(/^-/, "")] : [`-${field.replace(/^-/, "")}`];
  });
}
