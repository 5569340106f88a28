// What came of the run: the head of the page, its figures, and why things failed.
function drawHead() {
  const about = new Map(D.about), what = about.get("Deploy") ?? about.get("What") ?? D.mode;
  document.title = `${D.ok ? "✓" : "✗"} ${what}: ropewalk ${D.status}`;
  const status = D.status === "changes" ? "changes pending" : D.status;
  $("head").append(make("h1", {}, make("span", { class: "name" }, "ropewalk"), ` ${what}`),
    make("span", { id: "status", class: `badge ${D.ok ? "ok" : "failed"}` }, `${D.ok ? "✓" : "✗"} ${status}`), themeSwitch());
}

function drawSummary() {
  const bad = D.hosts.filter((host) => host.status !== "ok").length;
  const tiles = [tile(D.hosts.length, D.hosts.length === 1 ? "host" : "hosts"), tile(bad, "not ok", bad ? "wrong" : ""),
    tile(D.operations.length, D.operations.length === 1 ? "operation" : "operations"), tile(duration(Math.round(D.seconds * 1000)), "in all")];
  for (const [name, start, end] of D.passes) tiles.push(tile(duration(Math.max(0, end - start)), name));
  const facts = D.about.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value)));
  $("summary").append(make("div", { class: "tiles" }, tiles), make("dl", { class: "about" }, facts));
  if (D.cut !== null) {
    $("summary").append(make("p", { class: "dim" }, `Long texts are cut, the longest at ${D.cut} characters, so that this file stays small.`));
  }
  if (D.stopped) $("summary").append(make("h2", {}, "The run was stopped"), ...failureParts(D.stopped));
  if (D.causes.length) $("summary").append(make("h2", {}, "What went wrong"), make("ul", { class: "causes" }, D.causes.map(cause)), more(D.left_out.causes));
  if (D.notes.length) $("summary").append(make("h2", {}, "Notes"), make("ul", { class: "plain" }, D.notes.map(note)), more(D.left_out.notes));
}

function more(count) { return count ? make("p", { class: "dim" }, `and ${count} more`) : ""; }

function cause({ what, word, hosts, where, told }) {
  const some = hosts.length > 3 ? `${plural(hosts.length, "host")}: ${hosts.slice(0, 3).join(", ")} …` : hosts.join(", ");
  const show = button("Show", () => setFilter({ states: ["failed", "error"], host: hosts.slice(0, 50).join(" ") }),
    { "aria-label": `Show these hosts: ${what}` });
  return make("li", {}, make("details", { open: D.causes.length === 1 },
    make("summary", {}, make("span", { class: "mark failed" }, "✗ ", what), ` ${word} on ${some}`),
    make("p", { class: "dim" }, where ? `at ${where} ` : "", show), block(text(told))));
}

function note([level, message, host]) {
  return make("li", {}, `${level}${host ? ` [${host}]` : ""}: ${text(message)}`);
}

function drawFacts() {
  const rows = D.facts.map((fact) => make("details", { open: D.facts.length < 10 },
    make("summary", {}, `${fact.host}: ${fact.name}`), ...(fact.failure ? failureParts(fact.failure) : [block(text(fact.value))])));
  $("facts").append(...rows, more(D.left_out.facts));
}
