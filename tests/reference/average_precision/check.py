"""Compares our average precision with pycocotools on perturbed labels.

    pip install pycocotools==2.0.11
    cargo build --release -p model --bin evaluate
    python tests/reference/average_precision/check.py DIR

With `--write` instead of DIR it writes `labels.json`, `guesses.json`, `masks.json` and `expected.json` beside itself:
labels made up here, in the same way perturbed, and what pycocotools measures on them. The test `average_precision` reads
those, so that it needs no Python.

DIR holds `mini_instances.json` and `mini_person_keypoints.json` in COCO's format. The guesses are the labels themselves,
shifted, scaled, doubled, renamed, left out and scored at random, with equal scores among them, so that every rule of the
measure has work to do: crowds, ranges of area, too many guesses, unlabelled people. Every measure has to agree to 4
digits. With `--results FILE` a file of real results is compared as well, as boxes and, if it has masks, as masks.
"""

import argparse
import contextlib
import copy
import io
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from pycocotools import mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

ROOT = Path(__file__).resolve().parents[3]
BOX_NAMES = "AP AP50 AP75 APs APm APl AR1 AR10 AR100 ARs ARm ARl".split()
KEYPOINT_NAMES = "AP AP50 AP75 APm APl AR AR50 AR75 ARm ARl".split()


def box_guesses(dataset, rng):
    """Boxes near the labels, crowds included, some photos with more than 100 of one category."""
    categories = [category["id"] for category in dataset["categories"]]
    guesses = []
    for label in dataset["annotations"]:
        x, y, w, h = label["bbox"]
        for _ in range(rng.choice([0, 1, 1, 2, 3]) if not label["iscrowd"] else 4):
            jitter = rng.choice([0.0, 0.03, 0.1, 0.3])
            dx, dy = rng.gauss(0, jitter) * w, rng.gauss(0, jitter) * h
            sx, sy = 1 + rng.gauss(0, jitter) / 2, 1 + rng.gauss(0, jitter) / 2
            category = label["category_id"] if rng.random() < 0.85 else rng.choice(categories)
            box = [round(value, 2) for value in (x + dx, y + dy, abs(w * sx), abs(h * sy))]
            guesses.append(dict(image_id=label["image_id"], category_id=category, bbox=box,
                                score=round(rng.random(), 2)))
    busy = dataset["annotations"][0]
    for _ in range(150):
        box = [round(rng.uniform(0, 300), 2) for _ in range(4)]
        guesses.append(dict(image_id=busy["image_id"], category_id=busy["category_id"], bbox=box,
                            score=round(rng.random(), 2)))
    return guesses


def keypoint_guesses(dataset, rng):
    """Skeletons near the labels; for people without labelled keypoints, somewhere in their box."""
    guesses = []
    for label in dataset["annotations"]:
        x, y, w, h = label["bbox"]
        for _ in range(rng.choice([0, 1, 1, 2])):
            spread = rng.choice([0.01, 0.03, 0.08]) * label["area"] ** 0.5
            points = []
            for i in range(17):
                px, py, v = label["keypoints"][3 * i:3 * i + 3]
                if v == 0:
                    px, py = x + rng.uniform(-0.2, 1.2) * w, y + rng.uniform(-0.2, 1.2) * h
                points += [round(px + rng.gauss(0, spread), 2), round(py + rng.gauss(0, spread), 2), 1]
            guesses.append(dict(image_id=label["image_id"], category_id=1, keypoints=points,
                                score=round(rng.random(), 2)))
    busy = dataset["annotations"][0]
    for _ in range(30):
        points = [round(rng.uniform(0, 400), 2) if i % 3 < 2 else 1 for i in range(51)]
        guesses.append(dict(image_id=busy["image_id"], category_id=1, keypoints=points, score=round(rng.random(), 2)))
    return guesses


def mask_guesses(truth, rng):
    """The labels' masks, crowds included, shifted, with stripes and blocks missing."""
    categories = truth.getCatIds()
    guesses = []
    for label in truth.loadAnns(truth.getAnnIds()):
        pixels = truth.annToMask(label)
        for _ in range(rng.choice([0, 1, 1, 2]) if not label["iscrowd"] else 3):
            side = max(2, int(label["area"] ** 0.5))
            reach = int(rng.choice([0.0, 0.05, 0.2]) * side)
            guess = np.roll(pixels, (rng.randint(-reach, reach), rng.randint(-reach, reach)), (0, 1))
            if rng.random() < 0.3:
                guess[rng.randrange(2)::rng.randint(2, 9)] = 0
            if label["iscrowd"]:
                ys, xs = np.nonzero(guess)
                if len(xs):
                    at = rng.randrange(len(xs))
                    part = np.zeros_like(guess)
                    part[ys[at] - side // 8:ys[at] + side // 8 + 2, xs[at]:xs[at] + side // 4 + 2] = 1
                    guess = part
            category = label["category_id"] if rng.random() < 0.85 else rng.choice(categories)
            rle = mask.encode(np.asfortranarray(guess))
            rle["counts"] = rle["counts"].decode()
            guesses.append(dict(image_id=label["image_id"], category_id=category, segmentation=rle,
                                score=round(rng.random(), 2)))
    return guesses


def made_up_masks(labels, rng):
    """The labels with an outline each, some of two parts; crowds with run lengths."""
    annotations = []
    for label in labels["annotations"]:
        x, y, w, h = label["bbox"]
        parts = []
        for part in range(rng.choice([1, 1, 2])):
            angles = sorted(rng.uniform(0, 2 * np.pi) for _ in range(rng.randint(5, 12)))
            radii = [rng.uniform(0.3, 0.5) / (part + 1) for _ in angles]
            parts.append([round(value, 2) for angle, radius in zip(angles, radii)
                          for value in (x + w / 2 + w * radius * np.cos(angle), y + h / 2 + h * radius * np.sin(angle))])
        segmentation = parts
        if label["iscrowd"]:
            pixels = mask.decode(mask.merge(mask.frPyObjects(parts, 480, 640))).flatten("F")
            ends = np.concatenate([[0], np.nonzero(np.diff(pixels))[0] + 1, [pixels.size]])
            counts = np.diff(ends).tolist()
            segmentation = dict(size=[480, 640], counts=counts if not pixels[0] else [0] + counts)
        annotations.append({key: label[key] for key in ["id", "image_id", "category_id", "bbox", "area", "iscrowd"]}
                           | dict(segmentation=segmentation))
    return labels | dict(annotations=annotations)


def made_up_labels(rng):
    """Twelve photos of people, dogs and cups of all sizes, a crowd, and people with some, all or no keypoints."""
    annotations = []
    for image in range(1, 13):
        for _ in range(rng.randint(0, 7)):
            side = rng.choice([12, 25, 60, 90, 150, 300])
            x, y, w, h = (round(value, 1) for value in (rng.uniform(0, 300), rng.uniform(0, 200),
                                                        side * rng.uniform(0.6, 1), side * rng.uniform(0.6, 1)))
            category = rng.choice([1, 1, 18, 47])
            crowd = int(rng.random() < 0.1)
            points = []
            for _ in range(17):
                v = rng.choice([0, 1, 2, 2]) * (not crowd)
                points += [round(x + rng.random() * w), round(y + rng.random() * h), v] if v else [0, 0, 0]
            if rng.random() < 0.2:
                points = [0] * 51
            annotations.append(dict(id=len(annotations) + 1, image_id=image, category_id=category, bbox=[x, y, w, h],
                                    area=round(w * h * rng.uniform(0.5, 0.9), 1), iscrowd=crowd, keypoints=points,
                                    num_keypoints=sum(v > 0 for v in points[2::3])))
    return dict(info={}, annotations=annotations,
                images=[dict(id=i, file_name=f"{i}.jpg", width=640, height=480) for i in range(1, 13)],
                categories=[dict(id=1, name="person"), dict(id=18, name="dog"), dict(id=47, name="cup")])


def write_expected():
    here, rng = Path(__file__).resolve().parent, random.Random(11)
    labels = made_up_labels(rng)
    people = labels | dict(categories=labels["categories"][:1],
                           annotations=[label for label in labels["annotations"] if label["category_id"] == 1])
    guesses = dict(boxes=box_guesses(labels, rng), keypoints=keypoint_guesses(people, rng))
    expected = {}
    for task, kind, data, names in [("boxes", "bbox", labels, BOX_NAMES),
                                    ("keypoints", "keypoints", people, KEYPOINT_NAMES)]:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(data, file)
            file.flush()
            expected[task] = theirs(file.name, guesses[task], kind, names)
    masks = dict(labels=made_up_masks(labels, rng))
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(masks["labels"], file)
        file.flush()
        with contextlib.redirect_stdout(io.StringIO()):
            masks["guesses"] = mask_guesses(COCO(file.name), rng)
        expected["masks"] = theirs(file.name, masks["guesses"], "segm", BOX_NAMES)
    (here / "masks.json").write_text(json.dumps(masks) + "\n")
    for name, value in dict(labels=labels, guesses=guesses, expected=expected).items():
        (here / f"{name}.json").write_text(json.dumps(value, indent=None) + "\n")


def theirs(labels, guesses, kind, names):
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(labels))
        # loadRes writes into what it is given.
        evaluation = COCOeval(truth, truth.loadRes(copy.deepcopy(guesses)), kind)
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return dict(zip(names, map(float, evaluation.stats)))


def ours(data, guesses, task):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(guesses, file)
        file.flush()
        command = [ROOT / "target/release/evaluate", task, "--data", data, "--results", file.name]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name: -1.0 if value == "-" else float(value) for name, value in map(str.split, text.splitlines())}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--results", type=Path)
    arguments = parser.parse_args()
    if arguments.write:
        return write_expected()
    worst = 0.0
    with contextlib.redirect_stdout(io.StringIO()):
        instances = COCO(str(arguments.data / "mini_instances.json"))
    tasks = [("boxes", "bbox", "mini_instances.json", BOX_NAMES, box_guesses),
             ("mask", "segm", "mini_instances.json", BOX_NAMES, lambda _, rng: mask_guesses(instances, rng)),
             ("pose", "keypoints", "mini_person_keypoints.json", KEYPOINT_NAMES, keypoint_guesses)]
    for task, kind, file, names, make in tasks:
        labels = arguments.data / file
        dataset = json.loads(labels.read_text())
        cases = [(f"seed {seed}", make(dataset, random.Random(seed))) for seed in range(5)]
        if arguments.results and kind != "keypoints":
            results = json.loads(arguments.results.read_text())
            # Of results with a box too, pycocotools takes the box's area for the mask's.
            absent = "segmentation" if kind == "bbox" else "bbox"
            results = [{key: value for key, value in result.items() if key != absent} for result in results]
            if kind == "bbox" or "segmentation" in results[0]:
                cases.append((arguments.results.name, results))
        for case, guesses in cases:
            expected, got = theirs(labels, guesses, kind, names), ours(arguments.data, guesses, task)
            difference = max(abs(expected[name] - got[name]) for name in names)
            worst = max(worst, difference)
            print(f"{task:<6} {case:<16} AP {got['AP']:.4f} (pycocotools {expected['AP']:.4f}), "
                  f"largest difference of {len(names)} measures {difference:.1e}")
    # Ours are printed with four digits.
    sys.exit(0 if worst <= 0.5001e-4 else "the measures differ")


if __name__ == "__main__":
    main()
