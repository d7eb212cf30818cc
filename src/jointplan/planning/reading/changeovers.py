"""Changing over between families: groups of resources that are set up together."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """What a route takes of a family group: these resources, so many weeks before its goods come out."""

    route: int
    group: int
    lag: int
    resources: frozenset[int]
    divided: bool


@dataclass(frozen=True)
class Split:
    """Family groups so fine that every part of a route changes over whole ones."""

    groups: list[tuple[int, int]]
    majors: dict[tuple[int, int], tuple[float, float]]
    pieces: dict[int, list[tuple[int, frozenset[int]]]]

    def groups_of(self, part: Part) -> list[int]:
        """Return the groups that a part needs."""
        return [number for number, resources in self.pieces[part.group] if resources & part.resources]


def split_groups(
    parts: list[Part], groups: dict[tuple[int, int], int], majors: dict[tuple[int, int], tuple[float, float]]
) -> Split:
    """Split family groups where divided routes need some of their resources alone; the others stay as they are.

    A firm's whole routes change all their resources over together; a firm that does some steps changes over for these.
    """
    seen: dict[int, set[frozenset[int]]] = {}
    whole: dict[int, set[int]] = {}
    for part in parts:
        if part.divided:
            seen.setdefault(part.group, set()).add(part.resources)
        else:
            whole.setdefault(part.group, set()).update(part.resources)
    names = list(groups)
    pieces: dict[int, list[tuple[int, frozenset[int]]]] = {}
    number_of: dict[tuple[int, int], int] = {}
    for group, name in enumerate(list(groups)):
        alone = sorted(seen.get(group, ()), key=sorted)
        fine: dict[tuple[bool, ...], list[int]] = {}
        for g, m in majors:
            if g == group:
                fine.setdefault((m in whole.get(group, ()), *(m in some for some in alone)), []).append(m)
        pieces[group] = []
        for place, resources in enumerate(fine.values()):
            number = group if place == 0 else len(names)
            if place:
                names.append(name)
            pieces[group].append((number, frozenset(resources)))
            number_of |= {(group, m): number for m in resources}
    return Split(names, {(number_of[key], key[1]): value for key, value in majors.items()}, pieces)
