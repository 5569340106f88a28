"""Writes what ``ansible-inventory`` says of the sample inventories, which tests compare with what we make of them.

::

    python tools/gen_ansible_expected.py                  write tests/unit/inventories/ansible_expected/
    python tools/gen_ansible_expected.py --check          only say whether they would change (exit status 1)
    python tools/gen_ansible_expected.py --program PATH   use this ansible-inventory

It takes ansible-core: ``python -m venv /tmp/ansible && /tmp/ansible/bin/pip install ansible-core``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parents[1] / "tests" / "unit" / "inventories"
SAMPLES, EXPECTED = HERE / "ansible_samples", HERE / "ansible_expected"

#: Where in each sample its inventory is.
SOURCES = {
    "beside_the_work": "inventories/prod/hosts", "directory": "inventory", "ini_basic": "hosts", "ini_nested": "hosts",
    "ini_priority": "hosts", "ini_ranges": "hosts.ini", "ini_values": "hosts", "script_hosts": "cloud",
    "vars_files": "hosts", "yaml_basic": "hosts.yml", "yaml_many_roots": "hosts",
}  # fmt: skip


def said(program: str, sample: str) -> str:
    """Return what the program says of a sample, as JSON."""
    with tempfile.TemporaryDirectory() as home:
        ran = subprocess.run(
            [program, "-i", SOURCES[sample], "--list"], cwd=SAMPLES / sample, capture_output=True, text=True,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": home},
        )  # fmt: skip
    if ran.returncode:
        raise SystemExit(f"{sample}: {ran.stderr}")
    document = json.loads(ran.stdout)
    document["_meta"] = {"hostvars": document["_meta"]["hostvars"]}
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def main(argv: Sequence[str]) -> int:
    """Do what the arguments say; return the exit status."""
    words = list(argv)
    named = words[words.index("--program") + 1] if "--program" in words else "ansible-inventory"
    program = shutil.which(named)
    if program is None:
        print(f"there is no {named}: install ansible-core", file=sys.stderr)
        return 2
    status = 0
    for sample in SOURCES:
        file, text = EXPECTED / f"{sample}.json", said(program, sample)
        if file.exists() and file.read_text() == text:
            continue
        if "--check" in words:
            print(f"{file.name} is not what {named} says of {sample}", file=sys.stderr)
            status = 1
            continue
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
