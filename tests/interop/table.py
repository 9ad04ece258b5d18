"""The table of docs/interop.md, written between its two markers."""
import datetime

from row import SKIP

BEGIN, END = "<!-- results: written by ./x interop -->", "<!-- end of results -->"


def write(document, results, versions):
    text = document.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    document.write_text(f"{before}{BEGIN}\n{render(results, versions)}{END}{after}")


def render(results, versions):
    day = datetime.date.today().isoformat()
    speech = "“Speech” is the correlation of what was heard with what was said, there / back."
    lines = [f"Measured on {day} with {', '.join(versions)}. {speech}", ""]
    for group in dict.fromkeys(result.row.group for result in results):
        lines += [f"### {group}", "", "| what | result | how it went |", "|---|---|---|"]
        for result in results:
            if result.row.group == group:
                mark = f"**{result.verdict}**" if result.verdict not in ("pass", SKIP) else result.verdict
                lines.append(f"| {cell(result.row.name)} | {mark} | {cell(result.note)} |")
        lines.append("")
    return "\n".join(lines)


def cell(text):
    return text.replace("|", "\\|").replace("<", "&lt;")
