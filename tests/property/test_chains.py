"""Operations that are put off and carried out together do exactly what they would do one after the other."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.both_ways import both
from support.chain_deploys import HEAD, deploys, meddling


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(deploys(), meddling, st.booleans(), st.booleans(), st.booleans())
def test_nobody_can_tell(text: str, meddling: list[str], plan: bool, local: bool, verbose: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        chained, plain = both(text, Path(folder), meddling=meddling, plan=plan, local=local, verbose=verbose)
    assert chained.events == plain.events
    assert (chained.status, chained.failures) == (plain.status, plain.failures)
    assert chained.files == plain.files


@pytest.mark.parametrize("local", [False, True])
def test_much_is_carried_out_together(tmp_path: Path, local: bool) -> None:
    """What is compared above are two ways indeed."""
    body = "\n".join(f"server.shell('echo {n} >>trace')\nfiles.file(path='f{n}')" for n in range(10))
    chained, plain = both(HEAD + body, tmp_path, meddling=[], plan=True, local=local, verbose=False)
    assert chained.events == plain.events
    assert chained.files == plain.files
    assert chained.round_trips <= 4
    assert plain.round_trips > 30
