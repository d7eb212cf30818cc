"""What a command line that cannot be read is told, in the language in force."""

from __future__ import annotations

import re
from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

import typer

from jointplan.cli.screen import joined
from jointplan.errors import UsageError
from jointplan.texts import tr


def usage_error(error: typer.TyperException) -> UsageError:
    """Return an error of Typer in our words.

    Typer keeps the classes of its errors to itself, so they are told apart by name. What is not known here stays in
    Typer's words.
    """
    found: Any = error
    cure = tr("See what the command takes with --help.")
    match type(error).__name__:
        case "NoSuchOption":
            message = tr("There is no option {name}.", name=found.option_name)
            cure = joined(_meant(found.possibilities or ()), cure)
        case "MissingParameter" if found.param is not None:
            required = {
                "argument": tr("The argument {name} is missing.", name=_name(found)),
                "option": tr("The option {name} is missing.", name=_name(found)),
            }
            message = required[found.param.param_type_name]
        case "BadParameter" if found.param is not None and hasattr(found.__cause__, "errors"):
            problem = found.__cause__.errors()[0]
            message = tr("{name} cannot be {value}.", name=_name(found), value=repr(problem["input"]))
            cure = joined(_allowed(problem, found.param), cure)
        case "BadOptionUsage" if "requires" in error.message:
            message = tr("The option {name} needs a value.", name=found.option_name)
        case "BadOptionUsage":
            message = tr("The option {name} takes no value.", name=found.option_name)
        case "UsageError" if command := re.match(r"No such command '(.*?)'\.", error.message):
            message = tr("There is no command {name}.", name=command[1])
            cure = joined(_meant(get_close_matches(command[1], found.ctx.command.commands, 1)), cure)
        case "UsageError" if error.message == "Missing command.":
            message = tr("The command is missing.")
        case "UsageError" if words := re.fullmatch(
            r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", error.message
        ):
            message = tr("The command takes no such further words: {words}.", words=words[1])
        case _:
            message = error.format_message()
    return UsageError(message, cure)


def _name(error: Any) -> str:
    """Return the name of the parameter an error is about, without its variable."""
    return str(error.param.opts[0] if error.param.param_type_name == "option" else error.param.display_name_raw)


def _meant(names: Collection[str]) -> str:
    return tr("Did you mean {guess}?", guess=tuple(sorted(names))) if names else ""


def _allowed(problem: dict[str, Any], parameter: Any) -> str:
    """Return what a value must be, from the problem Pydantic has with it."""
    choices = getattr(getattr(parameter, "type_descriptor", None), "choices", None)
    if choices:
        return tr("Write one of: {choices}.", choices=tuple(choices))
    match problem["type"]:
        case "int_parsing" | "int_parsing_size" | "int_from_float" | "int_type":
            return tr("It must be a whole number.")
        case "float_parsing" | "float_type":
            return tr("It must be a number.")
        case "greater_than_equal":
            return tr("It must be at least {bound}.", bound=problem["ctx"]["ge"])
    return str(problem.get("ctx", {}).get("error", problem["msg"]))
