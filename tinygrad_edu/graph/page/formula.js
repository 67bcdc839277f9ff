// Formulas as MathML. They come as trees; only these tags are ever made of them.

const MATH = "http://www.w3.org/1998/Math/MathML";
const TAGS = new Set([
  "mrow", "mi", "mn", "mo", "msub", "msup", "msubsup", "mover", "munder", "munderover", "mfrac",
  "msqrt", "mtext",
]);

function math(tree) {
  const made = document.createElementNS(MATH, "math");
  made.append(part(tree));
  return made;
}

function part([tag, ...children]) {
  if (tag === "space") {
    const space = document.createElementNS(MATH, "mspace");
    space.setAttribute("width", `${children[0]}em`);
    return space;
  }
  // A bar is a border: as an accent some fonts strike it through the letter.
  const bar = tag === "mover" && children[1]?.[1] === "¯";
  const made = document.createElementNS(MATH, bar ? "mrow" : TAGS.has(tag) ? tag : "mi");
  if (bar) made.setAttribute("class", "bar");
  if (tag === "upright") {
    made.setAttribute("mathvariant", "normal");
    if (children[0].length > 1) made.setAttribute("class", "word");
  }
  for (const child of bar ? children.slice(0, 1) : children) {
    made.append(typeof child === "string" ? child : part(child));
  }
  if (tag === "mo" && "^~˙[]()⌊⌋⌈⌉{}".includes(children[0])) made.setAttribute("stretchy", "false");
  return made;
}
