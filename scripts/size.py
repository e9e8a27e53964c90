"""Prints how big files and functions are: median, 90th percentile, and the five biggest."""

from tests.architecture.house import modules
from tests.architecture.sizes import lines_of


def main() -> None:
    house = modules()
    files = [(module.line_count, str(module.path)) for module in house]
    functions = [
        (lines_of(function), f"{function.name}  {module.path}:{function.lineno}")
        for module in house
        for function in module.functions
    ]
    report("files", files)
    report("functions", functions)


def report(title: str, sizes: list[tuple[int, str]]) -> None:
    sizes = sorted(sizes, reverse=True)
    lines = [size for size, _ in sizes]
    if not lines:
        return
    middle, tail = percentile(lines, 50), percentile(lines, 90)
    print(f"{len(lines)} {title}, {sum(lines)} lines: median {middle}, p90 {tail}")
    for size, name in sizes[:5]:
        print(f"  {size:5}  {name}")


def percentile(falling: list[int], percent: int) -> int:
    """The size that this share of them does not exceed."""
    return falling[len(falling) * (100 - percent) // 100]


if __name__ == "__main__":
    main()
