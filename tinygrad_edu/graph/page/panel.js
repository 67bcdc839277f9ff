// The panel: what happens in this step, with the numbers and the line of code.

class Panel {
  constructor(graph, numbers, choose) {
    this.graph = graph;
    this.numbers = numbers;
    this.choose = choose;
    this.box = document.getElementById("panel");
  }

  show(step, selected) {
    const { phase, id, turn, turns } = this.graph.at(step);
    let parts;
    if (selected !== null) parts = nodeParts(this, selected, step);
    else if (phase === "ready") parts = overviewParts(this);
    else {
      const words = `${phase} ${turn} / ${turns}`;
      const rest = phase === "forward" ? this.#forward(id) : this.#backward(id, step);
      parts = [...this.head(id, words, phase), ...this.code(id, phase), ...rest];
    }
    this.box.replaceChildren(...parts);
    this.box.scrollTop = 0;
    for (const lit of this.box.querySelectorAll("mark")) this.#uncover(lit);
  }

  // What is quoted may stand far to the right.
  #uncover(mark) {
    const frame = mark.closest("pre");
    const over = mark.offsetLeft + mark.offsetWidth + 12 - frame.clientWidth;
    if (over > 0) frame.scrollLeft = Math.max(Math.min(over, mark.offsetLeft - 60), 0);
  }

  head(id, words, phase) {
    const node = this.graph.nodes[id];
    const named = node.op && node.op !== node.label ? [element("small", {}, ` = ${node.op}`)] : [];
    const settings = node.settings.length ? [element("small", {}, ` ${node.settings.join(" ")}`)] : [];
    const path = this.graph.around(id).map((name) => this.graph.modules[name][0]);
    return [
      element("p", { class: `pill ${phase}` }, words),
      element("h2", {}, node.label, ...named, ...settings),
      element("p", { class: "path" }, path.join(" › ") || (node.inputs.length ? "top level" : "")),
    ];
  }

  #forward(id) {
    const node = this.graph.nodes[id];
    const inputs = this.graph.readings(id).map((reading) => {
      const source = this.graph.nodes[reading.source];
      const note = this.#called(reading, source);
      return this.numbers.array(source.label, this.#value(source), { note });
    });
    const same = new Set(node.inputs.map(([source]) => source)).size < inputs.length;
    return [
      ...this.formula(node, "value", "value"),
      element("h3", {}, same ? "inputs, in the order of the arguments" : "inputs"), ...inputs,
      element("h3", {}, "output"),
      this.numbers.array(node.label, this.#value(node), { note: node.type }),
      ...this.#kept(node),
    ];
  }

  #called(reading, source) {
    // Operands are called x, y or x1 in any case; a role is worth a word.
    const role = reading.called.length > 2 && reading.called !== source.label;
    return role ? `as ${reading.called}` : "";
  }

  #value(node) {
    return this.graph.array(node.value) ?? { shape: node.shape, size: 1 };
  }

  #kept(node) {
    if (!node.keeps.length || !this.graph.backward.length) return [];
    const parts = node.keeps.map(([name, bytes]) => `${name} (${bytes.toLocaleString("en")} bytes)`);
    return [element("p", { class: "facts" }, `kept for backward: ${parts.join(", ")}`)];
  }

  #backward(id, step) {
    const node = this.graph.nodes[id];
    const readings = this.graph.readings(id);
    const arrives = this.numbers.array(
      this.graph.gradientName(id), this.graph.array(node.adjoint), { gradient: true },
    );
    const sums = this.graph.contributions(id).length;
    const seeds = this.graph.roots.includes(id) && !sums;
    const notes = [];
    if (seeds) notes.push(element("p", { class: "facts" }, "backpropagation starts here"));
    if (sums > 1) notes.push(element("p", { class: "facts" }, `the sum of ${sums} contributions`));
    return [
      element("h3", {}, "arrives here"), arrives, ...notes,
      ...this.formula(node, "adjoint", "local derivative"),
      element("h3", {}, "sends back"),
      ...readings.map((reading) => this.#sent(reading, node, step)),
    ];
  }

  // One contribution to the gradient of one input, and when it is the last, the whole gradient.
  #sent(reading, node, step) {
    const source = this.graph.nodes[reading.source];
    const name = this.graph.gradientName(reading.source);
    if (reading.sent === null) {
      const why = reading.tracked ? "is not reached" : "needs no gradient";
      return element(
        "div", { class: "name array" },
        element("b", {}, source.label), element("span", { class: "note" }, why),
      );
    }
    const all = this.graph.contributions(reading.source);
    const turn = all.findIndex(
      (one) => one.target === reading.target && one.position === reading.position,
    );
    const sent = this.graph.array(reading.sent);
    const shared = all.length > 1;
    const note = shared ? `contribution ${turn + 1} of ${all.length}` : this.#called(reading, source);
    const box = this.numbers.array(shared ? `to ${source.label}` : name, sent, { gradient: true, note });
    const arrived = this.graph.array(node.adjoint);
    if (typeof sent.rms === "number" && arrived.rms > 0) {
      const factor = written(sent.rms / arrived.rms);
      box.append(element("p", { class: "facts" }, `size ${written(sent.rms)} = ${factor} × what arrives`));
    }
    if (shared && turn === all.length - 1) {
      const whole = { gradient: true, note: `all ${all.length} added up` };
      box.append(this.numbers.array(name, this.graph.array(source.adjoint), whole));
    }
    return box;
  }

  formula(node, which, title) {
    if (node.formula === null) return [];
    const lines = this.graph.formulas[node.formula][which];
    if (!lines.length) return [];
    const box = element("div", { class: "formula" });
    for (const tree of lines) box.append(element("p", {}, math(tree)));
    return [element("h3", {}, title), box];
  }

  // The lines around an operation, without the indentation that they share.
  code(id, phase) {
    const { code } = this.graph.nodes[id];
    if (!code) return [];
    const [place, first, last, start, end] = code;
    const { name, lines } = this.graph.files[place];
    const around = Object.keys(lines).map(Number).filter((n) => n >= first - 2 && n <= last + 2);
    const indent = Math.min(
      ...around.filter((n) => lines[n].trim()).map((n) => lines[n].search(/\S/)), start,
    );
    const box = element("pre", { class: phase, tabindex: "0", "aria-label": `source, line ${first}` });
    for (const n of around) {
      const row = element("div", {}, element("i", {}, String(n)));
      if (n >= first && n <= last) {
        const from = n === first ? start : lines[n].search(/\S/);
        const until = n === last ? end : lines[n].length;
        row.className = "on";
        row.append(lines[n].slice(indent, from), element("mark", {}, lines[n].slice(from, until)));
        row.append(lines[n].slice(until));
      } else row.append(lines[n].slice(indent));
      box.append(row);
    }
    return [element("h3", {}, `source · ${name}:${first}`), box];
  }
}
