"""What a row has found: figures of several rounds, ours beside the bare floor's, and the target they are held to."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from statistics import median

from pydantic import BaseModel, ConfigDict


class Unit(StrEnum):
    PER_SECOND = "/s"
    MILLISECONDS = "ms"
    SECONDS = "s"
    MEGABYTES = "MB"


class Series(BaseModel):
    """One figure, measured in several rounds: the middle one counts, the outermost are told."""

    model_config = ConfigDict(frozen=True)

    unit: Unit
    rounds: tuple[float, ...]

    @property
    def middle(self) -> float:
        return median(self.rounds)

    @property
    def least(self) -> float:
        return min(self.rounds)

    @property
    def most(self) -> float:
        return max(self.rounds)


class Kind(StrEnum):
    """What is held to the target."""

    FIGURE = "figure"
    RATIO = "ratio"
    """Our figure by the floor's: of rates more is better, of times and sizes less."""


class Target(BaseModel):
    """A bound that has to be kept: the least for rates, the most for times and sizes."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    least: float | None = None
    most: float | None = None

    def is_met_by(self, value: float) -> bool:
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


class Finding(BaseModel):
    """One line of the table."""

    model_config = ConfigDict(frozen=True)

    what: str
    ours: Series
    floor: Series | None = None
    floor_is: str = ""
    """What was done bare, in a few words."""
    target: Target | None = None
    """None for what is only told."""

    @property
    def ratio(self) -> float | None:
        return self.ours.middle / self.floor.middle if self.floor else None

    @property
    def is_met(self) -> bool | None:
        """None where there is nothing to meet."""
        if self.target is None:
            return None
        value = self.ratio if self.target.kind is Kind.RATIO else self.ours.middle
        return value is not None and self.target.is_met_by(value)


class Machine(BaseModel):
    """Where it was measured."""

    model_config = ConfigDict(frozen=True)

    cpu: str
    cores: int
    memory_gib: int
    kernel: str
    python: str
    postgres: str


class Measured(BaseModel):
    """The findings of one row, and when, where and how they were made."""

    model_config = ConfigDict(frozen=True)

    row: str
    on: date
    command: str
    machine: Machine
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """Ours and the floor's rounds, measured in turn."""

    ours: tuple[float, ...]
    floor: tuple[float, ...]

    def finding(self, what: str, unit: Unit, *, floor_is: str, target: Target | None) -> Finding:
        ours, floor = Series(unit=unit, rounds=self.ours), Series(unit=unit, rounds=self.floor)
        return Finding(what=what, ours=ours, floor=floor, floor_is=floor_is, target=target)
