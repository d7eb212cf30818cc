"""What finding like goods costs: seconds and memory for many products, and how much of what an exact search finds.

Titles are made up: sellers copy a base title of a family, in English or Chinese, with words swapped, dropped and added, as on a marketplace. Recall
is the share of the pairs above the threshold, found by comparing each with each on the first 5,000 products, that the search finds among
the same products; the search of all products runs in a process of its own.

    python benchmarks/sameness.py --products 200000 --json
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from typing import Any

import numpy as np

RECALL_ON = 5_000
LEAST = 0.5
_EN = (
    "electric kettle stainless steel portable travel mini cordless fast boiling glass blue white black gift home kitchen office hotel "
    "cup water bottle thermos insulated vacuum smart led display temperature control coffee tea maker set fan desk usb rechargeable silent "
    "summer dress women cotton floral sleeveless beach casual vintage print loose long short sleeve pants shirt men lamp light night baby toy "
    "plush phone case cover holder stand car charger cable wireless headset speaker watch strap band leather wallet bag backpack waterproof"
).split()
_ZH = (
    "电热水壶 不锈钢 便携 旅行 迷你 家用 办公室 快速 烧水 玻璃 蓝色 白色 黑色 礼品 厨房 酒店 保温杯 真空 智能 显示 温控 咖啡机 茶具 套装 风扇 桌面 充电 静音 "
    "连衣裙 女装 棉质 碎花 无袖 沙滩 休闲 复古 印花 宽松 长袖 短袖 裤子 衬衫 男士 台灯 小夜灯 婴儿 玩具 毛绒 手机壳 支架 车载 数据线 无线 耳机 音箱 手表 表带 皮革 钱包 背包 防水"
).split()


def titles(count: int, seed: int = 7) -> list[str]:
    """Make up titles: one in four is new, the others are copies of an earlier one with some words changed."""
    rng = np.random.default_rng(seed)
    made: list[tuple[bool, list[str]]] = []
    for n in range(count):
        if not made or rng.random() < 0.25:
            chinese = bool(rng.random() < 0.4)
            words = _ZH if chinese else _EN
            text = [words[k] for k in rng.choice(len(words), size=int(rng.integers(5, 11)), replace=False)]
            text.append(f"{'型号' if chinese else 'model '}{int(rng.integers(0, 40 + count // 20))}")
        else:
            chinese, base = made[int(rng.integers(0, len(made)))]
            words, text = (_ZH if chinese else _EN), list(base)
            for _ in range(int(rng.integers(0, 4))):
                text[int(rng.integers(0, len(text)))] = words[int(rng.integers(0, len(words)))]
        made.append((chinese, text))
    return [("" if chinese else " ").join(text) for chinese, text in made]


def search(count: int) -> dict[str, Any]:
    """Find like titles among so many."""
    from jointplan.diagnosis.sameness.candidates import like_titles
    from jointplan.diagnosis.sameness.titles import weighted_titles

    text = titles(count)
    like_titles(weighted_titles(text[:100]), least=LEAST, neighbours=50, block=500, seed=7)  # compile
    began = time.perf_counter()
    weighted = weighted_titles(text)
    weighing = time.perf_counter() - began
    left, _, _ = like_titles(weighted, least=LEAST, neighbours=50, block=500, seed=7)
    return {
        "name": f"{count} products",
        "seconds": round(time.perf_counter() - began, 2),
        "weighing_seconds": round(weighing, 2),
        "pairs": len(left),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
