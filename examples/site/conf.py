"""Settings of the site; ``build.py`` gathers its pages and calls Sphinx with them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import tinygrad_edu

project = "tinygrad_edu"
release = tinygrad_edu.__version__
author = "The authors of tinygrad_edu"
html_title = f"tinygrad_edu {release}"

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "formulas",
    "stars",
]
myst_enable_extensions = ["dollarmath", "fieldlist"]
myst_heading_anchors = 3
# Formulas are MathML, which browsers draw themselves.
html_math_renderer = "mathml"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_param = False
napoleon_use_ivar = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
add_module_names = False
python_use_unqualified_type_names = True
# A word of a type, such as "samples", may be the name of something, and of several things.
suppress_warnings = ["ref.python"]
highlight_language = "python"

html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1d4ed8", "color-brand-content": "#1d4ed8"},
    "dark_css_variables": {"color-brand-primary": "#7db0ff", "color-brand-content": "#7db0ff"},
}
