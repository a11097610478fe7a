"""What a goal's measurement comes to: figures by round, checks, and whether it was met."""

import statistics
from dataclasses import dataclass, field


@dataclass
class Figure:
    """One quantity, measured once a round."""

    name: str
    unit: str
    values: list = field(default_factory=list)

    def add(self, value):
        self.values.append(value)

    @property
    def median(self):
        return statistics.median(self.values)

    def as_dict(self):
        return {"name": self.name, "unit": self.unit, "median": self.median, "min": min(self.values),
                "max": max(self.values), "rounds": self.values}


@dataclass
class Gate:
    """What decides: a figure's median against the goal's bounds."""

    figure: Figure
    accept: float
    aim: float
    at_most: bool = False

    @property
    def verdict(self):
        def reached(bound):
            return self.figure.median <= bound if self.at_most else self.figure.median >= bound

        return "aim" if reached(self.aim) else "accept" if reached(self.accept) else "missed"


class Goal:
    def __init__(self, number, title):
        self.number = number
        self.title = title
        self.figures = []
        self.gates = []
        self.checks = []

    def figure(self, name, unit):
        self.figures.append(Figure(name, unit))
        return self.figures[-1]

    def gate(self, figure, accept, aim, at_most=False):
        self.gates.append(Gate(figure, accept, aim, at_most))

    def check(self, what, holds, seen=""):
        """Correctness: one that does not hold fails the run. Of a kind that holds, the last is kept."""
        if holds:
            self.checks = [check for check in self.checks if check["what"] != what or not check["holds"]]
        self.checks.append({"what": what, "holds": bool(holds), "seen": str(seen)})

    @property
    def verdict(self):
        if not all(check["holds"] for check in self.checks):
            return "wrong"
        order = ["missed", "accept", "aim"]
        return min((gate.verdict for gate in self.gates), key=order.index)

    def as_dict(self):
        return {
            "goal": self.number, "title": self.title, "verdict": self.verdict,
            "gates": [{"figure": gate.figure.name, "accept": gate.accept, "aim": gate.aim,
                       "at_most": gate.at_most, "median": gate.figure.median, "verdict": gate.verdict}
                      for gate in self.gates],
            "figures": [figure.as_dict() for figure in self.figures],
            "checks": self.checks,
        }

    def print(self):
        print(f"\n{self.number}  {self.title}: {self.verdict.upper()}")
        for figure in self.figures:
            spread = f"{_short(min(figure.values))} – {_short(max(figure.values))}"
            print(f"  {figure.name:<58} {_short(figure.median):>10} {figure.unit:<14} {spread}")
        for gate in self.gates:
            sign = "≤" if gate.at_most else "≥"
            print(f"  gate: {gate.figure.name} {sign} {gate.accept} (aim {gate.aim}): {gate.verdict}")
        for check in self.checks:
            print(f"  {'right' if check['holds'] else 'WRONG'}: {check['what']} {check['seen']}")


def _short(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
