"""Writes `expected.json`: made-up captions and references, and what pycocoevalcap's BLEU and CIDEr are on them.

    pip install pycocoevalcap==1.2
    python tests/reference/captions/measure.py

The sentences are in words already (lower case, no punctuation): pycocoevalcap's tokenizer is a Java program. With a file
of captions that `evaluate -- caption --out FILE` wrote, it measures those:

    python tests/reference/captions/measure.py FILE
"""

import contextlib
import io
import json
import random
import sys
from pathlib import Path

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider

GRAMMAR = [["a", "the", "two", "one"], ["brown", "small", "happy", "wet", ""], ["dog", "cat", "girl", "man", "dogs"],
           ["runs", "sits", "jumps", "plays", "is standing"], ["in", "on", "over", "near", "with"],
           ["the", "a", "some"], ["green", "", "deep", ""], ["grass", "snow", "water", "ball", "beach", "street"],
           ["", "", "with a red ball", "at night", "while people watch the dog run in the park"]]


def sentence(rng, choices):
    words = [rng.choice(GRAMMAR[i]) if rng.random() < 0.35 else choices[i] for i in range(len(GRAMMAR))]
    return " ".join(" ".join(words).split())


def made_up(rng):
    photos = []
    for i in range(40):
        choices = [rng.choice(options) for options in GRAMMAR]
        caption = sentence(rng, choices)
        if i % 7 == 0:
            caption = " ".join(caption.split()[:rng.randint(1, 4)])
        if i % 11 == 0:
            caption = "a dog a dog a dog runs runs runs on the the grass"
        if i == 20:
            caption = "zebra"
        photos.append(dict(caption=caption, references=[sentence(rng, choices) for _ in range(rng.choice([1, 3, 5]))]))
    return photos


def measure(photos):
    references = {i: photo["references"] for i, photo in enumerate(photos)}
    captions = {i: [photo["caption"]] for i, photo in enumerate(photos)}
    with contextlib.redirect_stdout(io.StringIO()):
        bleu, _ = Bleu(4).compute_score(references, captions)
        cider, _ = Cider().compute_score(references, captions)
    return dict(bleu=[float(value) for value in bleu], cider=float(cider))


def main():
    if len(sys.argv) > 1:
        photos = json.loads(Path(sys.argv[1]).read_text())
        print(measure([dict(caption=p["caption_words"], references=p["reference_words"]) for p in photos]))
        return
    photos = made_up(random.Random(3))
    value = dict(photos=photos, all=measure(photos), first=measure(photos[:5]))
    (Path(__file__).resolve().parent / "expected.json").write_text(json.dumps(value, indent=1) + "\n")


if __name__ == "__main__":
    main()
