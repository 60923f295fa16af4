"""How likely it is that two entities are one, with reasons: a logistic regression with its weights in the open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp

from worldctx.model.context import Reason
from worldctx.model.entity import Kind
from worldctx.resolve.comparison import FEATURES, Evidence, Feature, Pair


@dataclass(frozen=True, slots=True)
class Model:
    """A bias and weights by feature; a feature without a weight says nothing.

    Attributes:
        threshold: the score from which on a merge without a person is right often enough; UNMEASURED where no
            threshold was.
    """

    name: str
    bias: float
    weights: Mapping[str, float]
    threshold: float


@dataclass(frozen=True, slots=True)
class Score:
    """0 to 1, rounded to 4 places, and why, the weightiest first."""

    value: float
    reasons: tuple[Reason, ...]
    model: str


#: The threshold where none was measured to be good enough: no score reaches it.
UNMEASURED = 2.0
#: Set by hand, for no made duplicate can teach them: what shares an external id is one already, unless it is written
#: differently; an authority's two ids are two things, whatever else agrees; and so are two kinds, mostly.
BY_HAND: Mapping[str, float] = {"same_identifier": 8.0, "identifiers_differ": -10.0, "kind_differs": -3.0,
                                "contains_the_other": -6.0}
#: `python -m evals.same_thing DATA --train`: weights from the train part, thresholds from the dev part.
#: Of places: at 0.9, the threshold of the dev part, merges of the test part were right in 98.2 %, which is too seldom.
PERSON = Model("person@1", -1.93, {
    "given_name_equal": 1.15, "given_name_short": -0.32, "given_name_slip": 0.72, "given_name_initial": 1.03,
    "given_name_differs": -4.32, "surname_slip": -0.86, "surname_differs": -3.88, "middle_name_agrees": 1.1,
    "middle_name_differs": -1.59, "rare_name": 2.0, "same_birth_day": 0.96, "same_birth_year": 0.7,
    "birth_differs": -0.82, "same_date": 0.01, "shared_neighbours": 4.79, "same_region": 2.86, "other_region": -3.9,
    "elsewhere_at_once": -0.46, "two_seats_at_once": -1.75, **BY_HAND,
}, 0.8)
PLACE = Model("place@1", -3.5, {
    "title_equal": 4.55, "title_alike": 1.03, "title_differs": -0.91, "rare_name": 1.1, "near": 2.34, "far": -6.05,
    "same_container": -1.34, "other_container": -6.64, **BY_HAND,
}, UNMEASURED)
OTHER = Model("other@1", PLACE.bias, PLACE.weights, UNMEASURED)
MODELS = {Kind.PERSON: PERSON, Kind.PLACE: PLACE}


def model_of(pair: Pair) -> Model:
    """The model for two entities."""
    return MODELS.get(pair.left.kind, OTHER) if pair.left.kind is pair.right.kind else OTHER


def evidence(pair: Pair) -> dict[Feature, Evidence]:
    """What the features say, those that say nothing left out."""
    return {feature: found for feature in FEATURES if (found := feature(pair)).value}


def score(pair: Pair, model: Model | None = None) -> Score:
    """The probability that two entities are one, by the model of their kind or another one."""
    model = model or model_of(pair)
    reasons = [Reason(feature.__name__, round(model.weights[feature.__name__] * found.value, 4), found.text)
               for feature, found in evidence(pair).items() if feature.__name__ in model.weights]
    total = model.bias + sum(one.weight for one in reasons)
    reasons.sort(key=lambda one: (-abs(one.weight), one.feature))
    return Score(round(1 / (1 + exp(-total)), 4), tuple(reasons), model.name)
