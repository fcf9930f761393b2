// Read by the page's head before anything is painted, so that no wrong colour flashes. Not a module for that reason.
(() => {
  const root = document.documentElement;
  const THEMES = ["auto", "dark", "light"];
  const kept = () => {
    try {
      return THEMES.includes(localStorage.theme) ? localStorage.theme : "auto";
    } catch {
      return "auto"; // storage is switched off
    }
  };
  root.dataset.theme = kept();
  root.classList.add("js");
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const say = () => {
      button.textContent = { auto: "Auto", dark: "Dark", light: "Light" }[root.dataset.theme];
      button.setAttribute("aria-label", `Colours: ${root.dataset.theme}`);
    };
    button.addEventListener("click", () => {
      root.dataset.theme = THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length];
      try {
        localStorage.theme = root.dataset.theme;
      } catch {
        // it holds for this page then
      }
      say();
      dispatchEvent(new Event("themechange"));
    });
    say();
  });
})();
