"""The Chinese catalogue keeps up with the program."""

from __future__ import annotations

import ast
import os
import shlex
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

import jointplan
from jointplan.cli.frame import COMMON
from jointplan.texts import (
    argument,
    both,
    bracketed,
    catalogue,
    labelled,
    language,
    listed,
    renamed,
    set_language,
    some,
    tr,
)

SOURCES = sorted(Path(jointplan.__file__).parent.rglob("*.py"))


PLACE = {"tr": 0, "both": 0, "unmeasured": 3}  # which argument of each function is the message


def messages(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield the text of every ``tr("…")``, ``both("…")`` and ``unmeasured(…, "…")`` in a file, with the call."""
    tree = ast.parse(file.read_text("utf-8"))
    named = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PLACE.keys() & named:
            place = PLACE[node.func.id]
            text = node.args[place] if len(node.args) > place else None
            if isinstance(text, ast.Constant):
                yield str(text.value), node


def places(text: str) -> set[str]:
    """Return the named places of a message."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_message_has_a_chinese_translation(file: Path) -> None:
    """Whatever the program says it can say in Chinese."""
    chinese = catalogue("zh")
    missing = sorted({text for text, _ in messages(file) if not chinese.get(text)})
    assert not missing, f"add to texts/zh/*.po: {missing}"


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_message_is_given_exactly_its_named_places(file: Path) -> None:
    """No message is called without a value it names, or with one it does not."""
    dicts = dict_keys(file)
    for text, call in messages(file):
        given = {keyword.arg for keyword in call.keywords}
        spread = next((k.value for k in call.keywords if k.arg is None), None)
        if isinstance(spread, ast.Name):  # several sentences of one set of values: some dict of that name has them all
            assert any(places(text) <= keys for keys in dicts.get(spread.id, [])), f"{file.name}:{call.lineno}: {text}"
            continue
        # A message without values is left unfilled, for the caller to fill in.
        assert given == places(text) or (not given and None not in given), f"{file.name}:{call.lineno}: {text}"


def dict_keys(file: Path) -> dict[str, list[set[str]]]:
    """Return the keys of the dicts written out in a file, by the name they are given to."""
    found: dict[str, list[set[str]]] = {}
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if targets and isinstance(targets[0], ast.Name) and isinstance(getattr(node, "value", None), ast.Dict):
            keys = {str(k.value) for k in node.value.keys if isinstance(k, ast.Constant)}
            found.setdefault(targets[0].id, []).append(keys)
    return found


def test_no_message_is_put_together_before_it_is_translated() -> None:
    """An f-string inside tr(…) would never be found in a catalogue."""
    for file in SOURCES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "tr" and node.args:
                assert not isinstance(node.args[0], ast.JoinedStr | ast.BinOp), f"{file.name}:{node.lineno}"


def test_no_list_is_joined_before_its_language_is_known() -> None:
    """Names go into a message as a tuple, not joined by an English comma, which would stand in the Chinese too."""
    for file in SOURCES:
        for _, call in messages(file):
            for value in (keyword.value for keyword in call.keywords):
                joining = (
                    isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "join"
                )
                by = value.func.value if joining else None
                assert not (isinstance(by, ast.Constant) and by.value == ", "), f"{file.name}:{value.lineno}"


def test_translations_name_the_places_of_their_message() -> None:
    """A translation fills in the same values as the English, no more and no fewer."""
    for english, chinese in catalogue("zh").items():
        assert places(english) == places(chinese), english


def test_catalogues_of_rooms_do_not_contradict_each_other() -> None:
    """A message that stands in two files is translated alike in both."""
    seen: dict[str, tuple[str, str]] = {}
    for entry in (files("jointplan.texts") / "zh").iterdir():
        if entry.name.endswith(".po"):
            with entry.open("rb") as file:
                for message in read_po(file):
                    if message.id:
                        text, where = seen.setdefault(str(message.id), (str(message.string), entry.name))
                        assert text == message.string, f"{message.id!r} in {where} and {entry.name}"


def test_help_and_settings_are_translated() -> None:
    """The help of every command and option, and the explanation of every setting, exist in Chinese."""
    import typer

    from jointplan.cli import app
    from jointplan.study.settings_file import documented

    chinese = catalogue("zh")
    group = typer.main.get_command(app)
    commands = [group, *group.commands.values()]
    said = {c.help for c in commands}
    said |= {getattr(p, "help", None) for c in commands for p in c.params if p.name not in ("help",)}
    said |= {field.description for _, field in documented()}
    assert COMMON
    assert not sorted(text for text in said if text and text not in chinese)


def test_language_is_followed_and_wrong_ones_refused() -> None:
    """A message comes in the language in force; an unknown message stays English; an unknown language is refused."""
    set_language("zh")
    assert language() == "zh"
    assert tr("Stopped.") == "已停止。"
    assert tr("said nowhere {n}", n=3) == "said nowhere 3"
    with pytest.raises(ValueError, match="en, zh"):
        set_language("fr")


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 firms hang"),
        (1, "1 firm hangs"),
        (1.0, "1.0 firm hangs"),
        (2, "2 firms hang"),
        ("1", "1 firm hangs"),
        ("1,341", "1,341 firms hang"),
    ],
)
def test_a_word_goes_with_its_number(count: float | str, told: str) -> None:
    """A place with two words takes the first for one alone, also where it comes written; other places are filled in as ever."""
    assert tr("{n} {n:firm hangs|firms hang}", n=count) == told
    assert tr("{n:,} of {share:.0%}", n=1341, share=0.5) == "1,341 of 50%"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (("2026年4月27日", "美国", "乙"), "2026年4月27日当周，甲在美国的乙："),
        (("2026-04-27", "DE", "KETTLE-1"), "2026-04-27 当周，甲在 DE 的 KETTLE-1："),
        (("第 3 周", "日本（合成示例）", "张三 李四"), "第 3 周当周，甲在日本（合成示例）的张三 李四："),
    ],
)
def test_blanks_part_chinese_from_latin_alone(values: tuple[str, str, str], told: str) -> None:
    """What is filled in has blanks beside Latin letters and numbers, whoever wrote the message, and none beside Chinese; its own stay."""
    message = "{sku} in {market} from {seller}, week of {week}: {first} before, {second} now"
    week, market, sku = values
    given = {"week": week, "market": market, "seller": "甲", "sku": sku, "first": 1, "second": 2}
    set_language("zh")
    assert tr(message, **given) == told + "原 1 件，现 2 件"
    assert tr("Row {other} has the same {key}.", other=3, key="sku、market") == "第 3 行的 sku、market 与此相同。"
    assert tr("Row {other} has the same {key}.", other=3, key="产品") == "第 3 行的产品与此相同。"
    _, chinese = both("{place}, week of {day}", place="甲", day="2026年5月4日")
    assert chinese == "甲，2026年5月4日当周"


def test_names_are_listed_as_the_language_does() -> None:
    """English sets a comma between names, Chinese its own mark; of many names the first stand, and that there are more."""
    message = "Weights given are not used: {names}. The indicators of a system need a weight each, not all of them 0, under the names they have (diagnosis.codevelopment.weights)."
    english, chinese = both(message, names=some(["a", "b", "c"], 2))
    assert "not used: a, b, …. The" in english
    assert "a、b、…" in chinese
    assert some(["a", "b"], 2) == ("a", "b")
    assert listed(["a", 1]) == "a, 1"
    set_language("zh")
    assert "a、b" in tr(message, names=("a", "b"))
    assert listed(["a", 1]) == "a、1"


def test_marks_are_those_of_the_language() -> None:
    """Brackets and colons stand full-width and without blanks in Chinese; names for codes lose the blanks that codes have."""
    assert (bracketed("Kettle", "P1"), labelled("rows", 3)) == ("Kettle (P1)", "rows: 3")
    assert renamed("of CN 的 8516", "[A-Z]{2}", lambda _: "中国") == "of 中国 的 8516"
    set_language("zh")
    assert (bracketed("水壶", "P1"), labelled("行", 3)) == ("水壶（P1）", "行：3")
    assert renamed("产品中，CN 的 8516 类与 XX 的", "[A-Z]{2}", {"CN": "中国", "XX": "XX"}.__getitem__) == (
        "产品中，中国的 8516 类与 XX 的"
    )


@pytest.mark.parametrize("value", ["my data", "R&D", "a,b", "a;b", "(1)"])
def test_a_value_to_copy_is_one_argument_on_windows(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its shells part at more than blanks; a path with a drive needs no quotes."""
    with monkeypatch.context() as patch:
        patch.setattr(os, "name", "nt")
        told, plain = argument(value), argument(r"C:\work\x-1")
    assert (told, plain) == (f'"{value}"', r"C:\work\x-1")


@pytest.mark.skipif(os.name == "nt", reason="shells there quote otherwise")
@pytest.mark.parametrize("value", ["AIR-DE", "海运", "my data", "it's", "a;b", "$HOME", "全 角", "　"])
def test_a_value_to_copy_is_one_argument(value: str) -> None:
    """The shell reads back what was told, and nothing is quoted without need."""
    assert shlex.split(argument(value)) == [value]
    assert (argument(value) == value) == (value in ("AIR-DE", "海运"))
