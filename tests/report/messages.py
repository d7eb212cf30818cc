"""Finds every message the report can show."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import jointplan.report
from jointplan.report.words import VOCABULARIES

ROOM = Path(jointplan.report.__file__).parent


def messages() -> set[str]:
    """Return the English messages in code, templates and vocabularies."""
    found = {text for vocabulary in VOCABULARIES for text in vocabulary.values()}
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr":
                text = node.args[0]
                if isinstance(text, ast.Constant):
                    found.add(str(text.value))
    for path in (ROOM / "templates").glob("*.j2"):
        found.update(re.findall(r'tr\("([^"]+)"', path.read_text("utf-8")))
    return found
