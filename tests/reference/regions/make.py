"""Writes `values.json`: what torchvision computes for regions of feature maps, and PyTorch for a transposed convolution.

    pip install torch==2.9.1 torchvision==0.24.1
    python tests/reference/regions/make.py

Maps are `[batch, height, width, channels]`; neither they nor the gradients of the results are stored, both sides make them
from the formula in `numbers`. Regions are fractions of the photo and become cells in float32 on both sides. Every case
holds the result and the gradient with respect to the map.
"""

import json
from pathlib import Path

import numpy as np
import torch
from torchvision.ops import ps_roi_pool, roi_align, roi_pool

torch.set_num_threads(1)

# (photo, x0, y0, x1, y1): ordinary ones, the whole photo, some that leave it on each side, some without width, height or
# area, a tiny one, and one that lies outside.
REGIONS = [
    (0, 0.11, 0.23, 0.71, 0.83), (1, 0.0, 0.0, 1.0, 1.0), (2, 0.37, 0.05, 0.93, 0.41), (1, -0.35, -0.27, 0.42, 0.31),
    (2, 0.55, 0.62, 1.43, 1.29), (0, 0.44, 0.13, 0.44, 0.77), (1, 0.29, 0.58, 0.81, 0.58), (2, 0.63, 0.36, 0.63, 0.36),
    (0, 0.512, 0.481, 0.537, 0.503), (0, 1.4, 1.6, 1.9, 2.1), (1, -0.9, 0.2, 1.9, 0.7),
]


def numbers(shape, factor, prime):
    """Numbers between -1 and 1 in a seemingly random order, no two the same among `prime` neighbours."""
    index = np.arange(np.prod(shape), dtype=np.int64)
    return torch.from_numpy((index * factor % prime).astype(np.float32) / np.float32(1000) - np.float32(1)).reshape(shape)


def short(tensor):
    """Nine digits tell any two float32 apart; seven are enough here."""
    return [float(f"{value:.7g}") for value in tensor.detach().flatten().tolist()]


def boxes(height, width, batch):
    rows = []
    for photo, x0, y0, x1, y1 in REGIONS:
        fractions = np.array([x0, y0, x1, y1], np.float32)
        rows.append([np.float32(photo % batch), *(fractions * np.array([width, height, width, height], np.float32))])
    return torch.from_numpy(np.array(rows, np.float32))


def run(operator, map, side, samples):
    """The operator on our layouts."""
    batch, height, width, channels = map.shape
    rois = boxes(height, width, batch)
    if operator == "roi_align":
        found = roi_align(map.permute(0, 3, 1, 2), rois, side, 1.0, samples, aligned=True)
    elif operator == "roi_pool":
        found = roi_pool(map.permute(0, 3, 1, 2), rois, side, 1.0)
    else:
        # Our channels are [row of bins, column of bins, score], torchvision's [score, row, column].
        theirs = map.reshape(batch, height, width, side, side, -1).permute(0, 5, 3, 4, 1, 2)
        found = ps_roi_pool(theirs.reshape(batch, channels, height, width), rois, side, 1.0)
    return found.permute(0, 2, 3, 1)


def case(operator, shape, side, samples=0):
    map = numbers(shape, 7919, 2003).requires_grad_()
    found = run(operator, map, side, samples)
    pull = numbers(found.shape, 6007, 1999)
    if operator == "ps_roi_pool":
        # torchvision 0.24 goes back through bins that end at the last row and column, but forward through bins that end
        # before them, so that its gradient is another function's. Forward is linear: its gradient is what single ones give.
        gradient = torch.stack([(run(operator, one.reshape(shape), side, samples) * pull).sum()
                                for one in torch.eye(map.numel())])
    else:
        found.backward(pull)
        gradient = map.grad
    return dict(operator=operator, shape=shape, side=side, samples=samples, result=short(found), gradient=short(gradient))


def transposed(shape, c_out):
    """PyTorch's transposed convolution on our layouts."""
    x = numbers(shape, 7919, 2003).requires_grad_()
    weight = numbers((shape[3], 2, 2, c_out), 6007, 1999).requires_grad_()
    bias = numbers((c_out,), 811, 1997).requires_grad_()
    found = torch.nn.functional.conv_transpose2d(x.permute(0, 3, 1, 2), weight.permute(0, 3, 1, 2), bias, stride=2)
    found = found.permute(0, 2, 3, 1)
    found.backward(numbers(found.shape, 6007, 1999))
    return dict(operator="transposed", shape=shape, c_out=c_out, result=short(found), gradient=short(x.grad),
                weight_gradient=short(weight.grad), bias_gradient=short(bias.grad))


def main():
    cases = [
        case("roi_align", (3, 7, 9, 3), 3, 2),
        case("roi_align", (1, 13, 11, 1), 5, 1),
        case("roi_align", (3, 5, 4, 5), 2, 3),
        case("roi_align", (3, 1, 6, 2), 2, 2),
        case("roi_pool", (3, 7, 9, 3), 3),
        case("roi_pool", (1, 13, 11, 1), 7),
        case("roi_pool", (3, 4, 5, 5), 2),
        case("ps_roi_pool", (3, 7, 9, 8), 2),
        case("ps_roi_pool", (1, 13, 11, 9), 3),
        case("ps_roi_pool", (3, 4, 5, 18), 3),
        transposed((2, 3, 5, 7), 5),
        transposed((1, 4, 3, 8), 4),
    ]
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    regions = json.dumps(REGIONS, separators=(",", ":"))
    text = f'{{"regions":{regions},\n"cases":[\n{lines}\n]}}\n'
    (Path(__file__).parent / "values.json").write_text(text.replace(".0,", ",").replace(".0]", "]"))


if __name__ == "__main__":
    main()
