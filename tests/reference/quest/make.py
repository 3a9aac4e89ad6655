"""Writes `gradients.json`: PyTorch's loss and gradients of two small networks of the training game.

    pip install torch==2.9.1 numpy
    python tests/reference/quest/make.py

Weights, biases and inputs are made from the formula in `numbers` on both sides. Pictures are `[batch, height, width,
channels]`, weights of a convolution `[3, 3, inputs, outputs]` and of other layers `[inputs, outputs]`, as the game has them.
"""

import json
from pathlib import Path

import torch
import torch.nn.functional as F

torch.set_num_threads(1)


def numbers(count, factor, scale):
    """Numbers between -scale and scale in a seemingly random order."""
    at = (torch.arange(count, dtype=torch.int64) * factor) % 1009
    return (at.to(torch.float32) / 1009.0 * 2.0 - 1.0) * scale


def run(case, forward, shapes, x, labels):
    parameters = [numbers(int(torch.tensor(s).prod()), 37 + 2 * i, 0.6).reshape(s).requires_grad_() for i, s in enumerate(shapes)]
    loss = F.cross_entropy(forward(x, parameters), torch.tensor(labels))
    loss.backward()
    return {"case": case, "loss": loss.item(), "labels": labels, "gradients": [p.grad.flatten().tolist() for p in parameters]}


def vectors(x, p):
    x = torch.relu(x @ p[0] + p[1])
    x = torch.relu(x @ p[2] + p[3])
    return x @ p[4] + p[5]


def convolution(x, w, b):
    return torch.relu(F.conv2d(x, w.permute(3, 2, 0, 1), b, padding=1))


def pictures(x, p):
    x = x.permute(0, 3, 1, 2)
    x = F.max_pool2d(convolution(x, p[0], p[1]), 2)
    x = F.max_pool2d(convolution(x, p[2], p[3]), 2)
    return x.permute(0, 2, 3, 1).flatten(1) @ p[4] + p[5]


cases = [
    run("vectors", vectors, [(5, 12), (12,), (12, 12), (12,), (12, 3), (3,)], numbers(7 * 5, 101, 1.5).reshape(7, 5), [0, 1, 2, 2, 1, 0, 1]),
    run(
        "pictures",
        pictures,
        [(3, 3, 3, 4), (4,), (3, 3, 4, 4), (4,), (4 * 4 * 4, 3), (3,)],
        numbers(5 * 17 * 17 * 3, 101, 1.5).reshape(5, 17, 17, 3),
        [2, 0, 1, 1, 2],
    ),
]
(Path(__file__).parent / "gradients.json").write_text(json.dumps(cases) + "\n")
