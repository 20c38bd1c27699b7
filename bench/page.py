"""docs/performance.md and its picture: what the last run found."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.goals import MEASURES, Line, Measured
from bench.stores import STORES

_DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE, PICTURE = _DOCS / "performance.md", _DOCS / "performance-growth.svg"
_MARK = "<!-- bench: {} -->"
_DRAWN = {
    "unlock_ms": "cold unlock",
    "ranked_p50_ms": "search, best first",
    "save_found_p50_ms": "save until found",
    "search_p50_ms": "search, newest first",
}
#: Three to one against white and against a dark page.
_COLOURS, _GREY = ("#3b82f6", "#a855f7", "#d97706", "#059669"), "#6b7280"
_DARK = """inline:
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 !important }
  .axis .line { stroke: #8b949e !important }
}"""


def goals_table(lines: Sequence[Line]) -> str:
    rows = ["| what, how many notes / next to | ours | other | ratio | goal | met |", "|---|--:|--:|--:|--:|---|"]
    for line in lines:
        if line.goal is not None:
            met = "yes" if line.met else "**no**"
            figures = f"{_figure(line.ours)} | {_figure(line.peer)} | {line.ratio:.2f} | ≤ {line.goal:g}"
            rows.append(f"| {line.name} | {figures} | {met} |")
    return "\n".join(rows)


def growth_table(measured: Measured, sizes: Sequence[int]) -> str:
    rows = [f"| what | store | {' | '.join(f'{size:,}' for size in sizes)} |", f"|---|---|{'--:|' * len(sizes)}"]
    for measure, words in MEASURES.items():
        for store in STORES:
            cells = (_figure(measured[store, size][measure]) for size in sizes)
            rows.append(f"| {words if store == 'ours' else ''} | {store} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def write(lines: Sequence[Line], measured: Measured, sizes: Sequence[int]) -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, text in (("goals", goals_table(lines)), ("growth", growth_table(measured, sizes))):
        begin, end = _MARK.format(f"{name} begin"), _MARK.format(f"{name} end")
        before, _, rest = page.partition(f"{begin}\n")
        _, _, after = rest.partition(end)
        page = f"{before}{begin}\n{text}\n{end}{after}"
    PAGE.write_text(page, encoding="utf-8")
    PICTURE.write_bytes(picture(measured, sizes))


def picture(measured: Measured, sizes: Sequence[int]) -> bytes:
    """An SVG, logarithmic both ways, that reads on white and on dark."""
    import pygal
    from pygal.style import Style

    # Pygal leaves a finder in the way of every later import. What importlib_metadata puts there stays: it has
    # taken the place of the standard one, and without it no package knows its own version.
    sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("pygal")]
    style = Style(
        background="transparent", plot_background="transparent", foreground=_GREY, foreground_strong=_GREY,
        foreground_subtle=_GREY, guide_stroke_color=_GREY, colors=_COLOURS * 2, opacity=1, stroke_opacity=1,
        font_family="sans-serif", title_font_size=16, label_font_size=12, legend_font_size=12,
    )  # fmt: skip
    chart = pygal.XY(
        style=style, css=["file://style.css", "file://graph.css", _DARK], js=[], logarithmic=True, dots_size=3,
        width=900, height=520, legend_at_bottom=True, legend_at_bottom_columns=len(_DRAWN), truncate_legend=-1,
        title="Milliseconds (p50) by number of notes. Solid: ours, dashed: SQLCipher",
        x_labels=list(sizes), y_labels=[0.1, 1, 10, 100, 1_000],
        x_value_formatter=lambda size: f"{size:,.0f}", value_formatter=lambda ms: f"{ms:,g} ms",
    )  # fmt: skip
    chart.uuid = "growth"  # a random one would change the file at each run
    chart.add_xml_filter(_without_script)
    for store, stroke in (("ours", {"width": 2}), ("sqlcipher", {"width": 2, "dasharray": "6, 5"})):
        for measure, words in _DRAWN.items():
            points = [(size, round(measured[store, size][measure], 3)) for size in sizes]
            chart.add(words if store == "ours" else None, points, stroke_style=stroke)
    drawn: bytes = chart.render()
    return drawn


def _without_script(root: Any) -> Any:
    for parent in list(root.iter()):
        for script in parent.findall("script"):
            parent.remove(script)
    return root
