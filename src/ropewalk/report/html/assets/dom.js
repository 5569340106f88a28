// Makes elements. Text is set as text, always: nothing here reads markup.
const $ = (id) => document.getElementById(id);

function make(tag, about = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) element.append(child);
  return element;
}

function mark(state) {
  const [symbol, word] = LOOK[state];
  return make("span", { class: `mark ${state}` }, make("span", { "aria-hidden": "true" }, symbol), ` ${word}`);
}

const STATUS = { ok: "ok", failed: "failed", unreachable: "failed", cancelled: "cancelled" };
const SYMBOL = { ok: "✓", failed: "✗", unreachable: "✗", cancelled: "■" };

function button(label, handler, about = {}) {
  return make("button", { type: "button", ...about, on: { click: handler } }, label);
}

function soon(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; work(); });
  };
}

function tile(value, label, className = "") {
  return make("div", { class: `tile ${className}` }, make("strong", {}, value), make("span", {}, label));
}
