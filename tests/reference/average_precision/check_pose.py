"""Measures the skeletons that `evaluate -- pose --out FOLDER` left there with pycocotools, beside our numbers.

    pip install pycocotools==2.0.11
    cargo run --release -p model --bin evaluate -- pose --data DIR --part dev --out FOLDER | tee ours.txt
    python tests/reference/average_precision/check_pose.py FOLDER ours.txt
"""

import json
import sys
from pathlib import Path

from check import KEYPOINT_NAMES, theirs


def tables(text):
    """Each table by the `# part, given|detected boxes` line above it."""
    found, table = {}, {}
    for line in text.splitlines():
        if line.startswith("#"):
            table = found.setdefault(line, {})
        else:
            name, value = line.split()
            table[name] = -1.0 if value == "-" else float(value)
    return found


def main():
    folder, ours = Path(sys.argv[1]), tables(Path(sys.argv[2]).read_text())
    worst, compared = 0.0, 0
    for title, table in ours.items():
        words = title[2:].replace(",", "").split()
        # Not the table of those near listed people: that is no file.
        if not table or "without" in words:
            continue
        results = json.loads((folder / f"{words[0]}-{words[1]}.json").read_text())
        # COCO's keypoint results have no box; with one, pycocotools takes a guess's area (which decides whether an
        # unmatched guess counts in APm and APl) from it and not from the joints.
        for result in results:
            del result["bbox"]
        expected = theirs(folder / f"{words[0]}-labels.json", results, "keypoints", KEYPOINT_NAMES)
        difference = max(abs(expected[name] - table[name]) for name in KEYPOINT_NAMES)
        print(f"{title}: AP {table['AP']:.4f} (pycocotools {expected['AP']:.4f}), "
              f"largest difference of {len(KEYPOINT_NAMES)} measures {difference:.1e}")
        worst, compared = max(worst, difference), compared + 1
    # Ours are printed with four digits.
    sys.exit(0 if compared and worst <= 0.5001e-4 else "the measures differ, or there were none")


if __name__ == "__main__":
    main()
