// The panel that tells all about one operation on one host, an operation, or a host.
let opener = null;

function openPanel(title, ...content) {
  const panel = $("detail");
  if (panel.hidden) opener = document.activeElement;
  const close = button("Close", closePanel, { class: "close", title: "Close (Escape)" });
  panel.replaceChildren(make("header", {}, make("h2", { id: "detail-title" }, title), close), ...content.flat());
  panel.hidden = false;
  panel.scrollTop = 0;
  panel.focus({ preventScroll: true });
}

function closePanel() {
  if ($("detail").hidden) return;
  $("detail").hidden = true;
  if (opener && opener.isConnected) opener.focus({ preventScroll: true });
}

function block(value, className = "") { return make("pre", { class: className, tabindex: 0 }, value); }

function diffBlock(value) {
  const box = make("pre", { class: "diff", tabindex: 0 });
  for (const line of value.split("\n")) {
    const kind = { "+": "added", "-": "removed", "@": "place" }[line[0]] ?? "";
    box.append(make("span", { class: kind }, `${line}\n`));
  }
  return box;
}

function failureParts(failure) {
  const parts = [block(text(failure.message), "wrong")];
  if (failure.hint !== undefined) parts.push(make("p", {}, `hint: ${text(failure.hint)}`));
  if (failure.where !== undefined) parts.push(make("p", { class: "dim" }, `at ${text(failure.where)}`));
  if (failure.traceback !== undefined) parts.push(block(text(failure.traceback)));
  return parts;
}

function commandPart([command, exit, ok, stdout, stderr, error], milliseconds) {
  const how = exit === null ? (error === NONE ? "did not end" : text(error)) : `exit status ${exit}`;
  const part = make("li", { class: "command" }, block(`$ ${text(command)}`, "asked"),
    make("p", { class: ok ? "dim" : "wrong" }, `${ok ? "✓" : "✗"} ${how}`,
      milliseconds === undefined ? "" : `, ${duration(milliseconds)}`));
  for (const [name, number] of [["standard output", stdout], ["standard error", stderr]]) {
    if (number !== NONE) part.append(make("h4", {}, name), block(text(number)));
  }
  return part;
}

function detailParts(detail, seconds) {
  const parts = [];
  const add = (title, ...content) => parts.push(make("h3", {}, title), ...content);
  if (detail.not_run) parts.push(make("p", {}, "It was to be done, and was not: this host, or the run, ended before."));
  if (detail.failure) add(detail.failure.nested ? "Failed because of an operation inside it" : "Why it failed", ...failureParts(detail.failure));
  if (detail.reason !== undefined) add("Reason", make("p", {}, text(detail.reason)));
  if (detail.skip) parts.push(make("p", { class: "dim" }, `skipped: ${detail.skip}`));
  if (detail.conditional) parts.push(make("p", { class: "dim" }, "only if its condition holds"));
  if (detail.attempts) {
    const tries = (detail.retries ?? []).map((reason) => make("li", {}, text(reason)));
    add(`${detail.attempts} attempts`, make("ol", {}, tries));
  }
  if (detail.changes) add("Changes", make("ul", {}, detail.changes.map((number) => make("li", {}, text(number)))));
  for (const [path, difference] of detail.diffs ?? []) add(`Difference of ${text(path)}`, diffBlock(text(difference)));
  if (detail.commands) {
    const times = Array.isArray(seconds) ? seconds : [];
    add(plural(detail.commands.length, "command"),
      make("ol", { class: "commands" }, detail.commands.map((command, i) => commandPart(command, times[i]))));
  }
  if (detail.planned) add("Commands of the plan", detail.planned.map((number) => block(`$ ${text(number)}`, "asked")));
  return parts.flat();
}

function operationFacts(o) {
  const operation = D.operations[o];
  const facts = [operation.function];
  if (operation.where) facts.push(operation.where);
  return [make("p", { class: "dim" }, facts.join(" · ")),
    ...(operation.arguments.length ? [make("details", {}, make("summary", {}, "Arguments"),
      block(operation.arguments.join("\n")))] : [])];
}

function related(o, hosts, h) {
  const parts = [], inside = childrenOf(o).filter((child) => CELL[h][child] !== NONE);
  const entry = (place) => make("li", {}, button(D.operations[place].name, () => openCell(place, hosts, h), { class: "link" }),
    " ", mark(D.states[stateOf(h, place)]));
  const parent = D.operations[o].parent;
  if (parent !== null && CELL[h][parent] !== NONE) parts.push(make("h3", {}, "Called in"), make("ul", { class: "plain" }, entry(parent)));
  if (inside.length) parts.push(make("h3", {}, "Operations inside it"), make("ul", { class: "plain nested" }, inside.map(entry)));
  return parts;
}

function openCell(o, hosts, h = hosts[0]) {
  const cell = CELL[h][o], host = D.hosts[h];
  let who = make("p", {}, host.name);
  if (hosts.length > 1) {
    const choose = make("select", { "aria-label": "Host", on: { change: (event) => {
      openCell(o, hosts, Number(event.target.value));
      $("detail").querySelector("select")?.focus();
    } } }, hosts.map((other) => make("option", { value: other, selected: other === h }, D.hosts[other].name)));
    who = make("p", {}, choose, ` one of ${hosts.length} hosts that fared alike`);
  }
  if (cell === NONE) {
    openPanel(D.operations[o].name, who, make("p", {}, "This host did not come to this operation."));
    return;
  }
  const took = host.lengths[cell];
  const when = host.starts[cell] >= 0 ? make("span", { class: "dim" },
    ` after ${duration(host.starts[cell])}, for ${duration(took)}`) : null;
  openPanel(D.operations[o].name, who, make("p", {}, mark(D.states[host.states[cell]]), when), ...operationFacts(o),
    ...detailParts(detailOf(h, o), host.commands[cell]), ...related(o, hosts, h));
}

function countList(numbers) {
  const parts = numbers.map((count, state) => (count ? make("li", {}, mark(D.states[state]), ` ${count}`) : null));
  return make("ul", { class: "plain inline" }, parts);
}

function openOperation(o, hosts) {
  const numbers = counts(hosts, [o]), parts = [];
  D.states.forEach((state, number) => {
    const there = hosts.filter((h) => stateOf(h, o) === number);
    if (!there.length) return;
    const shown = there.slice(0, 200).map((h) => make("li", {}, button(D.hosts[h].name, () => openCell(o, [h]), { class: "link" })));
    if (there.length > 200) shown.push(make("li", { class: "dim" }, `and ${there.length - 200} more`));
    parts.push(make("h3", {}, mark(state), ` ${plural(there.length, "host")}`), make("ul", { class: "plain inline" }, shown));
  });
  openPanel(D.operations[o].name, ...operationFacts(o), countList(numbers), ...parts);
}

function openHost(hosts, operations) {
  const [h] = hosts, host = D.hosts[h], parts = [];
  if (host.failure) parts.push(make("h3", {}, "Why it did not end well"), ...failureParts(host.failure));
  if (host.plan_ends !== undefined) parts.push(make("h3", {}, "Its plan ends early"), make("p", {}, text(host.plan_ends)));
  const listed = operations.filter((o) => CELL[h][o] !== NONE).map((o) => make("li", {},
    mark(D.states[stateOf(h, o)]), " ", button(D.operations[o].name, () => openCell(o, hosts, h), { class: "link" })));
  const others = hosts.length > 1 ? [make("h3", {}, `${hosts.length} hosts that fared alike`),
    block(hosts.map((other) => D.hosts[other].name).join(", "), "names")] : [];
  openPanel(hosts.length > 1 ? `${host.name} and ${hosts.length - 1} more` : host.name,
    make("p", {}, make("span", { class: `mark ${STATUS[host.status]}` }, `${SYMBOL[host.status]} ${host.status}`)),
    countList(counts([h], operations)), ...parts, ...others,
    make("h3", {}, "Operations"), make("ul", { class: "plain" }, listed));
}
