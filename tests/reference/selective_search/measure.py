"""Prints what OpenCV's Selective Search ("fast", one thread) reaches: beside it stand the numbers of

    evaluate -- proposals --system selective-search --data DIR --part dev

    pip install opencv-contrib-python-headless==5.0.0.93 pillow
    python tests/reference/selective_search/measure.py DIR [--part dev|train|all] [--most PHOTOS]

DIR holds `photos/`, and `voc.json` or `mini_instances.json`, as for `evaluate`.
"""

import argparse
import json
import time
import zlib
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

NUMBERS = [100, 300, 1000, 2000]


def is_of(part, name):
    dev = zlib.crc32(Path(name).stem.encode()) % 10 == 7
    return part == "all" or dev == (part == "dev")


def labelled(root, part):
    if (root / "voc.json").exists():
        boxes = json.loads((root / "voc.json").read_text())["boxes"]
        yield "PASCAL VOC", [(name, [it["box"] for it in objects if not it.get("difficult")])
                             for name, objects in sorted(boxes.items()) if is_of(part, name)]
    if (root / "mini_instances.json").exists():
        labels = json.loads((root / "mini_instances.json").read_text())
        photos = []
        for image in labels["images"]:
            w, h = image["width"], image["height"]
            own = [it["bbox"] for it in labels["annotations"] if it["image_id"] == image["id"] and not it["iscrowd"]]
            boxes = [[x / w, y / h, (x + bw) / w, (y + bh) / h] for x, y, bw, bh in own]
            if is_of(part, image["file_name"]):
                photos.append((f"mini/{Path(image['file_name']).stem}", boxes))
        yield "COCO", photos


def propose(bgr):
    search = cv2.ximgproc.segmentation.createSelectiveSearchSegmentation()
    search.setBaseImage(bgr)
    search.switchToSelectiveSearchFast()
    x, y, w, h = search.process().astype(float).T
    height, width = bgr.shape[:2]
    return np.stack([x / width, y / height, (x + w) / width, (y + h) / height], axis=1)


def overlaps(proposals, box):
    low, high = np.maximum(proposals[:, :2], box[:2]), np.minimum(proposals[:, 2:], box[2:])
    both = np.clip(high - low, 0, None).prod(axis=1)
    return both / ((proposals[:, 2:] - proposals[:, :2]).prod(axis=1) + np.prod(np.subtract(box[2:], box[:2])) - both)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--part", default="dev", choices=["dev", "train", "all"])
    parser.add_argument("--most", type=int)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    for name, photos in labelled(arguments.data, arguments.part):
        best, seconds = {number: [] for number in NUMBERS}, []
        for photo, boxes in photos[:arguments.most]:
            file = next((arguments.data / "photos").glob(f"{photo}.*"))
            bgr = np.array(Image.open(file).convert("RGB"))[:, :, ::-1].copy()
            start = time.process_time()
            proposals = propose(bgr)
            seconds.append(time.process_time() - start)
            for box in boxes:
                found = overlaps(proposals, box)
                for number in NUMBERS:
                    best[number].append(found[:number].max())
        print(f"# {name}: {len(seconds)} photos, {1000 * np.median(seconds):.0f} ms a photo (median)")
        for number in NUMBERS:
            found = np.array(best[number])
            print(f"{number:>6} {(found >= 0.5).mean():.4f} {found.mean():.4f}")


if __name__ == "__main__":
    main()
