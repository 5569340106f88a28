// Filters, views, keys: what ties the parts together.
const filter = { host: "", operation: "", text: "", states: new Set() };
let group = D.hosts.length > 12, view = "matrix";

function field(name, label) {
  const input = make("input", { type: "search", id: `filter-${name}`, autocomplete: "off", spellcheck: "false",
    on: { input: (event) => { filter[name] = event.target.value; later(); } } });
  return make("label", {}, label, input);
}

function drawFilters() {
  const present = counts(D.hosts.map((_, h) => h), D.operations.map((_, o) => o));
  const chips = make("div", { class: "chips", role: "group", "aria-label": "Outcomes" });
  D.states.forEach((state, number) => {
    if (!present[number]) return;
    chips.append(button([mark(state), ` ${present[number]}`], () => {
      if (!filter.states.delete(number)) filter.states.add(number);
      apply();
    }, { class: "chip", "data-state": state, "aria-pressed": "false" }));
  });
  const together = make("input", { type: "checkbox", id: "group", on: { change: (event) => { group = event.target.checked; apply(); } } });
  together.checked = group;
  $("filters").append(field("host", "Host"), field("operation", "Operation"), field("text", "Command or output"),
    chips, make("label", { class: "check" }, together, "Equal hosts together"),
    button("Only changed or failed", () => setFilter({ states: ["failed", "error", "cancelled", "not-run", "ignored", "changed", "will-change"] }), { id: "problems" }),
    button("Reset", () => setFilter({}), { id: "reset" }), make("p", { id: "count", role: "status" }));
}

function setFilter({ states = [], host = "" }) {
  filter.states = new Set(states.map((state) => D.states.indexOf(state)));
  for (const name of ["operation", "text"]) { filter[name] = ""; $(`filter-${name}`).value = ""; }
  filter.host = host;
  $("filter-host").value = host;
  apply();
}

function apply() {
  const left = filtered(filter);
  for (const chip of document.querySelectorAll(".chip")) {
    chip.setAttribute("aria-pressed", filter.states.has(D.states.indexOf(chip.dataset.state)));
  }
  if (view === "matrix") showMatrix(left, group);
  if (view === "timeline") showTimeline(left);
  $("count").textContent = `${left.hosts.length} of ${plural(D.hosts.length, "host")}, ${left.operations.length} of ${plural(D.operations.length, "operation")}`;
}

let timer = null;
function later() { clearTimeout(timer); timer = setTimeout(apply, 120); }

function drawTabs() {
  const names = ["matrix", "timeline", ...(D.facts.length ? ["facts"] : [])];
  for (const name of names) {
    $("tabs").append(button(name[0].toUpperCase() + name.slice(1), () => show(name), { id: `tab-${name}`, role: "tab", "aria-controls": name }));
  }
  $("tabs").addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    const next = names[(names.indexOf(view) + step + names.length) % names.length];
    show(next);
    $(`tab-${next}`).focus();
  });
}

function show(name) {
  view = name;
  for (const tab of $("tabs").children) {
    const chosen = tab.id === `tab-${name}`;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    $(tab.getAttribute("aria-controls")).hidden = !chosen;
  }
  apply();
}

document.addEventListener("keydown", (event) => { if (event.key === "Escape") closePanel(); });
drawHead();
drawSummary();
drawFilters();
drawMatrix();
drawTimeline();
drawFacts();
drawTabs();
followSystem();
show(D.facts.length && !D.operations.length ? "facts" : "matrix");
