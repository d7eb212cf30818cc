"""What finding like goods costs: seconds and memory for many products, and how much of what an exact search finds.

Titles are made up: sellers copy a title, in English or Chinese, with words swapped, as on a marketplace, from few words, which is harder than
real titles. Recall is the share of the 50 nearest products above the threshold, found by comparing 300 products with each of all, that the search
finds among all products. Each case runs in a process of its own.

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

SMALL, JUDGED = 5_000, 300
LEAST, NEIGHBOURS = 0.5, 50
_EN = [
    "electric",
    "kettle",
    "stainless",
    "steel",
    "portable",
    "travel",
    "mini",
    "cordless",
    "fast",
    "boiling",
    "glass",
    "blue",
    "white",
    "black",
    "gift",
    "home",
    "kitchen",
    "office",
    "hotel",
    "cup",
    "water",
    "bottle",
    "thermos",
    "insulated",
    "vacuum",
    "smart",
    "led",
    "display",
    "temperature",
    "control",
    "coffee",
    "tea",
    "maker",
    "set",
    "fan",
    "desk",
    "usb",
    "rechargeable",
    "silent",
    "summer",
    "dress",
    "women",
    "cotton",
    "floral",
    "sleeveless",
    "beach",
    "casual",
    "vintage",
    "print",
    "loose",
    "long",
    "short",
    "sleeve",
    "pants",
    "shirt",
    "men",
    "lamp",
    "light",
    "night",
    "baby",
    "toy",
    "plush",
    "phone",
    "case",
    "cover",
    "holder",
    "stand",
    "car",
    "charger",
    "cable",
    "wireless",
    "headset",
    "speaker",
    "watch",
    "strap",
    "band",
    "leather",
    "wallet",
    "bag",
    "backpack",
    "waterproof",
]
_ZH = [
    "电热水壶",
    "不锈钢",
    "便携",
    "旅行",
    "迷你",
    "家用",
    "办公室",
    "快速",
    "烧水",
    "玻璃",
    "蓝色",
    "白色",
    "黑色",
    "礼品",
    "厨房",
    "酒店",
    "保温杯",
    "真空",
    "智能",
    "显示",
    "温控",
    "咖啡机",
    "茶具",
    "套装",
    "风扇",
    "桌面",
    "充电",
    "静音",
    "连衣裙",
    "女装",
    "棉质",
    "碎花",
    "无袖",
    "沙滩",
    "休闲",
    "复古",
    "印花",
    "宽松",
    "长袖",
    "短袖",
    "裤子",
    "衬衫",
    "男士",
    "台灯",
    "小夜灯",
    "婴儿",
    "玩具",
    "毛绒",
    "手机壳",
    "支架",
    "车载",
    "数据线",
    "无线",
    "耳机",
    "音箱",
    "手表",
    "表带",
    "皮革",
    "钱包",
    "背包",
    "防水",
]


def titles(count: int, seed: int = 7) -> list[str]:
    """Make up titles: one in four is new, the others are copies of an earlier one with some words changed."""
    rng = np.random.default_rng(seed)
    made: list[tuple[bool, list[str]]] = []
    for _ in range(count):
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


def search(count: int, seed: int) -> dict[str, Any]:
    """Find like titles among so many, and judge the search on some of them."""
    from jointplan.diagnosis.sameness.candidates import like_titles
    from jointplan.diagnosis.sameness.titles import weighted_titles

    text = titles(count, seed)
    like_titles(weighted_titles(text[:500]), least=LEAST, neighbours=NEIGHBOURS, seed=seed)  # compile
    began, cpu_began = time.perf_counter(), time.process_time()
    weighted = weighted_titles(text)
    weighing = time.perf_counter() - began
    left, right, _ = like_titles(weighted, least=LEAST, neighbours=NEIGHBOURS, seed=seed)
    seconds = time.perf_counter() - began
    cpu_seconds = time.process_time() - cpu_began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found = left * count + right  # each pair once, in their order
    judged = np.sort(np.random.default_rng(seed).choice(count, min(JUDGED, count), replace=False))
    hit = wanted = 0
    columns = weighted.T.tocsr()
    for row in judged:
        cosine = (weighted[row] @ columns).toarray()[0]
        cosine[row] = 0.0
        near = np.flatnonzero(cosine >= LEAST)
        near = near[np.argsort(-cosine[near], kind="stable")[:NEIGHBOURS]]
        code = np.minimum(near, row) * count + np.maximum(near, row)
        hit += int((found[np.minimum(np.searchsorted(found, code), len(found) - 1)] == code).sum()) if len(found) else 0
        wanted += len(near)
    return {
        "name": f"{count} products",
        "products": count,
        "grams": weighted.shape[1],
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu_seconds, 2),
        "weighing_seconds": round(weighing, 2),
        "pairs": len(left),
        "peak_mb": round(peak, 1),
        "recall": round(hit / wanted, 4) if wanted else None,
        "neighbours_judged": wanted,
    }


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument("--search", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.search:
        print(json.dumps(search(arguments.search, arguments.seed)))
        return
    cases = []
    for count in dict.fromkeys((min(SMALL, arguments.products), arguments.products)):
        command = [sys.executable, __file__, "--search", str(count), "--seed", str(arguments.seed)]
        cases.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    last = cases[-1]
    summary = {name: last[name] for name in ("products", "seconds", "cpu_seconds", "peak_mb", "recall")}
    summary["recall_small"] = cases[0]["recall"]
    if arguments.json:
        print(json.dumps({"cases": cases, "summary": summary}))
        return
    for case in cases:
        print(
            f"{case['name']}: {case['seconds']} s, {case['peak_mb']} MB, {case['pairs']} pairs, recall {case['recall']}"
        )


if __name__ == "__main__":
    main()
