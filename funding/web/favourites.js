/**
 * The assets with a star, kept in this browser.
 * @module
 */

const NAME = "favourites";
/** @type {Set<string>} */
const starred = new Set(load());

function load() {
  try {
    const kept = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : [];
  } catch {
    return []; // no storage, or not ours
  }
}

/** @param {string} asset */
export function isFavourite(asset) {
  return starred.has(asset);
}

/** @returns {string[]} */
export function favourites() {
  return [...starred].sort();
}

/**
 * Gives or takes the star; an event on the window says so.
 * @param {string} asset
 */
export function toggleFavourite(asset) {
  if (!starred.delete(asset)) starred.add(asset);
  try {
    localStorage.setItem(NAME, JSON.stringify([...starred]));
  } catch {
    // it holds for this page then
  }
  window.dispatchEvent(new Event("favourites"));
}
