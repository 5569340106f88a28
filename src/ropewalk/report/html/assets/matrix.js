// Operations by hosts, or by groups of hosts that fared alike.
const matrix = { columns: [], operations: [], asked: () => true, grid: null };

function drawMatrix() {
  matrix.empty = make("p", { id: "empty", hidden: true }, "Nothing is left: no operation on any host is what the filter asks for.");
  $("matrix").append(matrix.empty);
  matrix.grid = new Grid($("matrix"), "Operations by hosts; arrows move, Enter opens", {
    rows: () => matrix.operations.length,
    columns: () => matrix.columns.length,
    corner: () => `${plural(matrix.operations.length, "operation")} × ${plural(matrix.columns.length, matrix.grouped ? "group" : "host")}`,
    heading: (c) => hostHeading(matrix.columns[c]),
    headingClass: (c) => STATUS[D.hosts[matrix.columns[c][0]].status],
    label: (r) => operationLabel(matrix.operations[r]),
    cell: matrixCell,
    open: openFromMatrix,
  });
}

function hostHeading(hosts) {
  const host = D.hosts[hosts[0]], many = hosts.length > 1 ? `${hosts.length} × ` : "";
  const name = `${host.status === "ok" ? "" : `${SYMBOL[host.status]} `}${many}${host.name}`;
  const others = hosts.length > 1 ? ` and ${hosts.length - 1} more` : "";
  return make("span", { title: `${host.name}${others}: ${host.status}` }, name);
}

function operationLabel(o) {
  const operation = D.operations[o];
  const label = make("span", { title: `${operation.name}\n${operation.function}\n${operation.where ?? ""}` },
    `${operation.depth ? "↳ " : ""}${operation.name}`);
  label.style.paddingLeft = `${Math.min(operation.depth, 6) * 14}px`;
  return label;
}

function matrixCell(r, c) {
  const hosts = matrix.columns[c], o = matrix.operations[r], state = stateOf(hosts[0], o);
  const who = hosts.length > 1 ? `${D.hosts[hosts[0]].name} and ${hosts.length - 1} more` : D.hosts[hosts[0]].name;
  if (state === NONE) return { symbol: "", name: `${D.operations[o].name} on ${who}: not met`, className: "" };
  const [symbol, word] = LOOK[D.states[state]];
  const dimmed = hosts.some((h) => matrix.asked(h, CELL[h][o])) ? "" : " dimmed";
  return { symbol, name: `${D.operations[o].name} on ${who}: ${word}`, className: `${D.states[state]}${dimmed}` };
}

function openFromMatrix(r, c) {
  if (c === NONE && r === NONE) return;
  if (c === NONE) openOperation(matrix.operations[r], matrix.columns.flat());
  else if (r === NONE) openHost(matrix.columns[c], matrix.operations);
  else openCell(matrix.operations[r], matrix.columns[c]);
}

function showMatrix({ hosts, operations, asked }, group) {
  matrix.operations = operations;
  matrix.asked = asked;
  matrix.grouped = group;
  matrix.columns = group ? grouped(hosts, operations) : hosts.map((h) => [h]);
  matrix.empty.hidden = hosts.length > 0 && operations.length > 0;
  matrix.grid.resize();
}
