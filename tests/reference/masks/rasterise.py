"""Writes `polygons.json`: made-up polygons, what pycocotools makes of them, and how their masks overlap.

    pip install pycocotools==2.0.11
    python tests/reference/masks/rasterise.py

`average_precision/check.py` compares mask average precision, on COCO's own polygons too.
"""

import json
import random
from pathlib import Path

from pycocotools import mask

SIZES = [(40, 30), (17, 23), (64, 64), (5, 3)]


def polygon(rng, width, height):
    """Stars, boxes on and between pixels, slivers, and corners outside the photo."""
    kind = rng.choice(["free", "grid", "outside", "sliver", "double"])
    reach = 0.4 if kind == "outside" else 0.0
    points = []
    for _ in range(rng.randint(3, 9)):
        x, y = rng.uniform(-reach, 1 + reach) * width, rng.uniform(-reach, 1 + reach) * height
        if kind == "grid":
            x, y = round(x * 2) / 2, round(y * 2) / 2
        if kind == "sliver":
            y = height / 2 + rng.uniform(-1, 1)
        points += [round(x, 2), round(y, 2)]
        if kind == "double":
            points += points[-2:]
    return points


def main():
    rng = random.Random(5)
    cases, before = [], None
    for i in range(120):
        width, height = SIZES[i % len(SIZES)]
        parts = [polygon(rng, width, height) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
        merged = mask.merge(mask.frPyObjects(parts, height, width))
        case = dict(width=width, height=height, polygons=parts, counts=merged["counts"].decode(),
                    area=int(mask.area(merged)))
        cases.append(case)
    for i, case in enumerate(cases):
        other = cases[(i + len(SIZES)) % len(cases)]
        rles = [dict(size=[c["height"], c["width"]], counts=c["counts"].encode()) for c in (case, other)]
        case["iou"] = float(mask.iou([rles[0]], [rles[1]], [0])[0][0])
        case["crowd_iou"] = float(mask.iou([rles[0]], [rles[1]], [1])[0][0])
    lines = ",\n".join(json.dumps(case) for case in cases)
    (Path(__file__).resolve().parent / "polygons.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
