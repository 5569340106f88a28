// What follows from the data of a run: no elements here.
const LOOK = {
  "failed": ["✗", "failed"], "error": ["✗", "cannot be planned"], "cancelled": ["■", "cancelled"],
  "not-run": ["○", "not run"], "ignored": ["!", "failure ignored"], "changed": ["●", "changed"],
  "will-change": ["△", "would change"], "unknown": ["?", "unknown until applied"], "skipped": ["–", "skipped"],
  "ok": ["✓", "nothing to do"],
};
const NONE = -1;
const text = (number) => D.texts[number] ?? "";

// Where a host keeps what it did with an operation: CELL[host][operation].
const CELL = D.hosts.map((host) => {
  const places = new Int32Array(D.operations.length).fill(NONE);
  host.operations.forEach((operation, cell) => { places[operation] = cell; });
  return places;
});
const stateOf = (host, operation) => {
  const cell = CELL[host][operation];
  return cell === NONE ? NONE : D.hosts[host].states[cell];
};
const detailOf = (host, operation) => {
  const cell = CELL[host][operation];
  return cell === NONE ? {} : D.details[D.hosts[host].details[cell]];
};
const childrenOf = (operation) => {
  const found = [];
  D.operations.forEach((other, place) => { if (other.parent === operation) found.push(place); });
  return found;
};

// Details whose commands, output or messages contain a text.
function detailsWith(needle) {
  const low = needle.toLowerCase();
  const hits = new Set();
  D.texts.forEach((entry, number) => { if (entry.toLowerCase().includes(low)) hits.add(number); });
  const hit = (number) => hits.has(number);
  const found = new Set();
  D.details.forEach((detail, number) => {
    const failure = detail.failure ?? {};
    const numbers = [detail.reason, failure.message, failure.hint, failure.where, failure.traceback,
      ...(detail.changes ?? []), ...(detail.planned ?? []), ...(detail.retries ?? []), ...(detail.diffs ?? []).flat()];
    for (const command of detail.commands ?? []) numbers.push(command[0], command[3], command[4], command[5]);
    if (numbers.some(hit)) found.add(number);
  });
  return found;
}

const words = (value) => value.toLowerCase().split(/\s+/).filter(Boolean);
const matches = (name, wanted) => !wanted.length || wanted.some((word) => name.toLowerCase().includes(word));

// Apply a filter: the hosts and operations that are left, and which cells it asks for.
function filtered({ host, operation, text: needle, states }) {
  const details = needle ? detailsWith(needle) : null;
  const narrow = states.size > 0 || details !== null;
  const wantedHosts = words(host), wantedOperations = operation.toLowerCase().trim();
  const asked = (h, cell) =>
    (!states.size || states.has(D.hosts[h].states[cell])) && (!details || details.has(D.hosts[h].details[cell]));
  const candidates = D.operations.map((entry) =>
    !wantedOperations || `${entry.name}\n${entry.function}`.toLowerCase().includes(wantedOperations));
  const keep = new Uint8Array(D.operations.length);
  const hosts = [];
  D.hosts.forEach((entry, h) => {
    if (!matches(`${entry.name}\n${entry.status}`, wantedHosts)) return;
    if (!narrow) { hosts.push(h); return; }
    let any = false;
    entry.operations.forEach((o, cell) => {
      if (candidates[o] && asked(h, cell)) { any = true; keep[o] = 1; }
    });
    // A host that was never reached has no operations, and is what somebody who looks for failures looks for.
    const lost = !details && entry.status !== "ok" && states.has(D.states.indexOf("failed"))
      && !entry.operations.length;
    if (any || lost) hosts.push(h);
  });
  const operations = [];
  D.operations.forEach((_, o) => { if (candidates[o] && (!narrow || keep[o])) operations.push(o); });
  return { hosts, operations, asked: narrow ? asked : () => true };
}

// Put hosts together that fared alike: same status, same outcomes. Each group is a list of hosts.
function grouped(hosts, operations) {
  const groups = new Map();
  for (const h of hosts) {
    const key = `${D.hosts[h].status} ${operations.map((o) => stateOf(h, o)).join()}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(h);
  }
  return [...groups.values()];
}

function counts(hosts, operations) {
  const made = new Array(D.states.length).fill(0);
  for (const h of hosts) for (const o of operations) { const state = stateOf(h, o); if (state !== NONE) made[state] += 1; }
  return made;
}
