"""Writes `values.json`: planes of scikit-learn's linear support vector machine and ridge regression on made-up rows.

    pip install scikit-learn==1.9.1
    python tests/reference/rcnn/make.py

The unit tests of R-CNN's training read the file, so that they need no Python. Rows are bytes times `scale`, as features are
stored; some rows of the two classes lie among the others, so that the hinge loss matters.
"""

import json
import random
from pathlib import Path

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.svm import LinearSVC

SCALE = 0.02


def main():
    rng = random.Random(11)
    rows, positive = [], []
    for i in range(60):
        own = i % 4 == 0
        centre = [150, 90, 120, 60, 200] if own else [110, 120, 125, 90, 170]
        rows.append([min(max(int(rng.gauss(mean, 35)), 0), 255) for mean in centre])
        positive.append(own)
    x = np.array(rows) * SCALE
    targets = [round(0.3 * row[0] * SCALE - 0.2 * row[3] * SCALE + rng.gauss(0, 0.1), 4) for row in rows]
    svm = []
    for cost in [0.01, 0.5]:
        model = LinearSVC(loss="hinge", C=cost, dual=True, tol=1e-9, max_iter=10_000_000, intercept_scaling=1.0)
        model.fit(x, positive)
        svm.append(dict(cost=cost, weights=model.coef_[0].tolist(), bias=float(model.intercept_[0])))
    ridge = []
    for penalty in [0.1, 30.0]:
        model = Ridge(alpha=penalty, solver="cholesky").fit(x, targets)
        ridge.append(dict(penalty=penalty, weights=model.coef_.tolist(), bias=[float(model.intercept_)]))
    path = Path(__file__).with_name("values.json")
    path.write_text(json.dumps(dict(scale=SCALE, rows=rows, positive=positive, targets=targets, svm=svm, ridge=ridge),
                               separators=(",", ":")) + "\n")
    print(svm, ridge)


if __name__ == "__main__":
    main()
