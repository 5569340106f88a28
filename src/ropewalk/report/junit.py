"""``--junit``: a run as a JUnit report: suites are hosts, cases are operations.

Elements and attributes are those that the readers of CI systems agree on: ``testsuites``, ``testsuite``, ``testcase``
with ``failure``, ``error`` or ``skipped``, ``system-out``. Some readers look at no suite, and drop a case whose
name they have seen: so the class name of a case is its host, and names are unique on a host.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from xml.etree import ElementTree

from ropewalk.model.result import RunResult
from ropewalk.report.junit_cases import Case, Names, of_host, of_run
from ropewalk.report.text import clean

#: The suite that tells what became of the run as a whole.
RUN = "(run)"

#: What is not allowed in XML 1.0, of that which :func:`clean` lets pass.
_NOT_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class Suite:
    """The cases of one host."""

    name: str
    cases: list[Case] = field(default_factory=list)

    def count(self, element: str) -> int:
        return sum(case.verdict is not None and case.verdict.element == element for case in self.cases)

    @property
    def seconds(self) -> float:
        return sum(case.seconds for case in self.cases)


def document(result: RunResult, *, started: datetime | None = None) -> str:
    """Return the report of a run that has ended.

    :param started: when it began.
    """
    made = suites(result)
    root = ElementTree.Element("testsuites", {"name": "ropewalk", **_numbers(made, result.seconds, started)})
    for suite in made:
        numbers = _numbers([suite], suite.seconds, started)
        element = ElementTree.SubElement(root, "testsuite", {"name": _xml(suite.name), **numbers})
        if suite.name != RUN:
            element.set("hostname", _xml(suite.name))
        for case in suite.cases:
            _write(element, suite, case)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def suites(result: RunResult) -> list[Suite]:
    """Return the hosts with their operations. A run that did not end well always has a case that says so."""
    names = Names(result)
    made = [Suite(host.name, _unique(of_host(host, result, names))) for host in result.hosts.values()]
    wrong = sum(suite.count("failure") + suite.count("error") for suite in made)
    if result.stopped_by is not None or not (result.ok or wrong):
        made.append(Suite(RUN, [of_run(result)]))
    return [suite for suite in made if suite.cases]


def _unique(cases: Iterator[Case]) -> list[Case]:
    """Number the cases that have the same name."""
    seen: dict[str, int] = {}
    made = []
    for case in cases:
        name = _xml(case.name)
        seen[name] = number = seen.get(name, 0) + 1
        made.append(replace(case, name=name if number == 1 else f"{name} #{number}"))
    return made


def _numbers(made: Sequence[Suite], seconds: float, started: datetime | None) -> dict[str, str]:
    counts = {
        "tests": sum(len(suite.cases) for suite in made),
        "failures": sum(suite.count("failure") for suite in made),
        "errors": sum(suite.count("error") for suite in made),
        "skipped": sum(suite.count("skipped") for suite in made),
    }
    at = {"timestamp": started.isoformat(timespec="seconds")} if started is not None else {}
    return {**{key: str(count) for key, count in counts.items()}, "time": f"{seconds:.3f}", **at}


def _write(parent: ElementTree.Element, suite: Suite, case: Case) -> None:
    about = {"name": case.name, "classname": _xml(suite.name), "time": f"{case.seconds:.3f}"}
    if case.where is not None:
        about |= {"file": _xml(case.where.file), "line": str(case.where.line)}
    element = ElementTree.SubElement(parent, "testcase", about)
    if case.verdict is not None:
        why = {"type": _xml(case.verdict.kind), "message": _xml(case.verdict.message)}
        inner = ElementTree.SubElement(element, case.verdict.element, why)
        inner.text = _xml(case.verdict.details or case.verdict.message)  # GitLab shows the text, others the message
    if case.output:
        ElementTree.SubElement(element, "system-out").text = _xml(case.output)


def _xml(text: str) -> str:
    """Return text that an XML document can hold, whatever a host said."""
    return _NOT_XML.sub("?", clean(text))
