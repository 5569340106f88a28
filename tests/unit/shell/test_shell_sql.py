"""SQL is put together from templates and values; what comes out for each kind of value."""

from __future__ import annotations

import pytest

from ropewalk.model.command import Secret, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.shell.sql import MYSQL, POSTGRES, Name, Sql, Text, joined_sql, sql


@pytest.mark.parametrize(
    ("dialect", "value", "quoted"),
    [
        (POSTGRES, Name("a"), '"a"'),
        (POSTGRES, Name('A "b"'), '"A ""b"""'),
        (POSTGRES, Name("a\\"), '"a\\"'),
        (POSTGRES, Text("it's"), "'it''s'"),
        (POSTGRES, Text("\\'"), "E'\\\\'''"),
        (POSTGRES, 7, "7"),
        (MYSQL, Name("a"), "`a`"),
        (MYSQL, Name("a`b"), "`a``b`"),
        (MYSQL, Text("it's"), "'it''s'"),
        (MYSQL, Text("\\'"), "'\\\\'''"),
        (MYSQL, Text('"'), "'\"'"),
        (MYSQL, -1, "-1"),
    ],
)
def test_values(dialect, value, quoted):
    assert str(sql(dialect, "x {} y", value)) == f"x {quoted} y"


def test_pieces_are_put_together():
    inner = joined_sql([sql(POSTGRES, "{}", Name("a")), sql(POSTGRES, "{}", Name("b"))])
    assert sql(POSTGRES, "SELECT {} FROM {}", inner, Name("t")) == Sql(('SELECT "a", "b" FROM "t"',))


def test_a_secret_stays_hidden():
    made = sql(POSTGRES, "PASSWORD {} LOGIN", Text(Secret("it's")))
    assert made.hidden
    assert str(made) == "PASSWORD ***** LOGIN"
    assert made.reveal() == "PASSWORD 'it''s' LOGIN"
    assert str(sh("psql", "-c", made.word)) == "psql -c 'PASSWORD ***** LOGIN'"
    assert sh(made.word).render(reveal=True) == "'PASSWORD '\"'\"'it'\"'\"''\"'\"'s'\"'\"' LOGIN'"
    assert not sql(POSTGRES, "x").hidden


@pytest.mark.parametrize("value", ["text", None, True, 1.5, Secret("x")])
def test_what_does_not_say_what_it_is_is_refused(value):
    with pytest.raises(TypeError):
        sql(POSTGRES, "{}", value)


@pytest.mark.parametrize("value", [Name("a\0b"), Text("\0"), Text(Secret("\0"))])
def test_no_server_takes_a_nul(value):
    with pytest.raises(OperationValueError, match="NUL"):
        sql(MYSQL, "{}", value)


@pytest.mark.parametrize(("template", "values"), [("{}", ()), ("", (1,)), ("{} {}", (1,))])
def test_each_value_has_its_place(template, values):
    with pytest.raises(ValueError, match="places"):
        sql(POSTGRES, template, *values)
