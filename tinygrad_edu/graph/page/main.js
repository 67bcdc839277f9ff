// Putting it together.

class Page {
  constructor(graph) {
    this.graph = graph;
    this.selected = null;
    this.numbers = new Numbers(graph.colours);
    this.stage = new Stage(graph);
    this.painter = new Painter(graph, this.stage);
    this.panel = new Panel(graph, this.numbers, (id) => this.find({ id }));
    this.player = this.#player();
    this.finder = new Find(graph, (entry) => this.find(entry));
    this.gestures = new Gestures(
      this.stage, (target) => this.press(target), (box, event) => this.hover(box, event),
    );
    this.#header();
    this.#legend();
    this.#keys();
    this.show(graph.start);
  }

  // The slider has two halves, values and gradients.
  #player() {
    const { forward, backward, last } = this.graph;
    const player = new Player({
      last,
      words: (step) => this.graph.step(step),
      stops: (step) => [1, forward.length, forward.length + 1, last].includes(step),
      changed: (step) => {
        player.slider.className = this.graph.at(step).phase;
        this.stepped();
      },
    });
    const split = `${100 * (last ? forward.length / last : 1)}%`;
    player.slider.style.setProperty("--split", split);
    document.querySelector(".halves").style.setProperty("--split", split);
    document.getElementById("second").hidden = !backward.length;
    return player;
  }

  #header() {
    document.getElementById("title").textContent = this.graph.title;
    document.getElementById("counts").textContent = this.graph.counts;
    document.getElementById("fit").addEventListener("click", () => this.stage.fit(true));
    for (const [name, factor] of [["closer", 1.25], ["farther", 0.8]]) {
      const button = document.getElementById(name);
      button.append(icon(name));
      button.addEventListener("click", () => this.stage.zoom(factor));
    }
    const place = (key) => (key === "@start" ? -1 : Number(key.slice(1)));
    const depths = Object.keys(this.graph.scenes).filter((key) => !isModule(key));
    depths.sort((a, b) => place(a) - place(b));
    const box = document.getElementById("depths");
    box.hidden = depths.length < 2;
    for (const key of depths) {
      const settings = { type: "button", "data-key": key, click: () => this.show(key) };
      box.append(element("button", settings, this.#depth(key)));
    }
    addEventListener("resize", () => this.stage.fit());
  }

  #depth(key) {
    if (key === "@start") return "folded";
    if (key === `@${this.graph.levels}`) return "all";
    return key === "@0" ? "modules" : `depth ${key.slice(1)}`;
  }

  #legend() {
    const words = {
      input: "input", target: "target", parameter: "parameter", buffer: "buffer",
      constant: "constant", op: "operation", gradient: "of a gradient", module: "module",
      loss: this.graph.result === "result" ? "result" : "loss",
    };
    const kinds = new Set(this.graph.ids.map((id) => this.graph.nodes[id].kind));
    if (Object.keys(this.graph.modules).length) kinds.add("module");
    const box = document.getElementById("legend");
    for (const [kind, text] of Object.entries(words)) {
      if (kinds.has(kind)) box.append(element("span", {}, element("i", { class: kind === "gradient" ? "gradient-op" : kind }), text));
    }
    if (!this.graph.backward.length) return;
    const scale = element("i", { class: "scale" });
    const ends = ["gradient 1e−8", "1e3"];
    box.append(element("span", { class: "gradient" }, ends[0], scale, ends[1]));
  }

  show(key) {
    if (key !== this.stage.key) this.stage.show(key);
    else this.stage.fit();
    for (const button of document.querySelectorAll("#depths button")) {
      button.setAttribute("aria-pressed", String(button.dataset.key === key));
    }
    this.#crumbs(key);
    this.paint();
  }

  #crumbs(key) {
    const box = document.getElementById("crumbs");
    box.replaceChildren();
    if (!isModule(key)) return;
    const link = (words, to) => element("button", { type: "button", click: () => this.show(to) }, words);
    box.append(link("all", this.graph.start));
    for (const path of this.graph.enclosing(key)) {
      box.append(" › ", link(this.graph.modules[path][0], path in this.graph.scenes ? path : key));
    }
    box.lastElementChild.setAttribute("aria-current", "true");
  }

  paint() {
    const lit = this.painter.paint(this.player.step, this.selected);
    this.panel.show(this.player.step, this.selected);
    return lit;
  }

  stepped() {
    this.selected = null;
    this.hover(null);
    const lit = this.paint();
    if (lit !== null) this.stage.reveal(this.stage.boxes.get(lit)[0]);
  }

  // A box or a module's title was pressed, or chosen by the keyboard.
  press(target) {
    if (!target) return;
    if (target.classList.contains("title")) return this.close(target.dataset.module);
    const key = target.dataset.id;
    const closed = this.stage.scene.closed[key];
    if (!closed) return this.choose(key);
    const [kind, , path, , first] = closed;
    // What is folded in a module is seen in that module's own picture, if that is another.
    const own = kind === "module" || (path in this.graph.scenes && path !== this.stage.key);
    return own ? this.open(path) : this.choose(first);
  }

  open(path) {
    const known = this.graph.enclosing(path).filter((name) => name in this.graph.scenes);
    const key = known.at(-1);
    if (key && key !== this.stage.key) return this.show(key);
    return this.say(`There is no picture of ${path}: draw it with open=["${path}"].`);
  }

  // The picture around a module, else the one in which its level is closed.
  close(path) {
    const outer = this.graph.modules[path]?.[1];
    const depth = `@${this.graph.enclosing(path).length - 1}`;
    this.show([outer, depth, "@0"].find((key) => key in this.graph.scenes) ?? this.graph.start);
  }

  // An operation takes one to its step, of the half that one is in; a leaf to its numbers.
  choose(id) {
    this.player.stop();
    const steps = this.player.step > this.graph.forward.length ? this.graph.backwardAt : this.graph.forwardAt;
    const at = steps.get(id) ?? this.graph.forwardAt.get(id);
    if (at !== undefined) this.player.go(at);
    else {
      this.selected = id;
      this.paint();
      this.say(`${this.graph.nodes[id].kind} ${this.graph.nodes[id].label}`);
    }
  }

  find({ id, module }) {
    if (module !== undefined) return this.open(module);
    const key = this.stage.sceneFor(id);
    if (key !== this.stage.key) this.show(key);
    this.choose(id);
    const box = this.stage.boxes.get(this.stage.owner(id))?.[0];
    if (box) this.stage.reveal(box);
    return undefined;
  }

  say(words) {
    document.getElementById("said").textContent = words;
  }

  hover(box, event) {
    const tip = document.getElementById("tip");
    tip.hidden = !box;
    for (const line of this.copies ?? []) line.classList.remove("same");
    this.copies = [];
    if (!box) return;
    const key = box.dataset.id;
    // All copies of a leaf that is read more than once.
    this.copies = this.stage.boxes.get(key);
    if (this.copies.length > 1) this.copies.forEach((copy) => copy.classList.add("same"));
    tip.replaceChildren(...this.#tip(key));
    tip.style.left = `${Math.max(Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8), 8)}px`;
    tip.style.top = `${Math.min(event.clientY + 16, innerHeight - tip.offsetHeight - 8)}px`;
  }

  #tip(key) {
    const closed = this.stage.scene.closed[key];
    if (closed) {
      const [kind, title, , rows] = closed;
      const words = kind === "module" ? "press to open" : "press for more";
      return [element("b", {}, title), element("p", {}, `${rows} operations: ${words}`)];
    }
    const node = this.graph.nodes[key];
    const [value, gradient] = [this.graph.array(node.value), this.graph.array(node.adjoint)];
    const facts = [["op", "gradient"].includes(node.kind) ? "" : node.kind, node.shape, node.type].filter(Boolean).join("  ");
    const parts = [element("b", {}, node.label), element("p", {}, facts)];
    if (value?.size === 1) parts.push(element("p", {}, `value ${written(value.rows[0][0])}`));
    else if (value?.mean !== undefined) {
      const spread = `${written(value.mean)} ± ${written(value.std)}`;
      parts.push(element("p", {}, `value ${spread}, from ${written(value.min)} to ${written(value.max)}`));
    }
    if (gradient?.rms !== undefined) parts.push(element("p", {}, `gradient rms ${written(gradient.rms)}`));
    const code = node.code && this.graph.files[node.code[0]];
    if (code) parts.push(element("p", { class: "line" }, `${code.name}:${node.code[1]}  ${code.lines[node.code[1]].trim()}`));
    return parts;
  }

  #keys() {
    const others = {
      "+": () => this.stage.zoom(1.25), "=": () => this.stage.zoom(1.25),
      "-": () => this.stage.zoom(0.8), 0: () => this.stage.fit(true),
      "/": () => this.finder.field.focus(), Escape: () => this.#escape(),
    };
    addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const { target } = event;
      const box = target.closest?.(".node, .title");
      if (box && (event.key === "Enter" || event.key === " ")) {
        this.press(box);
        event.preventDefault();
      } else if (this.#native(target, event.key)) return;
      else if (Object.hasOwn(others, event.key)) {
        others[event.key]();
        event.preventDefault();
      } else if (this.player.key(event)) event.preventDefault();
    });
    this.stage.window.addEventListener("focusin", (event) => {
      const box = event.target.closest(".node, .title");
      if (box?.matches(":focus-visible")) this.stage.reveal(box, true);
    });
  }

  // What the element with the focus does with a key by itself.
  #native(target, key) {
    if (target.id === "slider") return key !== " " && !["/", "+", "-", "0", "Escape"].includes(key);
    if (target.closest("button")) return key === " " || key === "Enter";
    if (target.closest("#panel")) return key.startsWith("Arrow") && target.closest("pre, .scroll") !== null;
    return false;
  }

  // One step out: of the choice, then of the module.
  #escape() {
    if (this.selected !== null) {
      this.selected = null;
      this.paint();
    } else if (isModule(this.stage.key)) this.close(this.stage.key);
  }
}

// Scenes of depths have keys of their own: "@1".
function isModule(key) {
  return !key.startsWith("@");
}

whenRead((data) => new Page(new Graph(data)).player.go(0));
