/**
 * The views, and what each must say of itself. The table, the filters and the polling are the same for all.
 * @module
 */

import { contracts } from "./contracts.js";
import { exchanges } from "./exchanges.js";
import { heatmap } from "./heatmap.js";
import { spreads } from "./spreads.js";

/** @typedef {import("../state.js").State} State */

/**
 * @typedef {object} View
 * @property {string} id
 * @property {string} title
 * @property {string} things what is counted
 * @property {string[]} order the columns it is sorted by unless somebody chooses others; empty: as the API gives it
 * @property {readonly import("../state.js").Filter[]} filters those that mean something here; the others are not shown
 * @property {string} [yields] what the filter on a yearly rate is about
 * @property {string} searched what the search looks at
 * @property {(state: State) => string[]} addresses what it asks the API
 * @property {(bodies: any[]) => any[]} rows from the answers, one for each address
 * @property {(bodies: any[]) => number} [total] where there are more than are given
 * @property {(state: State) => string[]} [notes] what a reader should know of the rows, besides the API's notices
 * @property {(state: State) => import("../table.js").Column[]} columns
 * @property {(row: any) => string} key the same row in the next answer has the same one
 * @property {(row: any) => string|null} asset whose detail a row opens
 * @property {(state: State) => (row: any) => boolean} matches
 * @property {(state: State) => string} csv the address of the rows that are shown, in their order as far as the API has one
 * @property {(row: any, set: typeof import("../state.js").set) => void} [open] in place of the detail
 */

/** In the order of their tabs. @type {View[]} */
export const VIEWS = [spreads, heatmap, contracts, exchanges];

/** @param {string} id @returns {View} */
export function viewOf(id) {
  return VIEWS.find((view) => view.id === id) ?? spreads;
}
