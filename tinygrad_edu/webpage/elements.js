// Elements of the page, and numbers as text.

const DRAWING = "http://www.w3.org/2000/svg";

// Names of the user's are only ever set as text, never read as markup.
function element(tag, settings = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(settings)) {
    if (name === "class") made.className = value;
    else if (name === "click") made.addEventListener("click", value);
    else if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

// Three significant digits, whole numbers in full: as the picture writes them.
function written(x) {
  if (typeof x !== "number") return String(x).replace("-", "−");
  const size = Math.abs(x);
  let text;
  if (Number.isInteger(x) && size < 1e5) text = String(x);
  else if (size >= 1e-3 && size < 9999.5) {
    text = size >= 100 ? x.toFixed(0) : cut(x.toPrecision(3));
  } else {
    const [digits, exponent] = x.toExponential(2).split("e");
    text = `${cut(digits)}e${Number(exponent)}`;
  }
  return text.replaceAll("-", "−");
}

function cut(digits) {
  return digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
}

const ICONS = {
  back: "M14 6l-6 6 6 6", next: "M10 6l6 6-6 6", play: "M9 6.5v11l9-5.5z",
  pause: "M8 7h2.6v10H8zM13.4 7H16v10h-2.6z", closer: "M12 6v12M6 12h12", farther: "M6 12h12",
};

function icon(name) {
  const svg = document.createElementNS(DRAWING, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", name === "play" || name === "pause" ? "icon full" : "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(DRAWING, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}
