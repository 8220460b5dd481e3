"""Fits the weights of `status`: what a sign is worth to the state that it points at, and each state's own.

A conditional logit: the states compete for each mention, and a sign's worth is learned from all states that it points
at together. Needs numpy, scipy and scikit-learn, as `fit_weights` does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from sklearn.feature_extraction import DictVectorizer

from streams.logic.tag.state import EACH, STATES, Signs

LEAST = 0.005
"""What weighs less is left out."""


def fit_state(found: Sequence[Signs], answers: Sequence[str], strength: float) -> dict[str, dict[str, float]]:
    """The model of `weights/status.yaml`; `strength` is inverse regularisation."""
    names = DictVectorizer()
    rows = names.fit_transform(
        {(EACH, sign): value for sign, value in one.pointing.get(status, {}).items()}
        | {(status, name): value for name, value in one.general.items()}
        | {(status, "start"): 1.0}
        for one in found
        for status in STATES
    )
    shape = (len(found), len(STATES))
    told = np.zeros(shape)
    told[np.arange(len(found)), [STATES.index(answer) for answer in answers]] = 1.0

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        sums = (rows @ weights).reshape(shape)
        sums -= sums.max(axis=1, keepdims=True)
        chances = np.exp(sums)
        chances /= chances.sum(axis=1, keepdims=True)
        wrong = -(told * np.log(chances + 1e-300)).sum()
        slope = rows.T @ (chances - told).ravel()
        return strength * wrong + weights @ weights / 2, strength * slope + weights

    fitted = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 500}).x
    model: dict[str, dict[str, float]] = {EACH: {}, **{status: {"start": 0.0} for status in STATES}}
    for (line, name), weight in zip(names.feature_names_, fitted, strict=True):
        if abs(weight) >= LEAST:
            model[line][name] = float(weight)
    return model
