"""``--html``: a page that needs nothing else, and shows text of hosts as text only; that of a run first of all.

The browser is told to run no other script than that of the page, to load nothing and to send nothing: what a server
wrote cannot become code, even if the script had a mistake.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib import resources

from ropewalk.model.result import RunResult
from ropewalk.report.html.data import data
from ropewalk.report.html.moments import Moments
from ropewalk.report.html.texts import encode

#: The parts of every page's script, in the order they need each other, and those of a run's.
COMMON = ("base.js", "dom.js", "theme.js")
SCRIPTS = (*COMMON, "model.js", "grid.js", "detail.js", "summary.js", "matrix.js", "timeline.js", "main.js")


def document(result: RunResult, moments: Moments, *, about: Mapping[str, str]) -> str:
    """Return the page of a run that has ended.

    :param moments: when things happened in it.
    :param about: what else is known: headings, and a text for each.
    """
    return page("run.html", ("page.css",), SCRIPTS, data(result, moments, about))


def page(body: str, styles: Sequence[str], scripts: Sequence[str], shown: object) -> str:
    """Return a page whose script shows some data, and which allows nothing but that.

    :param body: the asset with the elements that the script fills.
    :param shown: what JSON can say, of clean texts.
    """
    style, script = "".join(map(_asset, styles)), bundled(scripts)
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'"
    parts = {
        "policy": policy, "style": style, "body": _asset(body), "script": script, "data": encode(shown),
    }  # fmt: skip
    head, *rest = _asset("page.html").split("{{")
    made = [head]
    for part in rest:
        name, _, text = part.partition("}}")
        made += [parts[name], text]
    return "".join(made)


def bundled(names: Sequence[str]) -> str:
    """Return scripts as one, whose names nothing outside can see."""
    return '\n"use strict";\n(() => {\n' + "\n".join(_asset(name) for name in names) + "})();\n"


def _asset(name: str) -> str:
    return (resources.files(__package__) / "assets" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
