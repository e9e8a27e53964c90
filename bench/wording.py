"""Findings in words, the same on the terminal and on the page."""

from bench.finding import Finding, Kind, Series, Target, Unit


def figure(value: float, unit: Unit) -> str:
    """12,345/s, 1.8 ms."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}{'' if unit is Unit.PER_SECOND else ' '}{unit}"


def series(found: Series) -> str:
    """The middle and, where they differ, the outermost."""
    if len(found.rounds) == 1:
        return figure(found.middle, found.unit)
    return f"{figure(found.middle, found.unit)} ({_bare(found.least)}–{_bare(found.most)})"


def ratio(found: Finding) -> str:
    return "" if found.ratio is None else f"{found.ratio:.2f}"


def target(wanted: Target | None, unit: Unit) -> str:
    """≥ 0.6 of the floor, ≤ 2 ms."""
    if wanted is None:
        return ""
    sign, bound = ("≥", wanted.least) if wanted.least is not None else ("≤", wanted.most)
    if bound is None:
        return ""
    if wanted.kind is Kind.RATIO:
        return f"{sign} {bound:g} × floor"
    return f"{sign} {bound:,g}{'' if unit is Unit.PER_SECOND else ' '}{unit}"


def outcome(found: Finding) -> str:
    return {None: "", True: "pass", False: "miss"}[found.is_met]


def _bare(value: float) -> str:
    return figure(value, Unit.PER_SECOND).removesuffix("/s")
