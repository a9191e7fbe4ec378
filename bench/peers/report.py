"""Tables of what was measured, in Markdown."""

import os
import statistics


def spread(values, form):
    """The median, and from where to where."""
    return f"{form.format(statistics.median(values))} ({form.format(min(values))} to {form.format(max(values))})"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def failures(results):
    return sum(result.failures for result in results)


def ratio_row(work, row, results):
    """`results` are lists of Result by contender, as long as there were rounds; two of the same round are compared."""
    subject, baseline = results[row.subject], results[row.baseline]
    goal = f"{row.goal} ×" if row.goal else "reported"
    if failed := failures(subject) + failures(baseline):
        return [work, row.subject, row.baseline, goal, f"**failed**: {failed} failures"]
    ratios = [ours.rate / theirs.rate for ours, theirs in zip(subject, baseline)]
    reached = "" if row.goal is None else "; reached" if statistics.median(ratios) >= row.goal else "; not reached"
    return [work, row.subject, row.baseline, goal, spread(ratios, "{:.2f}") + reached]


def contender_row(work, name, results):
    if failed := failures(results):
        return [work, name, "**failed**", "", "", "", str(failed)]
    fields = (("rate", "{:,.0f}"), ("p50_ms", "{:.2f}"), ("p99_ms", "{:.2f}"), ("cpu_us", "{:,.0f}"))
    return [work, name] + [spread([getattr(result, field) for result in results], form) for field, form in fields] + ["0"]


def ratios(measured):
    """`measured`: pairs of a group and its results by contender."""
    rows = [ratio_row(group.work, row, results) for group, results in measured for row in group.rows]
    return table(["work", "what", "against", "to reach", "ratio of rates: median (from to)"], rows)


def contenders(measured):
    rows = [contender_row(group.work, name, each) for group, results in measured for name, each in results.items()]
    return table(["work", "what", "objects/s", "p50 ms", "p99 ms", "CPU µs/object", "failures"], rows)


def write(path, name, text):
    """Between the lines `<!-- begin NAME -->` and `<!-- end NAME -->` of the file; a file without them becomes the text."""
    begin, end = f"<!-- begin {name} -->\n", f"<!-- end {name} -->\n"
    page = begin + end
    if os.path.exists(path):
        with open(path) as file:
            page = file.read()
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        raise RuntimeError(f"{path} has no lines `{begin.strip()}` and `{end.strip()}`")
    with open(path, "w") as file:
        file.write(before + begin + text + end + after)
