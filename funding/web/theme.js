// Read by the page's head before anything is painted, so that no wrong colour flashes. Not a module for that reason.
(() => {
  const root = document.documentElement;
  /** @type {Record<string, string>} */
  const WORDS = { auto: "Auto", dark: "Dark", light: "Light" };
  let theme = "auto";
  try {
    theme = localStorage.theme in WORDS ? localStorage.theme : "auto";
  } catch {
    // storage is switched off
  }
  root.dataset.theme = theme;
  root.classList.add("js");

  function next() {
    const names = Object.keys(WORDS);
    theme = names[(names.indexOf(theme) + 1) % names.length];
    root.dataset.theme = theme;
    try {
      localStorage.theme = theme;
    } catch {
      // it holds for this page then
    }
    dispatchEvent(new Event("themechange"));
  }

  addEventListener("DOMContentLoaded", () => {
    const button = /** @type {HTMLElement} */ (document.getElementById("theme"));
    const say = () => {
      button.textContent = WORDS[theme];
      button.setAttribute("aria-label", `Colours: ${WORDS[theme]}`);
    };
    button.addEventListener("click", () => {
      next();
      say();
    });
    say();
  });
})();
