"""Numbers as they were logged, and series of them summed up in one pass."""

import json
import math
import re
from array import array
from typing import Any

import yaml

_NUMBER = re.compile(
    r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?(?:inf(?:inity)?|nan)", re.IGNORECASE
)
_MOST_POINTS = 200_000
_NEITHER = re.compile(r"(?:^|[^a-z])(?:loss_?scale|lr|learning_rate|scaler?|weight|lambda)(?![a-z])")
_LOWER = re.compile(
    r"loss|err|perplexity|ppl|latency|bits_per|divergence|brier|lpips|runtime|_ms(?![a-z])"
    r"|(?<![a-z])(?:s?mape?|mae|mse|rmsle|rmse|nll|bpb|bpc|bpt|bpd|wer|cer|eer|ter|fid|fvd|kid|ece|mase|epe|kl)"
    r"(?![a-z])"
)
_HIGHER = re.compile(
    r"acc|(?<![a-z])(?:f1|f_?beta|auc|auroc|auprc|roc_auc|pr_auc|ap|map|mrr|r2|iou|miou|mfu|hfu|em|bleu|sacrebleu"
    r"|chrf|comet|meteor|rouge\w?|score|reward|return|psnr|ssim|mcc|kappa|dice|jaccard|silhouette|elo|pass@\d+"
    r"|hits?@\d+|top_?\d+|tflops|flops|spearmanr?|pearsonr?)(?![a-z])"
    r"|ndcg|recall|precision|specificity|sensitivity|exact_match|explained_variance|correlation|throughput"
    r"|(?:^|[^a-z])(?:mean_)?average_precision|per_sec|/s$|win_?rate|success_?rate"
)


class Logged(float):
    """A number that remembers how it was written."""

    text: str = ""

    def __new__(cls, text: str) -> "Logged":
        number = super().__new__(cls, text.replace("_", ""))
        number.text = text
        return number


class _Loader(yaml.SafeLoader):
    """YAML whose numbers remember how they were written, and whose dates stay text."""


def _yaml_float(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    text = str(loader.construct_scalar(node))
    return Logged(text) if _NUMBER.fullmatch(text) else loader.construct_yaml_float(node)


def _plain(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> object:
    """What a tag says of Python objects is passed over: their fields are read, nothing is made of them."""
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node) if isinstance(node, yaml.ScalarNode) else None


_Loader.add_constructor("tag:yaml.org,2002:float", _yaml_float)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/", _plain)
_Loader.add_multi_constructor("!", _plain)


def load_json(text: str) -> Any:
    """JSON with numbers as logged. Raises ValueError or RecursionError."""
    return json.loads(text, parse_float=Logged)


def load_yaml(text: str) -> Any:
    """YAML with numbers as logged. Raises yaml.YAMLError, ValueError or RecursionError."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader


def as_number(value: object) -> float | None:
    """A number, or text that is one; None for anything else (and for true and false)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _float(value)
    if isinstance(value, str) and len(value) < 60 and _NUMBER.fullmatch(value.strip()):
        return Logged(value.strip())
    return None


def _float(value: int | float) -> float | None:
    if isinstance(value, float):
        return value
    try:
        return Logged(str(value))
    except (OverflowError, ValueError):
        return None


def spelt(value: object) -> str:
    """A value as the log spells it."""
    if isinstance(value, Logged):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    return "none" if value is None else " ".join(str(value).split())


def better(name: str, directions: dict[str, str]) -> str | None:
    """ "min" or "max" where the log says which is better, or the metric's usual name does."""
    if name in directions:
        return directions[name]
    plain = name.lower()
    if _NEITHER.search(plain):
        return None
    if _HIGHER.search(plain):
        return "max"
    return "min" if _LOWER.search(plain) else None


Point = tuple[float | None, float]
_Raw = tuple[Any, Any]


class Series:
    """Values with their steps, in the order of the log; each takes 16 bytes where all are kept.

    `starts_again` is the step at which the log first goes back, as it does where a run was resumed.
    """

    def __init__(self, keep: bool = True) -> None:
        self.count = 0
        self.not_numbers = 0
        self.starts_again: float | None = None
        self._keep = keep
        self._steps = array("d")
        self._values = array("d")
        self._last: _Raw | None = None
        self._lowest: _Raw | None = None
        self._highest: _Raw | None = None
        self._first_not_number: Any = None
        self._at_least = self._at_most = 0
        self._furthest = -math.inf
        self._least, self._most = math.inf, -math.inf

    def add(self, step: Any, value: Any) -> bool:
        """Take one value, as a number or as the log spells it; False when it is not a number."""
        if isinstance(value, bool):
            return False
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            return False
        point = (step, value)
        self._last = point
        if not math.isfinite(number):
            self._first_not_number = self._first_not_number if self.not_numbers else step
            self.not_numbers += 1
        else:
            if number < self._least:
                self._least, self._lowest, self._at_least = number, point, self.count
            if number > self._most:
                self._most, self._highest, self._at_most = number, point, self.count
        self.count += 1
        if self._keep:
            counted = _step(step)
            if counted is not None:
                if counted < self._furthest and self.starts_again is None:
                    self.starts_again = counted
                self._furthest = max(self._furthest, counted)
            self._steps.append(math.nan if counted is None else counted)
            self._values.append(number)
        return True

    @property
    def constant(self) -> bool:
        return not self.not_numbers and self._least == self._most

    def end_at(self, value: float) -> str | None:
        """ "min" or "max" where the value is the lowest or the highest of a series that moves."""
        if self._least == self._most:
            return None
        return "min" if value == self._least else "max" if value == self._most else None

    def points(self, most: int = _MOST_POINTS) -> list[Point]:
        """All points; of more than `most`, evenly thinned ones with first, last, lowest and highest."""
        stride = -(-self.count // most)
        chosen = list(range(0, self.count, stride or 1))
        if stride > 1:
            chosen = sorted({*chosen, self._at_least, self._at_most, self.count - 1})
        return [(_known(self._steps[at]), self._values[at]) for at in chosen]

    def by_step(self) -> dict[float, float]:
        """The last value at each known step."""
        pairs = zip(self._steps, self._values, strict=True)
        return {step: value for step, value in pairs if not math.isnan(step)}

    def sentence(self, name: str, best: str | None, axis: str = "step") -> str:
        """The series in one line: best, last, at which step; a single value as it is."""
        assert self._last is not None
        if self.count == 1:
            return f"{name}: {_at(self._last, axis)}"
        if self.constant:
            return f"{name}: {_spelt_number(self._last[1])} throughout"
        facts = []
        low, high = self._lowest, self._highest
        if low and high:
            if best is None:
                facts += [f"lowest {_at(low, axis)}", f"highest {_at(high, axis)}"]
            else:
                facts.append(f"best {_at(low if best == 'min' else high, axis)}")
        facts.append(f"last {_at(self._last, axis)}")
        if self.not_numbers:
            where = _step(self._first_not_number)
            first = "" if where is None else f", first at {axis} {spelt(where)}"
            facts.append(f"{self.not_numbers} of {self.count} values are NaN or infinite{first}")
        if self.starts_again is not None:
            facts.append(f"logged again from {axis} {spelt(self.starts_again)} on")
        return f"{name}: {', '.join(facts)}"


def _step(value: object) -> float | None:
    step = as_number(value)
    return step if step is not None and math.isfinite(step) else None


def _known(step: float) -> float | None:
    return None if math.isnan(step) else step


def _at(point: _Raw, axis: str) -> str:
    step = _step(point[0])
    value = _spelt_number(point[1])
    return value if step is None else f"{value} at {axis} {spelt(step)}"


def _spelt_number(value: object) -> str:
    return value.strip() if isinstance(value, str) else spelt(value)
