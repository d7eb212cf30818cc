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
from typer.core import TyperGroup

from jointplan.cli.parsing import usage_error
from jointplan.cli.screen import INTERRUPTED, Screen
from jointplan.errors import UsageError
from jointplan.texts import LANGUAGES, labelled, set_language, tr

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


class _HelpText(typer.Context.formatter_class):  # type: ignore[misc, valid-type]  # Typer gives it no name
    """Writes help in the language in force, Typer's own words included."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write how a command is typed."""
        for words in ("[OPTIONS]", "COMMAND [ARGS]..."):
            args = args.replace(words, tr(words))
        super().write_usage(prog, args, tr("Usage: "))

    def write_heading(self, heading: str) -> None:
        """Write what a list is of."""
        self.write(tr("{heading}:", heading=tr(heading)) + "\n")

    def write_text(self, text: str) -> None:
        """Write what a command does, or its example."""
        super().write_text(tr(text))

    def write_dl(self, rows: Sequence[tuple[str, str]], *widths: int) -> None:
        """Write a list of commands, or of parameters with what Typer says of each in brackets."""
        super().write_dl([(name, _in_language(text)) for name, text in rows], *widths)


class _Context(typer.Context):
    formatter_class = _HelpText


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
            command.context_class = _Context
            command.short_help = command.help  # whole, instead of its first 45 characters
            command.epilog = command.epilog and tr("Example: {line}", line=command.epilog)
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


def _in_language(text: str) -> str:
    """Return the help of a command or a parameter in the language in force."""
    text, gap, facts = text.partition("  [")
    for word in ("required", "default", "env var"):
        facts = facts.replace(f"{word}: ", labelled(tr(word), "")).replace(word, tr(word))
    return tr(text) + gap + facts


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
