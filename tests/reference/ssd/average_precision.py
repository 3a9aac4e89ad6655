"""COCO average precision of detections, by pycocotools.

    pip install pycocotools
    python average_precision.py INSTANCES.json RESULTS.json [RESULTS.json ...]

INSTANCES.json is in COCO's format; each RESULTS.json is a list of COCO results with `file_name` (what `annotate` and
`detect.mjs --coco` write). Photos match by name without the ending. All photos of INSTANCES.json count, those without
results too. Prints one table row for each results file.
"""

import contextlib
import io
import json
import pathlib
import sys

from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval


def load_results(path, image_of_stem):
    """Results with `image_id` in place of `file_name`; a photo that the truth does not know is an error."""
    results = []
    for found in json.loads(pathlib.Path(path).read_text()):
        stem = pathlib.PurePath(found["file_name"]).stem
        if stem not in image_of_stem:
            raise SystemExit(f"{path}: photo {stem!r} is not in the instances file")
        results.append({**found, "image_id": image_of_stem[stem]})
    return results


def evaluate(truth, results):
    """COCO's twelve numbers for boxes."""
    with contextlib.redirect_stdout(io.StringIO()):
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return evaluation.stats


def main():
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(sys.argv[1])
    image_of_stem = {pathlib.PurePath(image["file_name"]).stem: image["id"] for image in truth.imgs.values()}
    print(f"{'AP':>7} {'AP50':>7} {'AP75':>7} {'AR100':>7} {'boxes':>7}  results")
    for path in sys.argv[2:]:
        results = load_results(path, image_of_stem)
        if not results:
            raise SystemExit(f"{path} holds no detections")
        stats = evaluate(truth, results)
        print(f"{stats[0]:7.4f} {stats[1]:7.4f} {stats[2]:7.4f} {stats[8]:7.4f} {len(results):7d}  {path}")


if __name__ == "__main__":
    main()
