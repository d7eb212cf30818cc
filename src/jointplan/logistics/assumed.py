"""What a landed cost rests on that no table tells: fitted tariffs, and what stands in for blanks."""

from __future__ import annotations

from dataclasses import dataclass

from jointplan.schema import Assumption
from jointplan.texts import language, tr

FIT_ERROR = "freight error out of sample"  # how imports call the median error of the charges of all tariffs of one fit


@dataclass(frozen=True)
class Assumed:
    """The assumptions that may bear on one landed cost.

    Parameters
    ----------
    notes : tuple of Assumption
        What imports and the completion of the tables have assumed.
    missing : frozenset of str
        Items of those that hold for the product in question: ``products.weight`` and ``products.volume`` where it has none,
        ``tariffs`` where the table is not there.
    """

    notes: tuple[Assumption, ...] = ()
    missing: frozenset[str] = frozenset()

    def tariff(self, name: str) -> tuple[str, str]:
        """Return how a tariff was come by, in short and at length; nothing where the table was given as it is."""
        if "tariffs" in self.missing:
            return tr("assumed"), tr("The tariff is assumed: {rule}", rule=self._rule("tariffs"))
        fits = [note for note in self.notes if (note.subject, note.replaced_by) == (name, "tariffs")]
        if not fits:
            return "", ""
        errors = [note for note in self.notes if note.item == FIT_ERROR and name.startswith(f"{note.subject}-")]
        if not errors:
            return tr("fitted"), tr("The tariff {name} is fitted, not quoted: {rule}", name=name, rule=_said(fits[0]))
        off = f"{errors[0].value} {errors[0].unit}"
        return tr("fitted, median error {error} out of sample", error=off), tr(
            "The tariff {name} is fitted, not quoted: {rule} Half of the charges are off by more than {error}, measured over all of {fit}: {how}",
            name=name,
            rule=_said(fits[0]),
            error=off,
            fit=errors[0].subject,
            how=_said(errors[0]),
        )

    def goods(self, column: str) -> str:
        """Return what stands in for the ``weight`` or the ``volume`` of the product, nothing where it is given."""
        item = f"products.{column}"
        if item not in self.missing:
            return ""
        if column == "weight":
            return tr("The weight is not in the table products and is assumed: {rule}", rule=self._rule(item))
        return tr("The volume is not in the table products and is assumed: {rule}", rule=self._rule(item))

    def _rule(self, item: str) -> str:
        return next((_said(note) for note in self.notes if note.item == item), "")


def _said(note: Assumption) -> str:
    return note.rule_zh if language() == "zh" else note.rule
