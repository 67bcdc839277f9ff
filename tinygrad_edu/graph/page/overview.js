// Two more panels: of the whole graph, and of a single node that was chosen.

const LISTED = 40;

function overviewParts(panel) {
  const { graph } = panel;
  const parts = [
    element("p", { class: "pill" }, "the whole picture"),
    element("h2", {}, graph.title),
    element("p", { class: "say" }, introduction(graph)),
    ...graph.notes.map((note) => element("p", { class: "facts" }, note)),
  ];
  if (graph.remark && !graph.notes.includes(graph.remark)) {
    parts.push(element("p", { class: "facts" }, graph.remark));
  }
  const weights = graph.ids.filter((id) => graph.nodes[id].kind === "parameter");
  if (!weights.length) return parts;
  const sizes = graph.backward.length ? ", and the size of their gradients" : "";
  parts.push(element("h3", {}, `parameters${sizes}`));
  const list = element("ul", { class: "list" });
  for (const id of weights.slice(0, LISTED)) list.append(weightLine(panel, id));
  parts.push(list);
  if (weights.length > LISTED) {
    const more = `and ${weights.length - LISTED} more; find shows them`;
    parts.push(element("p", { class: "facts" }, more));
  }
  return parts;
}

function introduction(graph) {
  const start = "Press play, or drag the slider. First the values flow to the end of the graph";
  if (!graph.backward.length) return `${start}.`;
  const seed = `∂${graph.result}/∂${graph.result} = 1`;
  const begin = graph.roots.length === 1 ? `${seed} starts there, and` : "gradients start there, and";
  return `${start}; then ${begin} the chain rule carries it back to every parameter.`;
}

function weightLine(panel, id) {
  const node = panel.graph.nodes[id];
  const gradient = panel.graph.array(node.adjoint);
  const button = element(
    "button", { type: "button", click: () => panel.choose(id) },
    element("b", {}, node.label), element("span", { class: "shape" }, node.shape),
  );
  if (gradient?.rms !== undefined) {
    button.append(panel.numbers.chip(gradient.rms, written(gradient.rms)));
  } else if (panel.graph.backward.length) {
    button.append(element("span", { class: "note" }, "no gradient"));
  }
  return element("li", {}, button);
}

// A node by itself: its value, its gradient as far as it is there, and who reads it.
function nodeParts(panel, id, step) {
  const { graph, numbers } = panel;
  const node = graph.nodes[id];
  const kind = { op: "operation", gradient: "of a gradient", detached: "no gradient beyond" }[node.kind] ?? node.kind;
  const value = graph.array(node.value) ?? { shape: node.shape, size: 1 };
  const parts = [
    ...panel.head(id, kind, ""),
    ...panel.code(id, "forward"),
    element("h3", {}, "value"), numbers.array(node.label, value, { note: node.type }),
  ];
  const complete = graph.completeAt(id);
  if (complete !== null) {
    parts.push(element("h3", {}, "gradient"));
    const whole = graph.array(node.adjoint);
    const all = graph.contributions(id);
    const note = all.length > 1 ? `the sum of ${all.length} contributions` : "";
    if (step === 0 || step >= complete) {
      parts.push(numbers.array(graph.gradientName(id), whole, { gradient: true, note }));
    } else parts.push(element("p", { class: "facts" }, `complete after step ${complete}`));
  } else if (graph.backward.length) {
    parts.push(element("p", { class: "facts" }, "needs no gradient"));
  }
  const readers = graph.readers.get(id);
  if (readers.length) parts.push(element("h3", {}, "read by"), readerList(panel, readers));
  return parts;
}

function readerList(panel, readers) {
  const list = element("ul", { class: "list" });
  for (const reading of readers.slice(0, LISTED)) {
    const node = panel.graph.nodes[reading.target];
    const button = element(
      "button", { type: "button", click: () => panel.choose(reading.target) },
      element("b", {}, node.label),
      element("span", { class: "note" }, reading.called.length > 2 ? `as ${reading.called}` : ""),
    );
    list.append(element("li", {}, button));
  }
  return list;
}
