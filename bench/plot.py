"""Results as a picture: bars, written as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bench.figures import FIRST, Median

_COLOURS = {"floor": "#8a8a8a", "ropewalk": "#0a7d5a", "pyinfra": "#3b6fb6", "mitogen": "#b5651d", "ansible": "#a8324a"}
_BAR, _GAP, _LABEL, _WIDTH, _VALUE = 13, 8, 80, 300, 70
_PANEL = _LABEL + _WIDTH + _VALUE
_COLUMNS = 2


def svg(rows: Sequence[Median]) -> str:
    """Return a picture with a panel for every number of hosts and delay; each has a scale of its own, from zero."""
    cases = list(dict.fromkeys((row.hosts, row.rtt) for row in rows))
    panels = [_panel([row for row in rows if (row.hosts, row.rtt) == case], *case) for case in cases]
    columns = min(_COLUMNS, len(panels)) or 1
    body, top = [], 40
    for start in range(0, len(panels), columns):
        line = panels[start : start + columns]
        body += [f'<g transform="translate({20 + i * _PANEL},{top})">{text}</g>' for i, (text, _) in enumerate(line)]
        top += max(height for _, height in line) + 20
    width = 20 + columns * _PANEL
    title = "25 operations: seconds, the first run (dark) and the same again (light)"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top}" viewBox="0 0 {width} {top}" '
        f'font-family="sans-serif" font-size="11"><rect width="100%" height="100%" fill="white"/>'
        f'<text x="20" y="22" font-size="14" font-weight="bold">{title}</text>{"".join(body)}</svg>\n'
    )


def _panel(rows: Sequence[Median], hosts: int, rtt: int) -> tuple[str, int]:
    """Return the elements of a panel and its height."""
    longest = max(row.wall for row in rows) or 1.0
    heading = f"{hosts} {'host' if hosts == 1 else 'hosts'}, {rtt} ms round trip"
    parts, y = [f'<text x="0" y="10" font-weight="bold">{heading}</text>'], 18
    for tool in dict.fromkeys(row.tool for row in rows):
        parts.append(_text(_LABEL - 6, y + _BAR + 4, tool, "end"))
        for row in rows:
            if row.tool == tool:
                parts.append(_bar(row, y, row.wall / longest))
                y += _BAR
        y += _GAP
    return "".join(parts), y


def _bar(row: Median, y: int, part: float) -> str:
    width, opacity = max(1.0, part * _WIDTH), 1 if row.run == FIRST else 0.55
    colour = _COLOURS.get(row.tool, "#555555")
    return (
        f'<rect x="{_LABEL}" y="{y}" width="{width:.1f}" height="{_BAR - 1}" fill="{colour}" opacity="{opacity}"/>'
        + _text(_LABEL + width + 4, y + _BAR - 3, f"{row.wall:.2f}", "start")
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(text)}</text>'
