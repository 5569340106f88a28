// A table of any size: only what can be seen has elements. Row and column -1 are the headings.
const ROW = 26, COLUMN = 26, LABEL = 330, TOP = 132;

class Grid {
  constructor(root, label, content) {
    this.content = content;
    this.active = [0, 0];
    this.top = make("div", { class: "top", role: "row", "aria-rowindex": 1 });
    this.body = make("div", { class: "body", role: "rowgroup" });
    this.inner = make("div", { class: "inner", role: "presentation" }, this.top, this.body);
    this.box = make("div", { class: "grid", role: "grid", tabindex: 0, "aria-label": label, "aria-readonly": "true" },
      this.inner);
    this.draw = soon(() => this.render());
    this.box.addEventListener("scroll", this.draw, { passive: true });
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("click", (event) => this.click(event));
    // Not on focus: elements that are replaced between press and release of a button get no click.
    new ResizeObserver(this.draw).observe(this.box);
    root.append(this.box);
  }

  resize() {
    const { rows, columns } = this.content;
    this.active = [Math.min(this.active[0], rows() - 1), Math.min(this.active[1], columns() - 1)];
    this.inner.style.width = `${LABEL + columns() * COLUMN + 24}px`;
    this.inner.style.height = `${TOP + rows() * ROW}px`;
    this.box.setAttribute("aria-rowcount", rows() + 1);
    this.box.setAttribute("aria-colcount", columns() + 1);
    this.render();
  }

  range(offset, length, size, count) {
    const first = Math.max(0, Math.floor(offset / size) - 2);
    return [first, Math.min(count, Math.ceil((offset + length) / size) + 2)];
  }

  render() {
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.box;
    if (!clientWidth) return;
    const [left, right] = this.range(scrollLeft, clientWidth - LABEL, COLUMN, this.content.columns());
    const [first, last] = this.range(scrollTop, clientHeight - TOP, ROW, this.content.rows());
    const headings = [make("div", { class: "corner", role: "columnheader", "aria-colindex": 1 }, this.content.corner())];
    for (let c = left; c < right; c += 1) headings.push(this.heading(c));
    this.top.replaceChildren(...headings);
    const rows = [];
    for (let r = first; r < last; r += 1) rows.push(this.row(r, left, right));
    this.body.replaceChildren(...rows);
    this.box.setAttribute("aria-activedescendant", this.id(...this.active));
  }

  id(r, c) { return `cell_${r}_${c}`; }

  place(element, r, c) {
    element.id = this.id(r, c);
    element.dataset.row = r;
    element.dataset.column = c;
    if (r === this.active[0] && c === this.active[1]) element.classList.add("active");
    return element;
  }

  heading(c) {
    const element = make("div", { role: "columnheader", "aria-colindex": c + 2 }, this.content.heading(c));
    element.className = `heading ${this.content.headingClass(c)}`;
    element.style.left = `${LABEL + c * COLUMN}px`;
    return this.place(element, -1, c);
  }

  row(r, left, right) {
    const label = make("div", { role: "rowheader", class: "label", "aria-colindex": 1 }, this.content.label(r));
    const element = make("div", { class: "row", role: "row", "aria-rowindex": r + 2 }, this.place(label, r, -1));
    element.style.top = `${TOP + r * ROW}px`;
    for (let c = left; c < right; c += 1) {
      const { symbol, name, className } = this.content.cell(r, c);
      const cell = make("div", { role: "gridcell", "aria-colindex": c + 2, "aria-label": name, title: name }, symbol);
      cell.className = `cell ${className}`;
      cell.style.left = `${LABEL + c * COLUMN}px`;
      element.append(this.place(cell, r, c));
    }
    return element;
  }

  click(event) {
    const element = event.target.closest("[data-row]");
    if (!element) return;
    this.active = [Number(element.dataset.row), Number(element.dataset.column)];
    this.render();
    this.content.open(...this.active);
  }

  key(event) {
    const rows = this.content.rows(), columns = this.content.columns();
    if (!rows && !columns) return;
    let [r, c] = this.active;
    const page = Math.max(1, Math.floor((this.box.clientHeight - TOP) / ROW) - 1);
    switch (event.key) {
      case "ArrowUp": r -= 1; break;
      case "ArrowDown": r += 1; break;
      case "ArrowLeft": c -= 1; break;
      case "ArrowRight": c += 1; break;
      case "PageUp": r -= page; break;
      case "PageDown": r += page; break;
      case "Home": c = 0; if (event.ctrlKey) r = 0; break;
      case "End": c = columns - 1; if (event.ctrlKey) r = rows - 1; break;
      case "Enter": case " ": event.preventDefault(); this.content.open(r, c); return;
      default: return;
    }
    event.preventDefault();
    r = Math.max(-1, Math.min(rows - 1, r));
    c = Math.max(-1, Math.min(columns - 1, c));
    if (r === -1 && c === -1) return;
    this.active = [r, c];
    this.reveal(r, c);
    this.render();
  }

  reveal(r, c) {
    const { box } = this;
    const y = r * ROW, x = c * COLUMN, height = box.clientHeight - TOP, width = box.clientWidth - LABEL;
    if (r >= 0 && y < box.scrollTop) box.scrollTop = y;
    if (r >= 0 && y + ROW > box.scrollTop + height) box.scrollTop = y + ROW - height;
    if (c >= 0 && x < box.scrollLeft) box.scrollLeft = x;
    if (c >= 0 && x + COLUMN > box.scrollLeft + width) box.scrollLeft = x + COLUMN - width;
  }
}
