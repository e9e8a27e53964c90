"""Splitting an amount without losing a cent (FN-05)."""

from collections.abc import Sequence


def allocate(total_minor: int, weights: Sequence[int]) -> list[int]:
    """Shares of an amount in proportion to the weights, by largest remainder; ties go to the first.

    The shares add up to the amount exactly, and none is a whole unit or more away from its exact share.
    A negative amount is split like its positive twin (FN-05).
    """
    if not weights or min(weights) < 0 or sum(weights) == 0:
        raise ValueError("weights are not negative, and at least one is above zero")
    if total_minor < 0:
        return [-share for share in allocate(-total_minor, weights)]
    whole = sum(weights)
    shares = [total_minor * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: -(total_minor * weights[index] % whole))
    for index in by_remainder[: total_minor - sum(shares)]:
        shares[index] += 1
    return shares
