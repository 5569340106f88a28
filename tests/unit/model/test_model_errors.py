"""The tree of errors is what its documentation draws, and errors are what v3 code catches them as."""

from __future__ import annotations

import re

import pytest

from ropewalk.model import errors

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if isinstance(value, type) and value.__module__ == errors.__name__
}


def drawn() -> dict[str, str]:
    """Return child -> parent as the module's docstring draws it."""
    parents: dict[str, str] = {}
    above: list[str] = []  # the class that is open at each depth
    for line in (errors.__doc__ or "").split("::\n", 1)[1].split("\n\n    Messages")[0].splitlines():
        names = [name for name in re.findall(r"[A-Z]\w+", line) if name in CLASSES]
        if not names:
            continue
        if "+--" not in line and "|" not in line:
            above = names[:1]
            continue
        if "+--" not in line:  # goes on with the children of the line before
            for name in names:
                parents[name] = above[-1]
            continue
        depth = line.index("+--") // 4
        del above[depth:]
        listed, *rest = re.split(r"\s{2,}", line.split("+--")[1].strip(), maxsplit=1)
        siblings = [name for name in re.findall(r"\w+", listed) if name in CLASSES]
        for name in siblings:
            parents[name] = above[-1]
        above.append(siblings[0])
        inner = siblings[0]
        for part in re.split(r"(\()", rest[0] if rest else ""):
            for name in re.findall(r"\w+", part):
                if name in CLASSES:
                    parents[name] = inner
    return parents


def test_the_drawing_names_every_class_once() -> None:
    assert sorted([*drawn(), "RopewalkError"]) == sorted(CLASSES)


@pytest.mark.parametrize(("child", "parent"), sorted(drawn().items()))
def test_the_drawing_is_right(child: str, parent: str) -> None:
    assert issubclass(CLASSES[child], CLASSES[parent])


@pytest.mark.parametrize(
    ("error", "builtin"),
    [
        (errors.NoHostError, TypeError),
        (errors.NoGroupError, TypeError),
        (errors.NoConnectorError, TypeError),
        (errors.ConnectorDataTypeError, TypeError),
        (errors.ArgumentTypeError, TypeError),
        (errors.FactTypeError, TypeError),
        (errors.FactValueError, ValueError),
        (errors.FactProcessError, RuntimeError),
        (errors.OperationTypeError, TypeError),
        (errors.OperationValueError, ValueError),
        (errors.UnknownUntilApplied, RuntimeError),
    ],
)
def test_errors_are_also_the_builtin_ones_that_v3_raises(error: type, builtin: type) -> None:
    assert issubclass(error, builtin)


@pytest.mark.parametrize("error", sorted(CLASSES.values(), key=lambda cls: cls.__name__), ids=lambda cls: cls.__name__)
def test_every_error_says_what_is_wrong_and_keeps_the_hint(error: type[errors.RopewalkError]) -> None:
    if error is errors.FactPreconditionError:
        raised = errors.FactPreconditionError(int, "no such thing")
        assert str(raised) == "int: no such thing"
        assert (raised.fact_cls, raised.reason) == (int, "no such thing")
        return
    raised = error("what", hint="do this")
    assert (str(raised), raised.hint) == ("what", "do this")
    assert isinstance(raised, errors.RopewalkError)
    assert error("what").hint is None


def test_extra_attributes() -> None:
    assert errors.LoadError("x", where="f:1").where == "f:1"
    assert errors.EscalationFailed("x", unknown_user=True).unknown_user
    assert not errors.EscalationFailed("x").unknown_user
    assert errors.OperationFailed("x", result=5).result == 5


def test_bad_usage_is_never_a_failure_of_one_host_except_in_a_call_of_an_operation() -> None:
    both = [cls for cls in CLASSES.values() if issubclass(cls, errors.UsageError) and issubclass(cls, errors.HostError)]
    assert both == [errors.OperationTypeError]
