// When each host did what, and for whom it waited. A lane is a canvas as wide as the window, drawn as it scrolls.
const LANE = 24, NAME = 190, AXIS = 26;
const timeline = { hosts: [], zoom: 1, lane: 0, item: 0, lanes: new Map(), order: "inventory" };

// Ends of operations of all hosts, by time: whoever ended last before an operation began is who it waited for.
let ends = null;
function allEnds() {
  if (ends) return ends;
  ends = [];
  D.hosts.forEach((host, h) => host.operations.forEach((o, cell) => {
    if (host.starts[cell] >= 0 && D.operations[o].parent === null) ends.push([host.starts[cell] + host.lengths[cell], h, o]);
  }));
  ends.sort((one, other) => one[0] - other[0]);
  return ends;
}

function waitedFor(own, from, to) {
  const every = allEnds();
  let low = 0, high = every.length;
  while (low < high) { const middle = (low + high) >> 1; if (every[middle][0] <= to) low = middle + 1; else high = middle; }
  for (let i = low - 1; i >= 0 && every[i][0] > from; i -= 1) if (every[i][1] !== own) return every[i];
  return null;
}

// Connecting and planning end for all hosts with the last one: who that is.
const lastOf = { connect: null, plan: null };
function lastWith(kind) {
  lastOf[kind] ??= D.hosts.reduce((last, host, h) => ((host[kind]?.[1] ?? -1) > (D.hosts[last][kind]?.[1] ?? -1) ? h : last), 0);
  return lastOf[kind];
}

function whole(h, kind) {
  const span = D.hosts[h][kind], last = D.hosts[lastWith(kind)][kind];
  if (!span) return [];
  const items = [{ kind, from: span[0], to: span[1] }];
  if (last[1] - span[1] >= 2 && D.hosts[h].status !== "unreachable") items.push({ kind: "wait", from: span[1], to: last[1], who: [last[1], lastWith(kind), NONE], what: kind });
  return items;
}

function laneOf(h) {
  if (timeline.lanes.has(h)) return timeline.lanes.get(h);
  const host = D.hosts[h], items = [...whole(h, "connect"), ...whole(h, "plan")], inner = [];
  const done = host.operations.map((o, cell) => ({ kind: "operation", o, state: D.states[host.states[cell]],
    from: host.starts[cell], to: host.starts[cell] + host.lengths[cell] })).filter((item) => item.from >= 0);
  const apply = D.passes.find(([name]) => name === "apply");
  let last = apply ? apply[1] : null;
  done.sort((one, other) => one.from - other.from);
  for (const item of done) {
    if (D.operations[item.o].parent !== null) { inner.push(item); continue; }
    if (last !== null && item.from - last >= 2) items.push({ kind: "wait", from: last, to: item.from, who: waitedFor(h, last, item.from) });
    items.push(item);
    last = Math.max(last ?? 0, item.to);
  }
  const lane = { items, inner, waited: items.reduce((sum, item) => sum + (item.kind === "wait" ? item.to - item.from : 0), 0),
    worked: items.reduce((sum, item) => sum + (item.kind === "operation" ? item.to - item.from : 0), 0) };
  timeline.lanes.set(h, lane);
  return lane;
}

function told(h, item) {
  const name = D.hosts[h].name;
  if (!item) return `${name}: nothing`;
  const span = `${duration(item.to - item.from)}, from ${duration(item.from)} on`;
  if (item.kind === "operation") return `${name}: ${D.operations[item.o].name}, ${LOOK[item.state][1]}, ${span}`;
  if (item.kind !== "wait") return `${name}: ${item.kind}, ${span}`;
  const why = item.who ? `waited for ${D.hosts[item.who[1]].name} (${item.what ?? D.operations[item.who[2]].name})` : "waited, for no host: deploy code, or facts";
  return `${name}: ${why}, ${span}`;
}

function drawTimeline() {
  const zoom = (factor) => () => { timeline.zoom = Math.max(1, Math.min(4096, factor ? timeline.zoom * factor : 1)); sizeTimeline(); };
  const order = make("select", { id: "order", on: { change: (event) => { timeline.order = event.target.value; orderLanes(); sizeTimeline(); } } },
    [["inventory", "inventory"], ["waited", "longest waiting"], ["worked", "longest at work"]].map(([value, label]) => make("option", { value }, label)));
  timeline.readout = make("p", { id: "readout", "aria-live": "polite" }, "Point at something, or use the arrow keys.");
  timeline.axis = make("canvas", { class: "axis" });
  timeline.body = make("div", { class: "lanes" });
  timeline.inner = make("div", { class: "inner" }, timeline.axis, timeline.body);
  timeline.box = make("div", { id: "lanes", class: "grid", tabindex: 0, role: "application", "aria-describedby": "readout",
    "aria-label": "Timeline; up and down choose a host, left and right what it did, Enter opens, plus and minus zoom" }, timeline.inner);
  const legend = [["connect", "connect"], ["plan", "plan"], ["changed", "changed"], ["ok", "nothing to do"], ["failed", "failed"], ["ignored", "ignored"], ["wait", "waiting"]]
    .map(([kind, word]) => make("span", { class: "key" }, make("i", { class: `sample ${kind}` }), word));
  $("timeline").append(make("div", { class: "bar" }, button("−", zoom(1 / 2), { "aria-label": "Zoom out" }), button("Fit", zoom(0)),
    button("+", zoom(2), { "aria-label": "Zoom in" }), make("label", {}, "Order ", order), ...legend), timeline.readout, timeline.box, make("div", { id: "where", class: "columns" }));
  const draw = soon(renderTimeline);
  timeline.box.addEventListener("scroll", draw, { passive: true });
  timeline.box.addEventListener("keydown", timelineKey);
  timeline.box.addEventListener("mousemove", (event) => { const hit = itemAt(event); if (hit) timeline.readout.textContent = told(...hit); });
  timeline.box.addEventListener("click", (event) => { const hit = itemAt(event); if (hit) { choose(...hit); openItem(); } });
  document.addEventListener("themed", draw);
  new ResizeObserver(() => sizeTimeline()).observe(timeline.box);
}

function showTimeline({ hosts }) { timeline.inventory = hosts; orderLanes(); sizeTimeline(); drawWhere(); }

function orderLanes() {
  timeline.hosts = [...timeline.inventory];
  if (timeline.order !== "inventory") timeline.hosts.sort((one, other) => laneOf(other)[timeline.order] - laneOf(one)[timeline.order]);
}

const total = () => Math.max(1, D.seconds * 1000, ...D.passes.map((pass) => pass[2]));
const scale = () => ((timeline.box.clientWidth - NAME - 12) * timeline.zoom) / total();

function sizeTimeline() {
  if (!timeline.box.clientWidth) return;
  timeline.inner.style.width = `${NAME + total() * scale() + 8}px`;
  timeline.inner.style.height = `${AXIS + timeline.hosts.length * LANE}px`;
  renderTimeline();
}

function renderTimeline() {
  const { box } = timeline, width = box.clientWidth - NAME;
  if (width <= 0) return;
  const style = getComputedStyle(document.documentElement), colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const first = Math.max(0, Math.floor(box.scrollTop / LANE) - 1);
  const last = Math.min(timeline.hosts.length, Math.ceil((box.scrollTop + box.clientHeight) / LANE) + 1);
  drawAxis(width, colour);
  const rows = [];
  for (let lane = first; lane < last; lane += 1) {
    const h = timeline.hosts[lane], canvas = make("canvas", {});
    const row = make("div", { class: `lane ${lane === timeline.lane ? "active" : ""}` }, make("span", { class: "label", title: D.hosts[h].name }, `${SYMBOL[D.hosts[h].status]} ${D.hosts[h].name}`), canvas);
    row.style.top = `${AXIS + lane * LANE}px`;
    row.dataset.lane = lane;
    drawLane(fit(canvas, width, LANE), h, width, colour, lane === timeline.lane ? timeline.item : NONE);
    rows.push(row);
  }
  timeline.body.replaceChildren(...rows);
}

function fit(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = width * ratio; canvas.height = height * ratio;
  canvas.style.width = `${width}px`; canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  return pen;
}

function drawAxis(width, colour) {
  const pen = fit(timeline.axis, width + NAME, AXIS), pixels = scale();
  pen.fillStyle = colour("dim"); pen.font = "12px system-ui, sans-serif";
  const wanted = 90 / pixels, base = 10 ** Math.floor(Math.log10(wanted));
  const step = [1, 2, 5, 10].map((factor) => factor * base).find((size) => size >= wanted);
  for (let at = Math.floor(timeline.box.scrollLeft / pixels / step) * step; at <= total(); at += step) {
    const x = NAME + at * pixels - timeline.box.scrollLeft;
    if (x < NAME - 1) continue;
    if (x > width + NAME) break;
    pen.fillRect(x, AXIS - 6, 1, 6);
    pen.fillText(at === 0 ? "0" : duration(Math.round(at)), x + 3, 15);
  }
  pen.fillText("host", 10, 15);
}

function drawLane(pen, h, width, colour, active) {
  const lane = laneOf(h), pixels = scale(), shift = timeline.box.scrollLeft;
  const bar = (item, y, height, fill) => {
    const x = item.from * pixels - shift, length = Math.max(1, (item.to - item.from) * pixels - 0.5);
    if (x > width || x + length < 0) return;
    pen.fillStyle = fill;
    pen.fillRect(x, y, length, height);
    if (item.state === "failed" && length > 9) { pen.fillStyle = colour("back"); pen.font = "bold 12px sans-serif"; pen.fillText("✗", x + 1, 16); }
  };
  lane.items.forEach((item) => {
    if (item.kind === "wait") bar(item, LANE / 2 - 1, 3, colour("wait"));
    else bar(item, 4, LANE - 8, colour(`bar-${item.kind === "operation" ? item.state : item.kind}`));
  });
  lane.inner.forEach((item) => bar(item, LANE - 9, 5, colour(item.state === "failed" ? "bar-failed" : "ink")));
  const chosen = lane.items[active];
  if (chosen && document.activeElement === timeline.box) {
    pen.strokeStyle = colour("focus"); pen.lineWidth = 2;
    pen.strokeRect(chosen.from * pixels - shift + 1, 2, Math.max(4, (chosen.to - chosen.from) * pixels - 2), LANE - 4);
  }
}

function itemAt(event) {
  const box = timeline.box.getBoundingClientRect(), x = event.clientX - box.left - NAME;
  const lane = Math.floor((event.clientY - box.top + timeline.box.scrollTop - AXIS) / LANE), h = timeline.hosts[lane];
  if (h === undefined || event.clientY - box.top < AXIS) return null;
  const at = (x + timeline.box.scrollLeft) / scale(), near = 3 / scale();
  const inner = laneOf(h).inner.filter((item) => at >= item.from && at <= item.to).pop();
  if (inner && (event.clientY - box.top + timeline.box.scrollTop - AXIS) % LANE > LANE - 9) return [h, inner, lane];
  const item = laneOf(h).items.find((entry) => at >= entry.from && at <= entry.to)
    ?? laneOf(h).items.find((entry) => at >= entry.from - near && at <= entry.to + near);
  return item ? [h, item, lane] : null;
}

function choose(h, item, lane) { timeline.lane = lane; timeline.item = laneOf(h).items.indexOf(item); timeline.chosen = item; timeline.readout.textContent = told(h, item); renderTimeline(); }

function openItem() {
  const h = timeline.hosts[timeline.lane], item = timeline.chosen;
  if (!item) return;
  if (item.kind === "operation") openCell(item.o, [h]);
  else if (item.kind === "wait" && item.who && !item.what) openCell(item.who[2], [item.who[1]]);
  else openHost([item.who ? item.who[1] : h], D.operations.map((_, o) => o));
}

function timelineKey(event) {
  if (!timeline.hosts.length) return;
  const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
  if (event.key === "Enter") { event.preventDefault(); openItem(); return; }
  if (event.key === "+" || event.key === "-") { timeline.zoom = Math.max(1, Math.min(4096, timeline.zoom * (event.key === "+" ? 2 : 0.5))); sizeTimeline(); return; }
  if (!move) return;
  event.preventDefault();
  const lane = Math.max(0, Math.min(timeline.hosts.length - 1, timeline.lane + move[0])), h = timeline.hosts[lane], { items } = laneOf(h);
  const now = timeline.chosen;
  let item = timeline.item + move[1];
  if (move[0] && now) item = items.findIndex((entry) => entry.to > now.from);
  item = Math.max(0, Math.min(items.length - 1, item));
  const { box } = timeline, y = lane * LANE, height = box.clientHeight - AXIS - 16;
  if (y < box.scrollTop) box.scrollTop = y;
  if (y + LANE > box.scrollTop + height) box.scrollTop = y + LANE - height;
  const x = (items[item]?.from ?? 0) * scale(), width = box.clientWidth - NAME;
  if (x < box.scrollLeft || x > box.scrollLeft + width - 20) box.scrollLeft = Math.max(0, x - 40);
  choose(h, items[item], lane);
}

// Where the time went: who was waited for, and which operations took longest.
function drawWhere() {
  const held = new Map(), slow = new Map();
  for (const h of timeline.hosts) for (const item of laneOf(h).items) {
    if (item.kind === "wait" && item.who) held.set(item.who[1], (held.get(item.who[1]) ?? 0) + item.to - item.from);
    if (item.kind === "operation") { const seen = slow.get(item.o) ?? [0, 0]; slow.set(item.o, [Math.max(seen[0], item.to - item.from), seen[1] + item.to - item.from]); }
  }
  const ranked = (title, rows, empty) => {
    const most = Math.max(1, ...rows.map((row) => row[1]));
    const made = rows.map(([label, value, note, open]) => {
      const meter = make("i", { class: "meter" });
      meter.style.width = `${(100 * value) / most}%`;
      return make("li", {}, button(label, open, { class: "link" }), make("span", { class: "dim" }, ` ${note}`), meter);
    });
    return make("div", {}, make("h2", {}, title), rows.length ? make("ol", { class: "ranked" }, made) : make("p", { class: "dim" }, empty));
  };
  const waits = [...held].sort((one, other) => other[1] - one[1]).slice(0, 8)
    .map(([h, time]) => [D.hosts[h].name, time, `others waited ${duration(time)} together`, () => openHost([h], D.operations.map((_, o) => o))]);
  const longest = [...slow].sort((one, other) => other[1][0] - one[1][0]).slice(0, 8)
    .map(([o, [most, sum]]) => [D.operations[o].name, most, `${duration(most)} at most, ${duration(sum)} on all hosts`, () => openOperation(o, timeline.hosts)]);
  $("where").replaceChildren(ranked("Hosts that others waited for", waits, "No host waited for another."), ranked("Operations that took longest", longest, "Nothing was carried out."));
}
