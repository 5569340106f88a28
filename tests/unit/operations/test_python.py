"""python.call and python.raise_exception: what is checked before anything runs, and what is called."""

from __future__ import annotations

import pytest

from ropewalk.api import Call, OperationError
from ropewalk.model.errors import OperationTypeError
from ropewalk.operations import python
from ropewalk.testing import evaluate


def plain(a, b=2):
    return False


def legacy(state, host, a):
    return a


def test_a_function_is_called_with_its_arguments():
    assert evaluate(python.call, plain, 1, b=3).steps == [Call(plain, (1,), {"b": 3})]


def test_a_function_that_does_not_tell_its_parameters_is_called_anyway():
    assert evaluate(python.call, dict.fromkeys, [1]).steps == [Call(dict.fromkeys, ([1],), {})]


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "message"),
    [
        pytest.param("plain", (), {}, "takes a function, not 'plain'", id="no function"),
        pytest.param(plain, (), {}, r"plain \(.*test_python.py:\d+\).*'a'", id="argument missing"),
        pytest.param(plain, (1, 2, 3), {}, "too many positional", id="argument too many"),
        pytest.param(plain, (1,), {"nope": 1}, "nope", id="unknown keyword"),
        pytest.param(legacy, (), {}, "'a'", id="older form: argument missing"),
    ],
)
def test_wrong_arguments_are_found_before_anything_runs(function, args, kwargs, message):
    with pytest.raises(OperationTypeError, match=message):
        evaluate(python.call, function, *args, **kwargs)


def test_a_function_with_state_and_host_gets_them_first():
    (step,) = evaluate(python.call, legacy, 5).steps
    state, host, five = step.args
    assert (state.inventory.get_host("test"), host.name, five) == (host, "test", 5)


def test_state_and_host_given_by_the_caller_are_left_to_the_caller():
    (step,) = evaluate(python.call, legacy, state=1, host=2, a=3).steps
    assert step == Call(legacy, (), {"state": 1, "host": 2, "a": 3})


@pytest.mark.parametrize(("returned", "fails"), [(False, True), (None, False), (0, False), (True, False)])
def test_only_the_older_form_fails_by_returning_false(returned, fails):
    (step,) = evaluate(python.call, legacy, returned).steps
    if fails:
        with pytest.raises(OperationError, match=r"legacy .* returned False"):
            step.function(*step.args, **step.kwargs)
    else:
        assert step.function(*step.args, **step.kwargs) is None


def test_an_exception_is_raised_when_applied():
    (step,) = evaluate(python.raise_exception, KeyError, "k").steps
    with pytest.raises(KeyError, match="k"):
        step.function(*step.args, **step.kwargs)


@pytest.mark.parametrize("exception", [ValueError("an instance"), "ValueError", int])
def test_only_the_class_of_an_exception_can_be_raised(exception):
    with pytest.raises(OperationTypeError, match="the class of an exception"):
        evaluate(python.raise_exception, exception)


async def a_coroutine():
    raise AssertionError


def a_generator():
    yield


async def an_asynchronous_generator():
    yield


class Asynchronous:
    async def __call__(self):
        raise AssertionError


@pytest.mark.parametrize("function", [a_coroutine, a_generator, an_asynchronous_generator, Asynchronous()])
def test_what_would_not_run_when_it_is_called_is_refused(function):
    with pytest.raises(OperationTypeError, match=r"is a (coroutine|generator) function"):
        evaluate(python.call, function)
