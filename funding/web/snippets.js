/**
 * What somebody pastes elsewhere to get the same figures.
 * @module
 */

/** @param {string} path @returns {string} */
export function curl(path) {
  return `curl -s --compressed '${absolute(path).replaceAll("'", "%27")}'`;
}

/** @param {string} path an answer with a list of rows @returns {string} */
export function pandas(path) {
  const csv = path + (path.includes("?") ? "&" : "?") + "format=csv";
  return `import pandas as pd\n\nrates = pd.read_csv(${JSON.stringify(absolute(csv))})`;
}

/** @param {string} path */
function absolute(path) {
  return new URL(path, location.origin).href;
}
