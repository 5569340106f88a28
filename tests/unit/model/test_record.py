"""Records do what data classes do: content, fields that are not shown, methods of their own."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from dataclasses import field

import pytest

from ropewalk.model.record import record


@record
class Login:
    user: str
    password: str = field(default="", repr=False)
    seen: int = field(default=0, compare=False)


@record
class Remote(Login):
    host: str = "web"


@record
class Named:
    name: str

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Named) and self.name.lower() == other.name.lower()

    def __hash__(self) -> int:
        return hash(self.name.lower())


@record
class Nothing:
    pass


def test_equal_by_content() -> None:
    assert Login("ann") == Login("ann")
    assert Login("ann") != Login("bob")
    assert Login("ann", seen=1) == Login("ann", seen=2)
    assert len({Login("ann"), Login("ann"), Login("ann", "secret")}) == 2


def test_other_classes_are_not_equal() -> None:
    assert Login("ann") != ("ann", "", 0)
    assert Login("ann") != Remote("ann")
    assert Remote("ann", host="a") != Remote("ann", host="b")


def test_what_is_not_to_be_shown_is_not_shown() -> None:
    assert repr(Login("ann", "hunter2", 1)) == "Login(user='ann', seen=1)"
    assert "hunter2" not in repr(Remote("ann", "hunter2"))


def test_methods_of_the_class_stay() -> None:
    assert repr(Named("A")) == "<A>"
    assert Named("A") == Named("a")
    assert hash(Named("A")) == hash(Named("a"))


def test_a_record_without_fields() -> None:
    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())
    assert repr(Nothing()) == "Nothing()"


def test_attributes_that_are_not_fields_are_refused() -> None:
    with pytest.raises(AttributeError):
        Login("ann").home = "/"  # type: ignore[attr-defined]


def test_it_is_a_data_class() -> None:
    login = Login("ann", "p")
    assert dataclasses.replace(login, user="bob") == Login("bob", "p")
    assert dataclasses.asdict(login) == {"user": "ann", "password": "p", "seen": 0}
    assert copy.deepcopy(login) == login
    assert pickle.loads(pickle.dumps(login)) == login
    match login:
        case Login(user, password):
            assert (user, password) == ("ann", "p")
