"""One line for each thing measured, beside its floor and its budget; as a table and as JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from benchmarks.measuring import Times

UNITS = (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6))


@dataclass(frozen=True)
class Line:
    """A measurement beside its floor.

    Attributes:
        name: what was done.
        floor: the name of what it is compared with.
        floor_seconds: the median of that.
        seconds: the median of ours.
        ratio: of the two; of the CPU times in `cpu_ratio`.
        spread: the distance of our quartiles, as a part of the median; theirs in `floor_spread`.
        budget: what is allowed, in words; empty where nothing is promised.
        kept: whether it was.
        is_rate: whether the times are those of one row, to be shown as rows per second.
    """

    name: str
    floor: str
    floor_seconds: float
    seconds: float
    ratio: float
    cpu_ratio: float | None
    floor_spread: float
    spread: float
    budget: str = ""
    kept: bool | None = None
    is_rate: bool = False

    @property
    def verdict(self) -> str:
        """The last word."""
        return {None: "", True: "kept", False: "OVER"}[self.kept]

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands in the table."""
        return (
            self.name,
            self.floor,
            _amount(self.floor_seconds, self),
            _amount(self.seconds, self),
            f"{self.ratio:.2f}",
            "" if self.cpu_ratio is None else f"{self.cpu_ratio:.2f}",
            self.budget,
            self.verdict,
            f"{self.floor_spread:.0%} / {self.spread:.0%}",
        )


@dataclass(frozen=True)
class Peak:
    """The most memory that something takes, in bytes, beside its floor."""

    name: str
    floor: str
    floor_bytes: int
    bytes: int

    @property
    def verdict(self) -> str:
        """Nothing is promised but that it does not grow with the rows."""
        return ""

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands in the table."""
        ratio = self.bytes / max(self.floor_bytes, 1)
        sizes = (megabytes(self.floor_bytes), megabytes(self.bytes))
        return (self.name, self.floor, *sizes, f"{ratio:.2f}", "", "", "", "")


def compared(name: str, floor: tuple[str, Times], ours: Times, budget: float | None = None) -> Line:
    """Compare with a floor; the budget is the highest ratio."""
    floor_name, theirs = floor
    ratio = ours.seconds / theirs.seconds
    return Line(
        name=name,
        floor=floor_name,
        floor_seconds=theirs.seconds,
        seconds=ours.seconds,
        ratio=ratio,
        cpu_ratio=ours.cpu_seconds / theirs.cpu_seconds if theirs.cpu_seconds else None,
        floor_spread=theirs.spread,
        spread=ours.spread,
        budget=f"{budget:g} x" if budget else "",
        kept=ratio <= budget if budget else None,
    )


def as_table(lines: Iterable[Line | Peak]) -> str:
    """Print the lines below each other."""
    rows = [
        ("what", "beside", "floor", "dynschema", "ratio", "CPU ratio", "budget", "", "IQR"),
        *(each.cells for each in lines),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    aligned = (_aligned(row, widths) for row in rows)
    return "\n".join(row.rstrip() for row in aligned)


def _amount(seconds: float, line: Line) -> str:
    return f"{1 / seconds:,.0f} rows/s" if line.is_rate else duration(seconds)


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    """Words to the left, numbers to the right."""
    cells = zip(row, widths, strict=True)
    return "  ".join(
        cell.ljust(width) if place < 2 else cell.rjust(width)
        for place, (cell, width) in enumerate(cells)
    )


def noise_in_words(noise: Mapping[str, Mapping[str, float]]) -> str:
    """Say how quiet the machine was."""
    return "\n".join(
        f"noise: {name}, half of all samples between {duration(each['first'])} and "
        f"{duration(each['third'])}, median {duration(each['median'])}"
        for name, each in noise.items()
    )


def megabytes(size: int) -> str:
    """Write a size."""
    return f"{size / 1e6:.1f} MB"


def duration(seconds: float) -> str:
    """Write a time with a fitting unit."""
    unit, size = next((each for each in UNITS if abs(seconds) >= each[1]), UNITS[-1])
    return f"{seconds / size:.3g} {unit}"


def as_json(lines: Iterable[Line | Peak]) -> list[dict[str, object]]:
    """Return the lines as plain data."""
    return [{**asdict(line), "verdict": line.verdict} for line in lines]
