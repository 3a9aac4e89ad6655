"""Writes `values.json`: colours in HSV and Lab, and segments of small pictures, as OpenCV has them.

    pip install opencv-contrib-python-headless==5.0.0.93
    python tests/reference/selective_search/make.py

The unit tests of Selective Search read the file, so that they need no Python. The pictures are rectangles of one colour
each, with noise far smaller than the steps between them, and sigma is too small to smooth: on such the order in which equal
edges are joined does not decide. No two pieces of one colour touch at corners only (OpenCV has no edges there). `labels` is OpenCV's graph segmentation of the picture's Lab values with the same sigma, k
and smallest size.
"""

import json
import random
from pathlib import Path

import cv2
import numpy as np


def colours(rng):
    pixels = [[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128], [254, 255, 255]]
    pixels += [[rng.randrange(256) for _ in range(3)] for _ in range(57)]
    bgr = np.array([pixels], dtype=np.uint8)[:, :, ::-1].copy()
    return [dict(rgb=rgb, hsv=hsv.tolist(), lab=lab.tolist()) for rgb, hsv, lab in
            zip(pixels, cv2.cvtColor(bgr, cv2.COLOR_BGR2HSV)[0], cv2.cvtColor(bgr, cv2.COLOR_BGR2LAB)[0])]


def is_clear(image, min_size):
    """Whether pieces of one colour touch at sides, not only at corners, and are large enough to stay."""
    for colour in np.unique(image.reshape(-1, 3), axis=0):
        mask = (image == colour).all(axis=2).astype(np.uint8)
        sides, labels = cv2.connectedComponents(mask, connectivity=4)
        corners, _ = cv2.connectedComponents(mask, connectivity=8)
        if sides != corners:
            return False
        if any((labels == label).sum() < min_size for label in range(1, sides)):
            return False
    return True


def picture(rng, width, height, rectangles, min_size):
    while True:
        image = np.full((height, width, 3), 40, dtype=np.int64)
        for i in range(rectangles):
            x, y = rng.randrange(width - 8), rng.randrange(height - 8)
            colour = [(i * 67 + 90) % 256, (i * 151 + 30) % 256, (i * 41 + 200) % 256]
            image[y:y + rng.randrange(8, 20), x:x + rng.randrange(8, 20)] = colour
        if is_clear(image, min_size):
            break
    noise = np.array([[[rng.randrange(-1, 2)] * 3 for _ in range(width)] for _ in range(height)])
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def segments(rgb, sigma, k, min_size):
    lab = cv2.cvtColor(rgb[:, :, ::-1].copy(), cv2.COLOR_BGR2LAB)
    return cv2.ximgproc.segmentation.createGraphSegmentation(sigma, k, min_size).processImage(lab)


def main():
    rng = random.Random(5)
    cases = []
    for width, height, rectangles, sigma, k, min_size in [(40, 30, 4, 0.1, 2500, 50), (32, 48, 6, 0.1, 2000, 60)]:
        rgb = picture(rng, width, height, rectangles, min_size)
        labels = segments(rgb, sigma, k, min_size)
        cases.append(dict(width=width, height=height, sigma=sigma, k=k, min_size=min_size, rgb=rgb.flatten().tolist(),
                          labels=labels.flatten().tolist()))
        print(width, height, len(np.unique(labels)), "segments")
    path = Path(__file__).with_name("values.json")
    path.write_text(json.dumps(dict(colours=colours(rng), segmentations=cases), separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
