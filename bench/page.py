"""docs/performance.md and its pictures: what the last run found."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bench.lines import Line

#: By (measure, side, number of notes).
Figures = Mapping[tuple[str, str, int], float]

_DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = _DOCS / "performance.md"
_MARK = "<!-- bench: {} -->"
#: Three to one against white and against a dark page.
_COLOURS, _GREY = ("#3b82f6", "#a855f7", "#d97706", "#059669"), "#6b7280"
_DARK = """inline:
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 !important }
  .axis .line { stroke: #8b949e !important }
}"""


class Growth(NamedTuple):
    """A picture of p50 or median by number of notes: ours solid, the other dashed."""

    file: str
    title: str
    other: str
    drawn: dict[str, str]

    @property
    def path(self) -> Path:
        return _DOCS / self.file


VAULT_GROWTH = Growth(
    "performance-growth.svg",
    "Milliseconds (p50) by number of notes. Solid: ours, dashed: SQLCipher",
    "sqlcipher",
    {
        "unlock_ms": "cold unlock",
        "ranked_p50_ms": "search, best first",
        "save_found_p50_ms": "save until found",
        "search_p50_ms": "search, newest first",
    },
)
SYNC_GROWTH = Growth(
    "performance-sync.svg",
    "Milliseconds (median) by number of records. Solid: ours, dashed: PouchDB",
    "pouchdb",
    {"one_ms": "one changed note, on both devices", "nothing_ms": "no change"},
)


def lines_table(lines: Sequence[Line]) -> str:
    """Every comparison, those without a goal too."""
    rows = ["| what / next to | ours | other | goal | met |", "|---|--:|--:|--:|---|"]
    for line in lines:
        goal, met = ("", "") if line.goal is None else (f"≤ {line.goal:g}", "yes" if line.met else "**no**")
        rows.append(f"| {line.name} | {_figure(line.ours)} | {_figure(line.peer)} | {goal} | {met} |")
    return "\n".join(rows)


def goals_table(lines: Sequence[Line]) -> str:
    rows = ["| what, how many / next to | ours | other | ratio | goal | met |", "|---|--:|--:|--:|--:|---|"]
    for line in lines:
        if line.goal is not None:
            met = "yes" if line.met else "**no**"
            figures = f"{_figure(line.ours)} | {_figure(line.peer)} | {line.ratio:.2f} | ≤ {line.goal:g}"
            rows.append(f"| {line.name} | {figures} | {met} |")
    return "\n".join(rows)


def figures_table(who: str, measures: Mapping[str, str], figures: Figures) -> str:
    """One row for each measure and side that has any figure."""
    sides, sizes = dict.fromkeys(side for _, side, _ in figures), sorted({size for _, _, size in figures})
    rows = [f"| what | {who} | {' | '.join(f'{size:,}' for size in sizes)} |", f"|---|---|{'--:|' * len(sizes)}"]
    for measure, words in measures.items():
        for side in sides:
            found = [figures.get((measure, side, size)) for size in sizes]
            if any(value is not None for value in found):
                cells = ("" if value is None else _figure(value) for value in found)
                rows.append(f"| {words if side == 'ours' else ''} | {side} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def write(tables: Mapping[str, str], pictures: Mapping[Path, bytes]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, text in tables.items():
        begin, end = _MARK.format(f"{name} begin"), _MARK.format(f"{name} end")
        before, _, rest = page.partition(f"{begin}\n")
        _, _, after = rest.partition(end)
        page = f"{before}{begin}\n{text}\n{end}{after}"
    PAGE.write_text(page, encoding="utf-8")
    for path, drawn in pictures.items():
        path.write_bytes(drawn)


def picture(growth: Growth, figures: Figures) -> bytes:
    """An SVG, logarithmic both ways, that reads on white and on dark."""
    import pygal
    from pygal.style import Style

    # Pygal leaves a finder in the way of every later import. What importlib_metadata puts there stays: it has
    # taken the place of the standard one, and without it no package knows its own version.
    sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("pygal")]
    style = Style(
        background="transparent", plot_background="transparent", foreground=_GREY, foreground_strong=_GREY,
        foreground_subtle=_GREY, guide_stroke_color=_GREY, opacity=1, stroke_opacity=1,
        colors=_COLOURS[: len(growth.drawn)] * 2, font_family="sans-serif",
        title_font_size=16, label_font_size=12, legend_font_size=12,
    )  # fmt: skip
    sizes = sorted({size for measure, _, size in figures if measure in growth.drawn})
    chart = pygal.XY(
        style=style, css=["file://style.css", "file://graph.css", _DARK], js=[], logarithmic=True, dots_size=3,
        width=900, height=520, legend_at_bottom=True, legend_at_bottom_columns=len(growth.drawn), truncate_legend=-1,
        title=growth.title, x_labels=list(sizes), y_labels=[0.1, 1, 10, 100, 1_000],
        x_value_formatter=lambda size: f"{size:,.0f}", value_formatter=lambda ms: f"{ms:,g} ms",
    )  # fmt: skip
    chart.uuid = "growth"  # a random one would change the file at each run
    chart.add_xml_filter(_without_script)
    for side, stroke in (("ours", {"width": 2}), (growth.other, {"width": 2, "dasharray": "6, 5"})):
        for measure, words in growth.drawn.items():
            found = ((size, figures.get((measure, side, size))) for size in sizes)
            points = [(size, round(value, 3)) for size, value in found if value is not None]
            chart.add(words if side == "ours" else None, points, stroke_style=stroke)
    drawn: bytes = chart.render()
    return drawn


def _without_script(root: Any) -> Any:
    for parent in list(root.iter()):
        for script in parent.findall("script"):
            parent.remove(script)
    return root
