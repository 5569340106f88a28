"""Whatever text operations and facts are given: the same programs run, with the same number of words."""

from __future__ import annotations

import copy
import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Secret, sh
from ropewalk.model.errors import RopewalkError
from support import example_calls
from support.box import why_not
from support.example_calls import World
from support.recorder import CANARY, Ran, Recorder, programs_in

pytestmark = [pytest.mark.root, pytest.mark.skipif(why_not() is not None, reason=str(why_not()))]

SAFE = "zzsafezz"
#: All that means something to a shell; where that is refused as a whole, its parts are tried.
HOSTILE = "zz'\"$(canary)`canary`;canary|canary&canary>out<in *?[a-z]{a,b}~!#\\ %s zz"
PARTS = ["a'b", 'a"b', "a$(canary)b", "a`canary`b", "a;canary", "a|canary", "a&canary", "a>out", "a*", "a\\b", "a b",
         "#a", "~", "a$HOME", "!a", "%s"]  # fmt: skip
NEWLINE = "zz\ncanary\nzz"
DASH = "-zzsafezz"
OPERATIONS = example_calls.operations()
FACTS = example_calls.facts()

#: Written as on a command line, or meant to be expanded by the shell: it may be several words, options, or commands.
SYNTAX = re.compile(
    r"extra_\w*(args|opts)|extras|find\.\w+\.args|docker\.container\.\w+\.command|server\.shell\.|Command\.command"
    r"|(Preview|SimulateOperationWillChange)\.command|pip\.Pip\w+\.pip|IptablesRule\.rule|PipxOutdated\.packages"
    r"|\.(build_cmd|compose_command)$|interpolate_variables.*files\.(line|replace)"
)

#: Takes words of a kind only, and refuses all else; or names what is on this machine, and reaches no host as it is.
PARTICULAR = re.compile(
    r".*\.(mode|dir_mode|ctid|md5sum|sha\d+sum|jinja_env_kwargs)|(files\.(put|sync|template)|server\.script\w*)\.\w+\.src"
    r"|(apt|gpg)\.key\.key\.(keyid|keyserver|working_dirs)|brew\.taps\.tap\.src|crontab\.crontab\.crontab\.special_time"
    r"|dnf\.module\.module\.(module|stream)|zypper\.repositories\.repo\.(src|gpgkey)|(dnf|yum)\.repo\.src"
    r"|docker\.container\.container\.container|files\.download\.download\.headers|pkg\.packages\.pkg_path"
    r"|freebsd\.(service\.service\.(command|srvstate)|sysrc\.sysrc\.(command|parameter))|git\.config\.config\.key"
    r"|git\.worktree\.worktree\.from_remote_branch|iptables\.chain\.chain\.(chain|table)|mysql\.user\.user\.require"
    r"|selinux\.(boolean\.boolean\.value|port\.port\.protocol)|server\.hostname\.hostname\.hostname"
    r"|server\.(kill\.kill\.signal|timezone\.timezone\.timezone)|sysvinit\.enable\.(start|stop)_priority"
    r"|zfs\.datasets\.(dataset\.volume_size|volume\.size)"
)

Commands = Callable[[Mapping[str, Any]], list[str]]


@dataclass(frozen=True)
class Case:
    """One call with harmless text, and with other text in its place."""

    where: str
    text: str
    safe: list[str]
    hostile: list[str]


@pytest.fixture(scope="module")
def recorder() -> Iterator[Recorder]:
    made = Recorder()
    yield made
    made.close()


def texts_in(arguments: Mapping[str, Any]) -> Iterator[tuple[str, Callable[[str, bool], dict[str, Any]]]]:
    """Yield every place for text in some arguments: its name, and a function that puts text there.

    That function takes the text, and whether it comes after what is there instead of in its place.
    """
    for name, value in arguments.items():
        for label, put in _places(value):
            yield f"{name}{label}", lambda text, after, name=name, put=put: {**arguments, name: put(text, after)}


def _places(value: Any) -> Iterator[tuple[str, Callable[[str, bool], Any]]]:
    match value:
        case str():
            yield "", lambda text, after: value + text if after else text
        case Secret():
            yield "", lambda text, after: Secret(text)
        case list() | tuple() if value and isinstance(value[0], str):
            yield "[]", lambda text, after: [value[0] + text if after else text, *value[1:]]
        case dict() if value:
            key, first = next(iter(value.items()))
            if isinstance(key, str):
                yield "{}", lambda text, after: {key + text if after else text: first}
            for label, put in _places(first):
                yield f"{{...}}{label}", lambda text, after, put=put: {**value, key: put(text, after)}


def cases(where: str, commands: Commands, arguments: Mapping[str, Any]) -> Iterator[Case]:
    for name, put in texts_in(arguments):
        if SYNTAX.search(f"{where}.{name}"):
            continue
        for after in (False, True):
            safe = tried(commands, put(SAFE, after))
            if safe is None:
                continue
            found = list(tried_texts(commands, put, [HOSTILE], after) or tried_texts(commands, put, PARTS, after))
            found += tried_texts(commands, put, [NEWLINE] if after else [NEWLINE, DASH], after)
            for text, hostile in found:
                yield Case(f"{where}.{name}", text, safe, hostile)
            if found:
                break


def tried_texts(commands: Commands, put: Any, texts: list[str], after: bool) -> list[tuple[str, list[str]]]:
    found = [(text, tried(commands, put(text, after), RopewalkError)) for text in texts]
    return [(text, hostile) for text, hostile in found if hostile is not None]


def tried(commands: Commands, arguments: Mapping[str, Any], refusal: type[Exception] = Exception) -> list[str] | None:
    """Return the commands of a call, or nothing if it is refused."""
    try:
        return commands(copy.deepcopy(dict(arguments)))
    except refusal:
        return None


def calls(operation: Any, place: str) -> Iterator[dict[str, Any]]:
    """Yield the arguments of an example, then with each flag turned, then with each text that may be given."""
    example = example_calls.example(operation)
    yield example
    for more in example_calls.MORE.get(place, ()):
        yield {name: value for name, value in {**example, **more}.items() if value is not None}
    for name, parameter in example_calls.parameters(operation._inner).items():
        if isinstance(parameter.default, bool):
            yield {**example, name: not example.get(name, parameter.default)}
        elif name not in example and "str" in str(parameter.annotation) and parameter.default in (None, ""):
            yield {**example, name: "text"}
        elif name not in example and isinstance(parameter.default, str):
            yield {**example, name: parameter.default}


def worlds(place: str) -> Iterator[World]:
    yield from (World(None), World("files"), World("directories"))
    if place in ("files.copy.copy", "files.move.move", "files.unarchive.unarchive"):
        yield World("files", facts={"Directory": {"mode": 755}, "TreeHashes": {}})  # something, and where it goes


@functools.cache
def operation_cases(place: str) -> list[Case]:
    return list(_operation_cases(OPERATIONS[place], place))


def _operation_cases(operation: Any, place: str) -> Iterator[Case]:
    for arguments in calls(operation, place):
        for world in worlds(place):
            where = f"interpolate_variables {place}" if arguments.get("interpolate_variables") else place
            yield from cases(
                where, lambda given, world=world: example_calls.commands(operation, given, world), arguments
            )


def fact_cases(fact: Any, place: str) -> Iterator[Case]:
    def commands(given: Mapping[str, Any]) -> list[str]:
        command = fact().command(**given)
        return [command if isinstance(command, str) else command.render(reveal=True)]

    example: dict[str, Any] = {}
    texts: dict[str, Any] = {}
    for name, parameter in example_calls.parameters(fact.command).items() if callable(fact.command) else ():
        if parameter.default is parameter.empty:
            example[name] = _fitting(str(parameter.annotation))
        elif "str" in str(parameter.annotation):
            texts[name] = _fitting(str(parameter.annotation))
    for arguments in [example, *({**example, name: text} for name, text in texts.items())]:
        yield from cases(place, commands, arguments)


def _fitting(annotation: str) -> Any:
    if annotation.startswith(("list", "Sequence", "Iterable")):
        return ["text"]
    return "text" if "str" in annotation else 1


def check(recorder: Recorder, found: list[Case]) -> list[str]:
    """Return what is wrong with cases, one line for each."""
    every = list(dict.fromkeys(command for case in found for command in [*case.safe, *case.hostile]))
    programs = set().union({case.text for case in found}, *map(programs_in, every))
    ran = dict(zip(every, recorder.run(every, programs), strict=True)) if every else {}
    wrong = []
    for case in found:
        safe, hostile = ([ran[command] for command in commands] for commands in (case.safe, case.hostile))
        if reason := _difference(case, safe, hostile):
            wrong.append(f"{case.where}={case.text!r}: {reason}\n  {case.safe}\n  {case.hostile}")
    return list(dict.fromkeys(wrong))


def _difference(case: Case, safe: list[Ran], hostile: list[Ran]) -> str | None:
    if any(call[0] == CANARY for after in hostile for call in after.calls):
        return "text was run"
    if len(safe) != len(hostile):
        return None  # such as a pattern, which an operation takes for something else than a name
    for before, after in zip(safe, hostile, strict=True):
        if before.written != tuple(name.replace(case.text, SAFE) for name in after.written):
            return f"other files: {before.written} {after.written}"
        was, now = (_normal(before), _normal(after))
        same = [(call[0].replace(SAFE, case.text), len(call)) for call in was] == [(call[0], len(call)) for call in now]
        if not same and _without(was, SAFE) != _without(now, case.text):
            return f"other calls: {was} {now}"
        if case.text == DASH and (option := next(filter(None, map(_option, after.calls)), None)):
            return f"an option: {option}"
    return None


def _normal(ran: Ran) -> list[list[str]]:
    """Return calls without what may differ: the end of options, and names that were made of a content."""
    words = [[re.sub(r"[0-9a-f]{40}", "digest", word) for word in call if word != "--"] for call in ran.calls]
    return sorted(words)  # the members of a pipeline begin in any order


def _without(calls: list[list[str]], text: str) -> list[list[str]]:
    return [[word for word in call if text not in word] for call in calls]


def _option(call: tuple[str, ...]) -> str | None:
    """Return a call in which text is taken for an option; what follows an option of our own is its value."""
    if call[0].startswith("ropewalk-"):
        return None  # a script of the user's own, with arguments of the user's
    for index, word in enumerate(call[1:], 1):
        if word.startswith(DASH) and "--" not in call[:index] and not call[index - 1].startswith("-"):
            return " ".join(call)
    return None


@pytest.mark.parametrize("place", [place for place in OPERATIONS if not place.startswith("python.")])
def test_operations(recorder: Recorder, place: str) -> None:
    found = operation_cases(place)
    assert check(recorder, found) == []


@pytest.mark.parametrize("place", [place for place, fact in FACTS.items() if hasattr(fact, "command")])
def test_facts(recorder: Recorder, place: str) -> None:
    found = list(fact_cases(FACTS[place], place))
    assert check(recorder, found) == []
    assert recorder.written == set()


@pytest.mark.parametrize("place", [place for place in OPERATIONS if not place.startswith("python.")])
def test_every_text_is_tried(place: str) -> None:
    """An operation, or an argument of one, that no case is about would pass all tests here."""
    annotated = example_calls.parameters(OPERATIONS[place]._inner)
    texts = {f"{place}.{name}" for name, parameter in annotated.items() if "str" in str(parameter.annotation)}
    tried_in = {re.sub(r"[\[{].*", "", case.where) for case in operation_cases(place)}
    tried_in = {where.removeprefix("interpolate_variables ") for where in tried_in}
    left = {text for text in texts - tried_in if not SYNTAX.search(text) and not PARTICULAR.fullmatch(text)}
    assert left == set(), "give an example or MORE arguments in support.example_calls, or say why not in PARTICULAR"


@pytest.mark.parametrize("place", [place for place, fact in FACTS.items() if callable(getattr(fact, "command", None))])
def test_no_fact_takes_what_is_the_engines(place: str) -> None:
    """``get_fact(Fact, name=...)`` would never reach the fact: ``name`` and its like are global arguments."""
    assert not GlobalArguments.__annotations__.keys() & example_calls.parameters(FACTS[place].command)


def test_much_is_tried() -> None:
    tried_in = {
        case.where
        for place in OPERATIONS
        if not place.startswith("python.")
        for case in operation_cases(place)
        if case.safe
    }
    assert len(tried_in) > 300
    asked = {
        case.where for place, fact in FACTS.items() if hasattr(fact, "command") for case in fact_cases(fact, place)
    }
    assert len(asked) > 80


@pytest.mark.parametrize("text", [HOSTILE, "a$(canary)b", "a`canary`b", NEWLINE])
@pytest.mark.parametrize("template", ["ls {}", "sh -c 'ls {}'", "x=$(ls {})", 'ls "{}"', "cat <<E\n{}\nE"])
def test_what_is_not_quoted_is_seen(recorder: Recorder, template: str, text: str) -> None:
    if text == NEWLINE and ('"' in template or "<<" in template):
        return  # neither a string nor a here-document ends with the line
    case = Case("made up", text, [template.replace("{}", SAFE)], [template.replace("{}", text)])
    assert check(recorder, [case])


@pytest.mark.parametrize("text", [HOSTILE, *PARTS, NEWLINE])
def test_what_is_quoted_is_not(recorder: Recorder, text: str) -> None:
    def command(word: str) -> list[str]:
        return [sh("ls", word, Raw("&& touch"), word).render(), sh("sh", "-c", sh("ls", "-a", word).render()).render()]

    assert check(recorder, [Case("made up", text, command(SAFE), command(text))]) == []
