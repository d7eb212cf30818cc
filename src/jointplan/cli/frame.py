"""What all commands share: their common options, their language, and how their errors end."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperArgument, TyperGroup, TyperOption

from jointplan.cli.parsing import usage_error
from jointplan.cli.screen import INTERRUPTED, Screen
from jointplan.errors import UsageError
from jointplan.texts import LANGUAGES, set_language, tr

VARIABLE = "JOINTPLAN_LANG"

COMMON: dict[str, Any] = {
    "as_json": Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")],
    "quiet": Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")],
    "lang": Annotated[
        Literal["en", "zh"] | None,
        typer.Option("--lang", envvar=VARIABLE, help="Language; else that of the settings.", show_envvar=True),
    ],
    "debug": Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")],
}


class Commands(TyperGroup):
    """The commands, whose help is in the language asked for."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Hand a language asked for before the command on to it; one asked for after it stands."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, command, [*(("--lang", lang) if (lang := ctx.params.get("lang")) else ()), *rest]

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        """Run the command line."""
        words = list(sys.argv[1:] if args is None else args)
        set_language(asked(words))
        for command in (self, *self.commands.values()):
            command.help = command.help and tr(command.help)
            command.short_help = command.help  # whole, instead of its first 45 characters
            command.epilog = command.epilog and tr("Example: {line}", line=command.epilog)
            for parameter in command.params:
                if isinstance(parameter, TyperArgument | TyperOption) and parameter.help:
                    parameter.help = tr(parameter.help)
        as_json = "--json" in words
        if "" in words:  # a path would take it for the folder one stands in
            empty = UsageError(
                tr("A word of the command is empty."), tr("Write a name between the quotes, or . for this folder.")
            )
            sys.exit(Screen(as_json=as_json).failed(empty))
        try:
            code = super().main(args, *rest, **extra | {"standalone_mode": False})
            if code == INTERRUPTED:  # outside of what a command does; Typer ends it without a word
                code = Screen(as_json=as_json).failed(KeyboardInterrupt())
        except typer.TyperException as error:
            if not words and not as_json:
                print(error.format_message(), file=sys.stderr)  # the help
                sys.exit(2)
            code = Screen(as_json=as_json).failed(usage_error(error))
        sys.exit(code)


def answering(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the common options, as a :class:`Screen`, and turn its errors into sentences and exit codes.

    The command's first parameter is the screen.
    """
    signature = inspect.signature(function, eval_str=True)
    own = list(signature.parameters.values())[1:]
    common = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=None if name == "lang" else False
        )
        for name, kind in COMMON.items()
    ]

    def command(**values: Any) -> None:
        screen = Screen(**{name: values.pop(name) for name in COMMON})
        try:
            set_language(screen.lang or _language_of(values.get("folder")) or LANGUAGES[0])
            function(screen, **values)
        except (typer.Exit, typer.Abort, typer.TyperException, BrokenPipeError):
            raise
        except KeyboardInterrupt as error:
            sys.exit(screen.failed(error))
        except Exception as error:
            raise typer.Exit(screen.failed(error)) from error

    own = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in own]
    command.__name__ = function.__name__
    command.__doc__ = function.__doc__
    command.__signature__ = inspect.Signature([*own, *common])  # type: ignore[attr-defined]  # Typer reads it
    command.__annotations__ = {p.name: p.annotation for p in (*own, *common)}
    return command


def asked(words: Sequence[str]) -> str:
    """Return the language asked for on the command line or in the environment."""
    for word, following in pairwise([*words, ""]):
        name = following if word == "--lang" else word.removeprefix("--lang=")
        if word.startswith("--lang") and name in LANGUAGES:
            return name
    named = os.environ.get(VARIABLE, "")
    return named if named in LANGUAGES else LANGUAGES[0]


def _language_of(folder: Path | None) -> str | None:
    """Return the language a workspace is set to; its settings may still be wrong, so they are not fully read."""
    import tomllib

    try:
        values = tomllib.loads((folder / "jointplan.toml").read_text("utf-8-sig")) if folder else {}
    except (OSError, ValueError):
        return None
    name = values.get("language")
    return name if name in LANGUAGES else None
