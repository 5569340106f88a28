"""Git: settings, clones, bare repositories, worktrees."""

from __future__ import annotations

from ropewalk.operations.git.bare_repo import bare_repo as bare_repo
from ropewalk.operations.git.config import config as config
from ropewalk.operations.git.repo import repo as repo
from ropewalk.operations.git.worktree import worktree as worktree
