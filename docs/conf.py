"""How the documents are built: Markdown by Sphinx, everything in the pages themselves, nothing fetched from outside."""

from typing import Any

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.application import Sphinx

import jointplan

project = "Jointplan"
author = "The Jointplan authors"
version = release = jointplan.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]

autodoc_typehints = "description"
autodoc_member_order = "bysource"
napoleon_google_docstring = False

html_theme = "furo"
html_title = "Jointplan · 集群协同规划系统"
html_static_path = ["_static"]
html_css_files = ["jointplan.css"]
html_copy_source = False
html_show_sphinx = False
html_math_renderer = "mathml"


def inline_formula(writer: Any, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    writer.body.append(tex2mathml(node.astext(), as_block=False))
    raise nodes.SkipNode


def display_formula(writer: Any, node: nodes.math_block) -> None:
    """Write a formula that stands alone."""
    writer.body.append(f'<div class="math">{tex2mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def setup(app: Sphinx) -> None:
    """Write formulas as MathML, which browsers read without a script from elsewhere."""
    app.add_html_math_renderer("mathml", (inline_formula, None), (display_formula, None))
