"""Titles in two languages, most of them copies of others with words changed."""

from __future__ import annotations

import numpy as np

ENGLISH = "electric kettle steel portable mini glass blue black gift home office hotel bottle thermos smart led coffee maker fan desk lamp toy phone case holder car bag".split()  # noqa: SIM905 - a hundred quotes hide the words
CHINESE = "电热水壶 不锈钢 便携 旅行 迷你 家用 玻璃 蓝色 黑色 礼品 厨房 酒店 保温杯 智能 显示 咖啡机 茶具 风扇 桌面 台灯 玩具 手机壳 支架 车载 背包".split()  # noqa: SIM905 - a hundred quotes hide the words


def titles(count: int, seed: int = 7) -> list[str]:
    """Make up titles: one in four is new, the others are copies of an earlier one with words changed."""
    rng = np.random.default_rng(seed)
    made: list[tuple[bool, list[str]]] = []
    for _ in range(count):
        if not made or rng.random() < 0.25:
            chinese = bool(rng.random() < 0.4)
            text = [
                str(word)
                for word in rng.choice(CHINESE if chinese else ENGLISH, int(rng.integers(5, 9)), replace=False)
            ]
        else:
            chinese, base = made[int(rng.integers(0, len(made)))]
            text = list(base)
            for _ in range(int(rng.integers(0, 4))):
                text[int(rng.integers(0, len(text)))] = str(rng.choice(CHINESE if chinese else ENGLISH))
        made.append((chinese, text))
    return [("" if chinese else " ").join(text) for chinese, text in made]
