"""A Sphinx extension: formulas as MathML, with no script and no font from elsewhere."""

from docutils import nodes

from tinygrad_edu.lessons.mathematics import mathml


def _inline(self, node):
    self.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def _block(self, node):
    drawn = mathml(_lines(node.astext()), display=True)
    self.body.append(self.starttag(node, "div", CLASS="formula") + drawn + "</div>\n")
    raise nodes.SkipNode


def _lines(text):
    """Several lines without an environment are rows, as Sphinx has them."""
    text = text.strip()
    if r"\\" in text and r"\begin" not in text:
        return rf"\begin{{split}}{text}\end{{split}}"
    return text


def setup(app):
    """Register the way to draw formulas."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
