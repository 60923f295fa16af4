"""A scatter plot as SVG, the same bytes for the same points: no library is worth one picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import log10

WIDTH, HEIGHT, MARGIN = 900, 520, 70
#: Costs below this stand at the left edge: the axis is logarithmic.
LEAST = 0.001


@dataclass(frozen=True, slots=True)
class Point:
    """A name at a cost and a gain."""

    name: str
    cost: float
    gain: float


def scatter(points: Sequence[Point], across: str, up: str) -> str:
    """Costs across on a logarithmic axis, gains up on a linear one that holds 0.

    Args:
        across, up: what the axes show, with the unit.
    """
    costs = [log10(max(one.cost, LEAST)) for one in points] or [0.0]
    gains = [*(one.gain for one in points), 0.0]
    left, right, low, high = min(costs), max(costs), min(gains), max(gains)

    def x(cost: float) -> float:
        return MARGIN + (cost - left) / ((right - left) or 1.0) * (WIDTH - 3 * MARGIN)

    def y(gain: float) -> float:
        return HEIGHT - MARGIN - (gain - low) / ((high - low) or 1.0) * (HEIGHT - 2 * MARGIN)

    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
             'font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
             f'<line x1="{MARGIN}" y1="{y(0.0):.1f}" x2="{WIDTH - MARGIN}" y2="{y(0.0):.1f}" stroke="#999"/>',
             f'<text x="{WIDTH / 2:.0f}" y="{HEIGHT - 15}" text-anchor="middle">{escape(across)} (logarithmic)</text>',
             f'<text x="20" y="{HEIGHT / 2:.0f}" text-anchor="middle" '
             f'transform="rotate(-90 20 {HEIGHT / 2:.0f})">{escape(up)}</text>']
    for power in range(int(left // 1), int(right // 1) + 2):
        if left <= power <= right:
            lines.append(f'<text x="{x(power):.1f}" y="{HEIGHT - MARGIN + 20}" text-anchor="middle">'
                         f'{10.0 ** power:g}</text>')
    for gain in sorted({low, 0.0, high}):
        lines.append(f'<text x="{MARGIN - 8}" y="{y(gain) + 4:.1f}" text-anchor="end">{gain:+.3f}</text>')
    for one in sorted(points, key=lambda point: (point.name, point.cost)):
        at = x(log10(max(one.cost, LEAST))), y(one.gain)
        lines.append(f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="4" fill="#06c"/>'
                     f'<text x="{at[0] + 7:.1f}" y="{at[1] + 4:.1f}">{escape(one.name)}</text>')
    return "\n".join([*lines, "</svg>"]) + "\n"
