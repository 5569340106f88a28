// Light and dark: as the system has it, until somebody chooses.
function themeSwitch() {
  return button("Dark", () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"), { id: "theme" });
}

function setTheme(name) {
  document.documentElement.dataset.theme = name;
  $("theme").textContent = name === "dark" ? "Light" : "Dark";
  $("theme").setAttribute("aria-label", `Switch to ${name === "dark" ? "light" : "dark"} colours`);
  document.dispatchEvent(new Event("themed"));
}

function followSystem() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  setTheme(dark.matches ? "dark" : "light");
  dark.addEventListener("change", (event) => setTheme(event.matches ? "dark" : "light"));
}
