// Find: over all nodes and modules, drawn or not.

const MOST = 60;

class Find {
  constructor(graph, choose) {
    this.graph = graph;
    this.choose = choose;
    this.field = document.getElementById("find");
    this.list = document.getElementById("found");
    this.active = -1;
    this.entries = [
      ...Object.entries(graph.modules).map(([path, [title, , rows]]) => ({
        module: path, label: title, note: `module, ${rows} ops`, text: `${path} ${title}`.toLowerCase(),
      })),
      ...graph.ids.map((id) => this.#entry(id)),
    ];
    this.field.addEventListener("input", () => this.#search());
    this.field.addEventListener("focus", () => this.#search());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("blur", () => this.close());
    // Before the field loses the focus, and with it the list.
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const item = event.target.closest("li");
      if (item) this.#pick(Number(item.dataset.place));
    });
  }

  #entry(id) {
    const { kind, label, op, module, shape } = this.graph.nodes[id];
    const words = ["op", "gradient", "loss"].includes(kind) ? (op === label ? "" : op) : kind;
    const note = [words, shape, module].filter(Boolean).join("  ");
    return { id, label, note, text: `${label} ${op} ${kind} ${module}`.toLowerCase() };
  }

  #search() {
    const words = this.field.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return this.close();
    const all = this.entries.filter(({ text }) => words.every((word) => text.includes(word)));
    const exact = (entry) => entry.label.toLowerCase().startsWith(words[0]);
    this.matches = [...all.filter(exact), ...all.filter((entry) => !exact(entry))].slice(0, MOST);
    const items = this.matches.map((entry, k) => element(
      "li", { role: "option", id: `found${k}`, "data-place": k, "aria-selected": "false" },
      element("b", {}, entry.label), element("span", { class: "note" }, entry.note),
    ));
    if (all.length > MOST) {
      items.push(element("p", { class: "facts" }, `and ${all.length - MOST} more`));
    }
    if (!all.length) items.push(element("p", { class: "facts" }, "nothing of that name"));
    this.list.replaceChildren(...items);
    this.list.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    this.#mark(all.length ? 0 : -1);
    return undefined;
  }

  #mark(place) {
    this.active = place;
    const items = this.list.querySelectorAll("li");
    items.forEach((item, k) => item.setAttribute("aria-selected", String(k === place)));
    if (place >= 0) {
      this.field.setAttribute("aria-activedescendant", `found${place}`);
      items[place].scrollIntoView({ block: "nearest" });
    } else this.field.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    const count = this.list.hidden ? 0 : this.matches.length;
    const turn = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (turn && count) {
      event.preventDefault();
      this.#mark((this.active + turn + count) % count);
    } else if (event.key === "Enter" && count) this.#pick(this.active);
    else if (event.key === "Escape") {
      this.field.value = "";
      this.field.blur();
    }
    event.stopPropagation();
  }

  #pick(place) {
    const entry = this.matches[place];
    this.field.value = "";
    this.field.blur();
    this.choose(entry);
  }

  close() {
    this.list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.#mark(-1);
  }
}
