#!/usr/bin/env python3
"""Draws what tests/bench/run --json wrote.

plot.py JSON FOLDER writes FOLDER/bench-code.svg, bench-time.svg and
bench-growth.svg.  They have a background of their own, for light and dark
pages alike.
"""

import json
import math
import pathlib
import sys
from xml.sax.saxutils import escape

OURS, LIBSECCOMP, OTHER = "#1f6fb2", "#d9822b", "#9aa3ad"
TREE = "#a34d9e"
INK, FAINT, PAPER, GRID = "#24292f", "#6a737d", "#ffffff", "#dfe3e8"
PASSES = ["#4e79a7", "#86b0d9", "#59a14f", "#a5d18c", "#f1a340", "#f6cf8c",
          "#b07aa1", "#d9b3d4", "#e15759"]
PROFILES = ["k8s-fine-grained.json", "moby-default-current.json"]
ALONE = "x86_64 alone"


class Drawing:
    def __init__(self, width, height, title):
        self.width, self.height = width, height
        self.parts = [f"<title>{escape(title)}</title>"]

    def rect(self, x, y, width, height, fill, **more):
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
            f'height="{height:.1f}" fill="{fill}"{attributes(more)}/>')

    def line(self, x1, y1, x2, y2, stroke, **more):
        self.parts.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
            f'stroke="{stroke}"{attributes(more)}/>')

    def text(self, x, y, text, size=12, anchor="start", fill=INK, **more):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" '
            f'text-anchor="{anchor}" fill="{fill}"{attributes(more)}>'
            f"{escape(text)}</text>")

    def curve(self, points, stroke):
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(
            f'<polyline points="{path}" fill="none" stroke="{stroke}" '
            'stroke-width="2" stroke-linejoin="round"/>')
        for x, y in points:
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" '
                              f'fill="{stroke}"/>')

    def write(self, path):
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" '
            f'viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" height="{self.height}" '
            'font-family="system-ui, Helvetica, Arial, sans-serif">\n'
            f'<rect width="{self.width}" height="{self.height}" rx="6" '
            f'fill="{PAPER}" stroke="{GRID}"/>\n'
            + "\n".join(self.parts) + "\n</svg>\n")


def attributes(more):
    return "".join(f' {key.replace("_", "-")}="{value}"'
                   for key, value in more.items())


def number(value):
    """At least three figures, no more decimals than that takes."""
    if value >= 1000:
        return f"{value:,.0f}"
    if value >= 100 or value == int(value):
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def legend(drawing, x, y, entries):
    for name, colour in entries:
        drawing.rect(x, y - 9, 12, 10, colour, rx=2)
        drawing.text(x + 17, y, name, fill=FAINT)
        x += 40 + 6.4 * len(name)


# Bars of code quality.

def row_name(row):
    if row["maker"] == "seccompc":
        return "seccompc, " + row["by"]
    return row["by"] + (" *" if row["maker"] == "constant" else "")


def row_colour(row):
    return {"seccompc": OURS, "libseccomp": LIBSECCOMP}.get(row["maker"],
                                                          OTHER)


def bars(drawing, x, y, width, rows, key, title):
    """A bar per row from 1 on, in a logarithmic scale."""
    top = max(row[key] for row in rows)
    drawing.text(x, y - 10, title, size=12, fill=FAINT)
    for i, row in enumerate(rows):
        length = width * math.log(row[key]) / math.log(top)
        drawing.rect(x, y + 20 * i, length, 14, row_colour(row), rx=2)
        drawing.text(x + length + 5, y + 20 * i + 11, number(row[key]),
                     size=11)


def draw_code(data, path):
    panels = []
    for name in PROFILES:
        for profile in data["profiles"]:
            if profile["profile"] != name:
                continue
            rows = [row for row in profile["rows"]
                    if row["abis"] == ALONE and "mean_known" in row]
            panels.append((name, sorted(
                rows, key=lambda row: (row["mean_known"],
                                       row["instructions"]))))
    if not panels:
        return
    height = 100 + sum(20 * len(rows) + 78 for _, rows in panels)
    drawing = Drawing(940, height, "Instructions executed and in all")
    drawing.text(24, 34, "What filters take, x86_64 alone", size=18,
                 font_weight="600")
    legend(drawing, 24, 60, [("seccompc", OURS),
                             ("libseccomp, same run", LIBSECCOMP),
                             ("* others, measured elsewhere", OTHER)])
    drawing.text(916, 60, "logarithmic, from 1", anchor="end", fill=FAINT)
    y = 100
    for name, rows in panels:
        drawing.text(24, y, name, size=14, font_weight="600")
        y += 36
        for i, row in enumerate(rows):
            ours = row["maker"] == "seccompc"
            drawing.text(264, y + 20 * i + 11, row_name(row), size=12,
                         anchor="end",
                         font_weight="600" if ours else "400")
        bars(drawing, 276, y, 260, rows, "mean_known",
             "instructions executed, mean over known syscalls")
        bars(drawing, 606, y, 260, rows, "instructions",
             "instructions of the program")
        y += 20 * len(rows) + 42
    drawing.write(path)


# Stacked bars of compile time.

def draw_time(data, path):
    rows = []
    for profile in data["profiles"]:
        for abis, stages in profile["stages"].items():
            peers = {row["by"]: row["compile_ns"] for row in profile["rows"]
                     if row["abis"] == abis and row["maker"] == "libseccomp"
                     and "compile_ns" in row}
            if stages["compile_ns"]:
                rows.append((profile["profile"].removesuffix(".json"), abis,
                             stages, peers))
    if not rows:
        return
    drawing = Drawing(940, 158 + 46 * len(rows), "Compile time by pass")
    drawing.text(24, 34, "From JSON text to a proved program, by pass",
                 size=18, font_weight="600")
    names = list(rows[0][2]["passes"])
    legend(drawing, 24, 60, list(zip(names[:5], PASSES)))
    legend(drawing, 24, 80, list(zip(names[5:], PASSES[5:])))
    drawing.line(560, 70, 560, 82, INK, stroke_width=2)
    drawing.text(567, 80, "json-c alone, same text", fill=FAINT)
    top = max(sum(stages["passes"].values()) for _, _, stages, _ in rows)
    x0, width, y0 = 290, 400, 104
    step = nice_step(top / 1000)
    tick = 0
    while tick * 1000 <= top:
        x = x0 + width * tick * 1000 / top
        drawing.line(x, y0, x, y0 + 46 * len(rows), GRID)
        drawing.text(x, y0 + 46 * len(rows) + 18, number(tick), size=11,
                     anchor="middle", fill=FAINT)
        tick += step
    drawing.text(x0 + width / 2, y0 + 46 * len(rows) + 38,
                 "microseconds, minimum of many runs in one process",
                 anchor="middle", fill=FAINT)
    for i, (name, abis, stages, peers) in enumerate(rows):
        y = y0 + 46 * i + 12
        drawing.text(x0 - 12, y + 8, name, size=12, anchor="end",
                     font_weight="600")
        drawing.text(x0 - 12, y + 23, abis, size=11, anchor="end", fill=FAINT)
        x = x0
        for j, ns in enumerate(stages["passes"].values()):
            drawing.rect(x, y, width * ns / top, 22, PASSES[j])
            x += width * ns / top
        json_c = x0 + width * stages["json_c_ns"] / top
        drawing.line(json_c, y - 4, json_c, y + 26, INK, stroke_width=2)
        whole = sum(stages["passes"].values())
        drawing.text(x + 8, y + 8, f"{number(whole / 1000)} µs", size=12,
                     font_weight="600")
        if peers:
            drawing.text(x + 8, y + 23, "libseccomp " + ", ".join(
                f"{by.split(', ')[-1]} {number(ns / 1000)}"
                for by, ns in peers.items()), size=11, fill=FAINT)
    drawing.write(path)


def nice_step(top):
    step = 10 ** math.floor(math.log10(top / 4))
    for factor in (1, 2, 5, 10):
        if top / (step * factor) <= 6:
            return step * factor
    return step * 10


# Curves of growth.

SERIES = [("seccompc", OURS), ("libseccomp, linear", LIBSECCOMP),
          ("libseccomp, tree", TREE)]


def powers(low, high):
    return [10 ** i for i in range(math.floor(math.log10(low)),
                                   math.ceil(math.log10(high)) + 1)]


def power_name(value):
    names = {1e6: "1 M", 1e7: "10 M"}
    return names.get(value, f"{value:,g}")


def panel(drawing, box, title, points, read, unit):
    """A curve per compiler over sizes named title; logarithmic scales."""
    x0, y0, width, height = box
    curves = [(colour, [(point["size"], read(point[name]))
                        for point in points
                        if name in point and read(point[name])])
              for name, colour in SERIES]
    values = [v for _, curve in curves for _, v in curve]
    sizes = [size for _, curve in curves for size, _ in curve]
    if not values:
        return
    xs, ys = powers(1, max(sizes)), powers(min(values), max(values))
    span_x = math.log10(xs[-1] / xs[0]) or 1
    span_y = math.log10(ys[-1] / ys[0]) or 1

    def place(size, value):
        return (x0 + width * math.log10(size / xs[0]) / span_x,
                y0 + height - height * math.log10(value / ys[0]) / span_y)

    drawing.text(x0, y0 - 14, unit, size=13, font_weight="600")
    drawing.text(x0 + width / 2, y0 + height + 36, title, size=12,
                 anchor="middle", fill=FAINT)
    for size in xs:
        x, _ = place(size, ys[0])
        drawing.line(x, y0, x, y0 + height, GRID)
        drawing.text(x, y0 + height + 16, power_name(size), size=11,
                     anchor="middle", fill=FAINT)
    for value in ys:
        _, y = place(xs[0], value)
        drawing.line(x0, y, x0 + width, y, GRID)
        drawing.text(x0 - 6, y + 4, power_name(value), size=11, anchor="end",
                     fill=FAINT)
    for colour, curve in curves:
        drawing.curve([place(*point) for point in curve], colour)


def draw_growth(data, path):
    growth = data.get("growth")
    if not growth:
        return
    drawing = Drawing(940, 656, "How cost grows with the input")
    drawing.text(24, 34, "How cost grows with the input", size=18,
                 font_weight="600")
    legend(drawing, 24, 60, SERIES)
    drawing.text(916, 60, "x86_64 alone; both scales logarithmic",
                 anchor="end", fill=FAINT)
    names = list(growth)
    for i, name in enumerate(names):
        panel(drawing, (76 + 304 * i, 116, 214, 190), name, growth[name],
              lambda cost: cost.get("ns", 0) / 1000,
              "µs for all of them" if i == 2 else "µs to compile")
    for i, name in enumerate(names[:2]):
        panel(drawing, (76 + 304 * i, 404, 214, 190), name, growth[name],
              lambda cost: cost.get("instructions", 0),
              "Instructions of the program")
    panel(drawing, (76 + 304 * 2, 404, 214, 190), names[1],
          growth[names[1]], lambda cost: cost.get("executed", 0),
          "Instructions executed, at worst")
    drawing.write(path)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    data = json.loads(pathlib.Path(sys.argv[1]).read_text())
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    draw_code(data, folder / "bench-code.svg")
    draw_time(data, folder / "bench-time.svg")
    draw_growth(data, folder / "bench-growth.svg")


main()
