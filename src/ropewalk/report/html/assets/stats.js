// What the history tells: runs as bars, the newest one at the right; slow operations and failing hosts as tables with bars.
const ENDED = { ok: ["✓", "good"], changes: ["✓", "good"], failed: ["✗", "bad"], unreachable: ["✗", "bad"], usage: ["✗", "bad"], internal: ["✗", "bad"] };
const endOf = (run) => ENDED[run.status] ?? ["■", "ended"];
const RUNS = [...D.runs].reverse();
const HEIGHT = 220, TOP = 16, FLOOR = 178, LEFT = 12, RIGHT = 76, NARROWEST = 14, WIDEST = 42;

function svg(tag, about, ...children) {
  const element = document.createElementNS($("svg").namespaceURI, tag);
  for (const [name, value] of Object.entries(about)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

const time = (seconds) => seconds === null ? "unknown" : duration(Math.round(seconds * 1000));
const two = (number) => String(number).padStart(2, "0");
const dayOf = (at) => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
const momentOf = (at) => `${dayOf(at)} ${two(at.getHours())}:${two(at.getMinutes())}`;

function titled(id, title, ...children) {
  $(id).append(make("h2", { id: `${id}-title` }, title), ...children);
}

// Columns are [heading, text or element of a row, class]; the first one heads its row.
function table(caption, columns, rows) {
  const cell = (row) => ([, of, className], place) => make(place ? "td" : "th", { class: className, scope: place ? null : "row" }, of(row));
  return make("table", { "aria-label": caption },
    make("thead", {}, make("tr", {}, columns.map(([heading, , className]) => make("th", { scope: "col", class: className }, heading)))),
    make("tbody", {}, rows.map((row) => make("tr", {}, columns.map(cell(row))))));
}

function keys(...entries) {
  return make("div", { class: "keys" }, entries.map(([className, label]) =>
    make("span", {}, svg("svg", { width: 14, height: 12, "aria-hidden": "true" }, bar(className, 1, 12, 12, 1, 10)), label)));
}

function bar(className, x, width, height = 16, y = 2, tall = height - 4) {
  return svg("rect", { class: className, x, y, width, height: tall, rx: 2 });
}

// Bars of a row, each a share (0 to 1) of what there is room for, one where the last one ended or on top of it.
function bars(...entries) {
  return svg("svg", { "aria-hidden": "true" }, ...entries.filter(([, , share]) => share > 0)
    .map(([className, start, share]) => bar(className, `${start * 100}%`, `${share * 100}%`)));
}

// The next of 1, 2, 5, 10 ... seconds (10, 20, 30 ... minutes) so that there are at most four steps.
function step(longest) {
  const steps = [.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600];
  return steps.find((size) => size * 4 >= longest) ?? 3600 * Math.ceil(longest / 4 / 3600);
}

const tick = (seconds) => seconds ? time(seconds).replace(/ min 0 s$/, " min").replace(/\.0 s$/, " s") : "0";

// The scale is at the right, where the newest runs are, so that it is seen however many there are.
function axis(top, size, width) {
  const lines = [];
  for (let at = 0; at <= top + size / 2; at += size) {
    const y = FLOOR - (FLOOR - TOP) * at / top;
    lines.push(svg("line", { x1: LEFT, x2: width - RIGHT, y1: y, y2: y }), svg("text", { x: width - RIGHT + 8, y: y + 4 }, tick(at)));
  }
  return lines;
}

function runBar(run, x, wide, top) {
  const [sign, className] = endOf(run), tall = Math.max(2, (FLOOR - TOP) * (run.seconds ?? 0) / top);
  const told = `${momentOf(new Date(run.began))}, ${run.status}, ${time(run.seconds)}: ${run.what || run.mode} (${run.id})`;
  return svg("g", { class: "run" }, svg("title", {}, told), bar("back", x, wide, 0, TOP, FLOOR - TOP + 18),
    bar(className, x + wide * .12, wide * .76, 0, FLOOR - tall, tall),
    svg("text", { class: className, x: x + wide / 2, y: FLOOR + 14, "text-anchor": "middle" }, sign));
}

function runsPlot(room) {
  const wide = Math.min(WIDEST, Math.max(NARROWEST, (room - LEFT - RIGHT) / RUNS.length));
  const width = Math.max(room, LEFT + RIGHT + wide * RUNS.length);
  const longest = Math.max(.001, ...RUNS.map((run) => run.seconds ?? 0)), size = step(longest), top = size * Math.ceil(longest / size);
  const parts = axis(top, size, width), days = [];
  let last = "", free = 0;
  RUNS.forEach((run, place) => {
    const x = width - RIGHT - wide * (RUNS.length - place), day = dayOf(new Date(run.began));
    parts.push(runBar(run, x, wide, top));
    if (day === last) return;
    last = day;
    const at = x + wide * .12;
    if (at < free) return;
    days.push(svg("text", { x: at, y: HEIGHT - 8 }, day));
    free = at + 80;
  });
  const bad = RUNS.filter((run) => endOf(run)[1] !== "good").length;
  const label = `Durations of ${plural(RUNS.length, "run")}, the newest at the right; ${bad} did not end well. The table below has the figures.`;
  return svg("svg", { width, height: HEIGHT, role: "img", "aria-label": label }, ...parts, ...days);
}

function drawRuns() {
  const plot = make("div", { class: "plot", tabindex: "0", role: "region", "aria-label": "Durations of runs" });
  const columns = [["Run", (run) => run.id], ["Began", (run) => momentOf(new Date(run.began))],
    ["Status", (run) => `${endOf(run)[0]} ${run.status}`], ["Took", (run) => time(run.seconds), "number"], ["What", (run) => run.what || run.mode],
    ["Inventory", (run) => run.inventory], ["Hosts", (run) => run.hosts, "number"], ["Not ok", (run) => run.failed_hosts, "number"]];
  titled("runs", "Durations of runs", plot, keys(["good", "✓ ended well"], ["bad", "✗ failed, unreachable or refused"], ["ended", "■ interrupted or killed"]),
    make("details", {}, make("summary", {}, "As a table"), make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Runs" }, table("Runs", columns, D.runs))));
  const draw = () => { plot.replaceChildren(runsPlot(plot.clientWidth)); plot.scrollLeft = plot.scrollWidth; };
  addEventListener("resize", soon(draw));
  draw();
}

function drawSlowest() {
  const longest = Math.max(.001, ...D.slowest.map((entry) => entry.longest));
  titled("slowest", "Slowest operations", keys(["mean", "mean"], ["longest", "longest"]), table("Slowest operations", [
    ["Operation", (entry) => entry.operation], ["Mean", (entry) => time(entry.mean), "number"], ["Longest", (entry) => time(entry.longest), "number"],
    ["Times", (entry) => entry.times, "number"],
    ["", (entry) => bars(["mean", 0, entry.mean / longest], ["longest", 0, entry.longest / longest]), "chart"],
  ], D.slowest));
}

function drawFlakiest() {
  if (!D.flakiest.length) return titled("flakiest", "Hosts that did not end well", make("p", {}, "✓ None."));
  titled("flakiest", "Hosts that did not end well", keys(["bad", "failed"], ["unreached", "unreachable"]), table("Hosts that did not end well", [
    ["Host", (host) => host.host], ["Failed", (host) => host.failed, "number"], ["Unreachable", (host) => host.unreachable, "number"], ["Of runs", (host) => host.runs, "number"],
    ["Share", (host) => `${Math.round(100 * (host.failed + host.unreachable) / host.runs)} %`, "number"],
    ["", (host) => bars(["bad", 0, host.failed / host.runs], ["unreached", host.failed / host.runs, host.unreachable / host.runs]), "chart"],
  ], D.flakiest));
}

document.title = "ropewalk: history";
$("head").append(make("h1", {}, make("span", { class: "name" }, "ropewalk"), " history"), themeSwitch());
followSystem();
if (RUNS.length) {
  const bad = RUNS.filter((run) => endOf(run)[1] !== "good").length;
  const middle = RUNS.map((run) => run.seconds ?? 0).sort((a, b) => a - b)[Math.floor(RUNS.length / 2)];
  $("summary").append(make("div", { class: "tiles" }, tile(RUNS.length, RUNS.length === 1 ? "run" : "runs"), tile(bad, "did not end well", bad ? "wrong" : ""),
    tile(time(middle), "median"), tile(dayOf(new Date(RUNS[0].began)), "first of them")));
  drawRuns();
  if (D.slowest.length) drawSlowest();
  drawFlakiest();
} else $("summary").append(make("p", { id: "none" }, "No runs yet."));
