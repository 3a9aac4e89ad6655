"""Writes `values.json`: made-up labels and guesses, and PASCAL VOC's average precision of them by a published evaluator.

    pip install mean-average-precision==2024.1.5.0
    python tests/reference/voc/make.py

The test `voc` reads the file, so that it needs no Python. Guesses are the labels shifted, doubled, renamed, left out and
scored at random. None is difficult: the evaluator counts difficult objects among those to find, which the development kit of
VOC does not; the unit tests beside the measure hold that rule. Boxes are left, top, right, bottom in whole pixels. The evaluator counts pixels inclusively, as the
development kit of VOC does: it is given the last pixel, where we have the edge behind it. The number of objects of a class
is a prime, so that no recall falls exactly on one of the eleven, where the rounding of 0.3 would decide.
"""

import json
import random
from pathlib import Path

import numpy as np
from mean_average_precision import MetricBuilder

PHOTOS = 30
OBJECTS = [41, 23, 7, 1]


def labels(rng):
    made = []
    for category, count in enumerate(OBJECTS):
        for _ in range(count):
            x, y = rng.randrange(300), rng.randrange(300)
            box = [x, y, x + rng.randrange(8, 160), y + rng.randrange(8, 160)]
            made.append(dict(image=rng.randrange(PHOTOS), category=category, box=box, difficult=False))
    return made


def guesses(truths, rng):
    made = []
    # Every score is another one: the evaluator's order of equals is its own.
    scores = iter(rng.sample(range(1, 100_000), 1000))
    for truth in truths:
        for _ in range(rng.choice([0, 1, 1, 2, 3])):
            spread = rng.choice([0, 2, 8, 20])
            box = [value + rng.randint(-spread, spread) for value in truth["box"]]
            box[2], box[3] = max(box[2], box[0] + 2), max(box[3], box[1] + 2)
            category = truth["category"] if rng.random() < 0.85 else rng.randrange(len(OBJECTS))
            made.append(dict(image=truth["image"], category=category, box=box, score=next(scores) / 100_000))
    return made


def inclusive(box):
    return [box[0], box[1], box[2] - 1, box[3] - 1]


def measure(truths, found):
    metric = MetricBuilder.build_evaluation_metric("map_2d", async_mode=False, num_classes=len(OBJECTS))
    for photo in range(PHOTOS):
        own = [it for it in truths if it["image"] == photo]
        mine = [it for it in found if it["image"] == photo]
        truth = [inclusive(it["box"]) + [it["category"], int(it["difficult"]), 0] for it in own]
        guess = [inclusive(it["box"]) + [it["category"], it["score"]] for it in mine]
        metric.add(np.array(guess, dtype=float).reshape(-1, 6), np.array(truth, dtype=float).reshape(-1, 7))
    value = metric.value(iou_thresholds=0.5, recall_thresholds=np.arange(11) / 10, mpolicy="greedy")
    return [float(value[0.5][category]["ap"]) for category in range(len(OBJECTS))]


def main():
    rng = random.Random(7)
    truths = labels(rng)
    found = guesses(truths, rng)
    expected = measure(truths, found)
    path = Path(__file__).with_name("values.json")
    lines = [f'"{name}": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]" for name, rows in
             [("truths", truths), ("guesses", found), ("expected", expected)]]
    path.write_text("{" + ",\n".join(lines) + "}\n")
    print(expected)


if __name__ == "__main__":
    main()
