"""Settings are read with errors that help, and written with explanations."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from jointplan.errors import DataError, UsageError
from jointplan.schema.measures import OTHER_MEASURES
from jointplan.study import Settings, read_settings, settings_template
from jointplan.study.settings_file import documented, with_changes
from jointplan.texts import set_language


def written(folder: Path, text: str) -> Path:
    """Write a settings file."""
    file = folder / "jointplan.toml"
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_template_reads_back_as_the_defaults(tmp_path: Path, language: str) -> None:
    """Every setting in the template is explained, and has its default."""
    set_language(language)
    file = written(tmp_path, settings_template())
    assert read_settings(file) == Settings()
    text = file.read_text("utf-8")
    for key, _ in documented():
        assert key[-1] in text
    assert text.count("#") > len(list(documented()))


def test_the_template_keeps_other_settings_too(tmp_path: Path) -> None:
    """Settings with quotes, Chinese, dates and lists survive being written."""
    settings = Settings.model_validate(
        {
            "name": '顺德 "小家电"\\',
            "currency": "usd",
            "language": "zh",
            "measures": ["pool_orders"],
            "horizon": {"start": date(2025, 3, 3), "weeks": 8, "replay": "no"},
        }
    )
    assert settings.currency == "USD"
    assert read_settings(written(tmp_path, settings_template(settings))) == settings


def test_no_file_means_the_defaults(tmp_path: Path) -> None:
    """A workspace needs no settings file; a byte-order mark does no harm."""
    assert read_settings(tmp_path / "jointplan.toml") == Settings()
    assert read_settings(written(tmp_path, "\ufeffseed = 3")).seed == 3


@pytest.mark.parametrize(
    ("text", "row", "key", "rule", "words"),
    [
        ("sed = 3", 1, "sed", "unknown_setting", ["sed", "Did you mean seed?"]),
        ("\n[horizon]\nweek = 3", 3, "horizon.week", "unknown_setting", ["Did you mean horizon.weeks?"]),
        ("weeks = 3", 1, "weeks", "unknown_setting", ["Did you mean horizon.weeks?"]),
        ("qqq = 3", 1, "qqq", "unknown_setting", ["Settings there are", "horizon"]),
        ("[horizon]\nreplay = 'yess'", 2, "horizon.replay", "setting_value", ["Did you mean yes?", "auto, yes, no"]),
        ("[horizon]\nreplay = true", 2, "horizon.replay", "setting_value", ["cannot be true", "auto, yes, no"]),
        ("[horizon]\nweeks = 0", 2, "horizon.weeks", "setting_value", ["cannot be 0", "at least 1, at most 104"]),
        ("[horizon]\nweeks = 'many'", 2, "horizon.weeks", "setting_value", ['"many"', "a whole number"]),
        ("horizon.weeks = 0", 1, "horizon.weeks", "setting_value", ["cannot be 0"]),
        ("horizon = 3", 1, "horizon", "setting_value", ["a section of settings"]),
        ("seed = -1", 1, "seed", "setting_value", ["at least 0"]),
        ("language = 'de'", 1, "language", "setting_value", ["one of: en, zh"]),
        ("synthetic = 'maybe'", 1, "synthetic", "setting_value", ["true or false"]),
        ("currency = 'RMB'", 1, "currency", "setting_value", ["CNY"]),
        ("currency = 'euro'", 1, "currency", "setting_value", ["three-letter"]),
        ("measures = ['pool_order']", 1, "measures", "setting_value", ["Did you mean pool_orders?"]),
        ("measures = [['pool_orders']]", 1, "measures", "setting_value", ["It must be a list of: pool_orders"]),
        ("measures = 'pool_orders'", 1, "measures", "setting_value", ["a list of: pool_orders"]),
        ("[horizon]\nstart = 2025-03-05", 2, "horizon.start", "setting_value", ["2025-03-03"]),
        ("[horizon]\nstart = 'soon'", 2, "horizon.start", "setting_value", ["a date such as"]),
        ("name = yes", 1, "", "settings_syntax", ["line 1", "name = yes", "quotes"]),
        ("seed = 1\nseed = 2", 2, "", "settings_syntax", ["line 2", "only once"]),
    ],
)
def test_a_wrong_setting_is_named_with_its_line_and_cure(
    tmp_path: Path, text: str, row: int, key: str, rule: str, words: list[str]
) -> None:
    """The error names the key, the line, what may stand there, and the likely meaning of a misspelling."""
    with pytest.raises(DataError) as caught:
        read_settings(written(tmp_path, text))
    (issue,) = caught.value.issues
    assert (issue.row, issue.column, issue.rule, issue.file) == (row, key, rule, "jointplan.toml")
    assert str(caught.value).startswith(f"jointplan.toml, line {row}: ")
    for word in words:
        assert word in str(caught.value)


def test_what_a_setting_may_be_stands_in_the_brackets_of_the_language() -> None:
    """In Chinese they are wide and no blank stands before them."""
    assert "messages and report. (one of: en, zh)" in settings_template()
    set_language("zh")
    assert "消息与报告的语言。（以下之一：en、zh）" in settings_template()


def test_bounds_read_well_in_chinese(tmp_path: Path) -> None:
    """What a number must be is one sentence, its kind before its bounds."""
    set_language("zh")
    for text, told in (
        ("[horizon]\nweeks = 0", "应为整数，不小于 1、不大于 104。"),
        ("[plan.costs]\nholding_rate = -1", "应为数值，不小于 0"),
    ):
        with pytest.raises(DataError) as caught:
            read_settings(written(tmp_path, text))
        assert told in str(caught.value)


def test_choices_are_listed_and_guessed_in_chinese_too(tmp_path: Path) -> None:
    """The mark between choices is the language's; the nearest choice is found in either, whatever its case."""
    set_language("zh")
    with pytest.raises(DataError) as caught:
        read_settings(written(tmp_path, "[horizon]\nreplay = 'YESS'"))
    assert "您是否想写 yes？" in str(caught.value)
    assert "auto、yes、no" in str(caught.value)


@pytest.mark.parametrize("name", [measure.name for measure in OTHER_MEASURES])
def test_a_measure_that_no_plan_values_is_told_as_such(name: str) -> None:
    """It is a measure, and why it is no right of a plan is said, in either language; an unknown word is not one."""
    with pytest.raises(UsageError, match=f"No plan values the measure {name}") as caught:
        with_changes({}, {"measures": ("pool_orders", name)})
    (measure,) = (measure for measure in OTHER_MEASURES if measure.name == name)
    assert measure.unvalued in caught.value.cure
    set_language("zh")
    with pytest.raises(UsageError) as caught:
        with_changes({}, {"measures": (name,)})
    assert measure.unvalued_zh in caught.value.cure
    with pytest.raises(UsageError, match="foo"):
        with_changes({}, {"measures": ("foo",)})


def test_all_wrong_settings_are_told_at_once(tmp_path: Path) -> None:
    """Problems are collected: nobody corrects a file one error at a time."""
    with pytest.raises(DataError, match="3 wrong settings") as caught:
        read_settings(written(tmp_path, "sed = 1\nlanguage = 'fr'\n[horizon]\nweeks = 0\n"))
    assert [issue.column for issue in caught.value.issues] == ["language", "horizon.weeks", "sed"]


def test_a_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    """A settings file saved as GB18030 is an error with a cure, not a traceback."""
    file = tmp_path / "jointplan.toml"
    file.write_bytes('name = "顺德"'.encode("gb18030"))
    with pytest.raises(DataError, match=r"^jointplan\.toml: The file is not written in UTF-8"):
        read_settings(file)


def test_a_wrong_setting_whose_line_is_not_found_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^jointplan\.toml: The setting horizon cannot be"):
        read_settings(written(tmp_path, "[[horizon]]\nweeks = 3\n"))


def test_changes_win_over_the_file_and_are_checked(tmp_path: Path) -> None:
    """A changed setting replaces that of the file; a wrong one is the user's call, not the file's."""
    file = written(tmp_path, "seed = 3\n[horizon]\nweeks = 4\nreplay = 'no'\n")
    settings = read_settings(file, {"horizon.weeks": 8, "currency": "EUR"})
    assert (settings.horizon.weeks, settings.horizon.replay, settings.seed) == (8, "no", 3)
    assert settings.currency == "EUR"
    with pytest.raises(UsageError, match=r"horizon\.weeks cannot be 500"):
        read_settings(file, {"horizon.weeks": 500})


def test_every_setting_is_explained() -> None:
    """The docstring under each field is its documentation; none is without."""
    assert not [".".join(key) for key, field in documented() if not field.description]


def test_the_template_is_toml_with_the_sections_of_the_settings() -> None:
    """The template has a section for each model, read here by the standard library alone."""
    assert {"horizon", "forecast", "plan"} <= set(tomllib.loads(settings_template()))
