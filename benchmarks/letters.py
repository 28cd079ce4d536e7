"""A thousand pledges: our renderer against docxtpl's load-render-save loop, in one run. ``python benchmarks/letters.py``.

The floor is what nobody can do without: the template engine's own rendering and packing the changed part.
"""

from __future__ import annotations

import io
import resource
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from docxtpl import DocxTemplate

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from pipeline.letters import SHIPPED_TEMPLATES
from pipeline.letters.render import Template, _environment, _squeezed

COUNT, PLAIN = 1000, 60
TEMPLATE = SHIPPED_TEMPLATES / "pledge.docx"


def fields(n: int) -> dict[str, object]:
    return {
        "office": "市主体办", "number": f"主体办承诺〔2026〕{n + 1}号", "title": "落实主体责任“一岗双责”承诺书", "year": 2026,
        "plan": "关于落实党风廉政建设主体责任的实施方案", "upper": f"第{n}单位主要负责人", "lower": f"第{n}位承诺人",
        "lower_post": "党组成员、副局长", "scope": "在分管范围（财务科、办公室）内", "date": "2026年2月10日",
        "duties": [f"第{k}项责任：组织学习{n}次，签订责任书{k}份" for k in range(1, 8)],
        "upper_label": "接受人", "lower_label": "承诺人",
    }  # fmt: skip


def docxtpl_loop(n: int) -> bytes:
    document, stream = DocxTemplate(str(TEMPLATE)), io.BytesIO()
    document.render(fields(n), _environment())
    document.save(stream)
    return stream.getvalue()


def seconds(work: Callable[[int], bytes], count: int) -> float:
    """Return the time one letter takes on average."""
    started = time.perf_counter()
    for n in range(count):
        work(n)
    return (time.perf_counter() - started) / count


def main() -> None:
    """Print letters a second, the ratio, and whether the texts are equal and memory stays flat."""
    template = Template(TEMPLATE)
    assert all(_squeezed(template.render(fields(n))) == _squeezed(docxtpl_loop(n)) for n in range(0, COUNT, 50))
    with zipfile.ZipFile(io.BytesIO(template.render(fields(0)))) as package:
        assert package.testzip() is None
    part = template._parts["word/document.xml"]  # type: ignore[index]
    floor = seconds(
        lambda n: template._package.with_parts({"word/document.xml": part.template.render(fields(n)).encode()}), COUNT
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ours = seconds(lambda n: template.render(fields(n)), COUNT)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    plain = seconds(docxtpl_loop, PLAIN)
    print(f"{COUNT} pledges: {1 / ours:.0f} letters/s, {ours / floor:.2f} × floor, memory grew by {grown:.0f} MB")
    print(f"docxtpl load-render-save: {1 / plain:.0f} letters/s; ours {plain / ours:.0f} × as many, same text")


if __name__ == "__main__":
    main()
