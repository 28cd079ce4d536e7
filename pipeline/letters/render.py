"""A template and its fields become a letter, and the letter is read back before anyone sees it.

Templates are files that people edit, so they run in a sandbox; values are data and stay what they are: ``{{7*7}}`` in
a name is printed, ``A&B`` is not cut (docxtpl's default loses the rest of the paragraph).
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from docxtpl import DocxTemplate
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree
from markupsafe import escape

from pipeline.errors import TemplateError
from pipeline.packing import Package, repacked

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_SPACE = re.compile(r"\s+")
_BREAK = re.compile(r"[\n\t\a\f]")
_WITH_TEXT = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes)\.xml")
# {%tr %}, {%tc %} and cell tags change a table's shape, which docxtpl sets right afterwards
_MENDED = re.compile(r"\{%\s*(?:tc|tr|cellbg|colspan|hm|vm)\b|\{\{r\b")
# anything but a value and a loop or condition over whole paragraphs
_BRANCH = re.compile(r"\{%(?!\s*(?:for|endfor|if|endif|else)\b)")
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_resolver = DocxTemplate(None)
MAX_LETTER = 20 << 20


def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(autoescape=True, undefined=jinja2.StrictUndefined)


class Template:
    """One .docx template, read and compiled once, rendered many times.

    Rendering through docxtpl opens, parses and packs the whole file for each letter; here its own preparation of the
    XML is used once, and all parts without tags are copied as they lie packed. Templates with table-building tags, which
    docxtpl mends after rendering, still go through it.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._bytes = path.read_bytes()
            document = DocxTemplate(io.BytesIO(self._bytes))
            self.fields = frozenset(document.get_undeclared_template_variables(_environment()))
            self._text = _squeezed(self._bytes)
            self._package = Package(self._bytes)
            self._parts = _compiled(self._package, document)
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise TemplateError(f"文书模板 {path.name} 打不开", "请用随程序提供的模板替换它") from error
        except jinja2.TemplateError as error:
            raise TemplateError(
                f"文书模板 {path.name} 的标记写法有误:{_said(error)}", "请在 Word 中改正花括号标记"
            ) from error
        self.name = path.name
        self._proved = False
        if "｛｛" in self._text or "｝｝" in self._text:
            raise TemplateError(f"文书模板 {path.name} 里有全角花括号 ｛｛ ｝｝", "请改成半角 {{ }}")

    def render(self, fields: Mapping[str, Any]) -> bytes:
        """Return the letter: the same bytes for the same fields, every value and fixed sentence in it.

        Raises:
            TemplateError: a field is missing or cannot be printed, the template is at fault, or the letter lost a value.
        """
        if missing := sorted(self.fields - set(fields)):
            raise TemplateError(f"文书模板 {self.name} 要用的内容没有提供:{'、'.join(missing)}", "请改正模板中的名称")
        leaves = list(_leaves(fields))
        for name, value in leaves:
            _refuse_unprintable(name, value)
        try:
            letter, said = (
                self._through_docxtpl(fields) if self._parts is None else self._rendered(self._parts, fields, leaves)
            )
        except jinja2.TemplateError as error:
            raise TemplateError(f"文书模板 {self.name} 不能生成:{_said(error)}", "请改正模板") from error
        except (etree.XMLSyntaxError, ValueError, TypeError, OverflowError, MemoryError) as error:
            raise TemplateError(f"文书模板 {self.name} 生成的文书不完整", "请改正模板") from error
        if len(letter) > MAX_LETTER:
            raise TemplateError(f"文书模板 {self.name} 生成的文书过大", "请检查模板中的循环")
        self._read_back(letter, said, fields)
        return letter

    def _rendered(
        self, parts: Mapping[str, _Part], fields: Mapping[str, Any], leaves: list[tuple[str, str]]
    ) -> tuple[bytes, str]:
        """Return the letter and the XML that holds its values."""
        breaks = any(_BREAK.search(value) for _, value in leaves)
        changed: dict[str, bytes] = {}
        said = ""
        for name, part in parts.items():
            xml = part.template.render(fields)
            if len(xml) > MAX_LETTER:
                raise OverflowError
            xml = _resolver.resolve_listing(xml) if breaks else xml
            changed[name] = _DECLARATION + xml.encode()
            if part.branches:
                etree.fromstring(changed[name])
            said += xml
        return self._package.with_parts(changed), said

    def _through_docxtpl(self, fields: Mapping[str, Any]) -> tuple[bytes, str]:
        document, stream = DocxTemplate(io.BytesIO(self._bytes)), io.BytesIO()
        document.render(dict(fields), _environment())
        document.save(stream)
        return repacked(stream.getvalue()), document.get_xml()

    def _read_back(self, letter: bytes, said: str, fields: Mapping[str, Any]) -> None:
        """The letter holds every value it was given; and, seen at the first one, every sentence of the template."""
        for name, value in _leaves({name: value for name, value in fields.items() if name in self.fields}):
            attribute = name.rpartition(".")[2]
            shown = attribute == name or f".{attribute}" in self._text or "[" in name
            if shown and not all(piece in said for piece in _BREAK.split(str(escape(value)))):
                raise TemplateError(f"文书缺少“{name}”的内容“{value}”", f"请检查模板 {self.name}")
        if self._proved or "%pif" in self._text or "%if" in self._text:
            return
        text = _squeezed(letter)
        for sentence in _TAG.split(self._text):
            if len(sentence) >= 4 and sentence not in text and not _inside_loop(self._text, sentence):
                raise TemplateError(f"文书缺少模板中的文字“{sentence}”", f"请检查模板 {self.name}")
        self._proved = True


@dataclass(frozen=True, slots=True)
class _Part:
    """A part with tags. ``branches``: it has tags that could open what they do not close."""

    template: jinja2.Template
    branches: bool


def _compiled(package: Package, document: DocxTemplate) -> dict[str, _Part] | None:
    """Return the parts that have tags, compiled; None where docxtpl must mend the result."""
    environment = _environment()
    parts: dict[str, _Part] = {}
    for name, content in package.parts.items():
        if not _WITH_TEXT.fullmatch(name):
            continue
        xml = etree.tostring(etree.fromstring(content, etree.XMLParser(resolve_entities=False)), encoding="unicode")
        source = document.patch_xml(xml)
        if _MENDED.search(xml):
            return None
        if _TAG.search(source):
            parts[name] = _Part(environment.from_string(source), bool(_BRANCH.search(source)))
    return parts


def _inside_loop(template: str, sentence: str) -> bool:
    """Whether a fixed sentence stands in a loop, which may run no time at all."""
    before = template.partition(sentence)[0]
    return before.count("%pfor") + before.count("{%for") > before.count("%pendfor") + before.count("{%endfor")


def _leaves(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield (field, text) of every value; lists and mappings are gone into."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list | tuple):
        for n, inner in enumerate(value):
            yield from _leaves(inner, f"{name}[{n}]" if not isinstance(inner, Mapping) else name)
    elif value is None:
        raise TemplateError(f"“{name}”没有内容", "请先补全这一项")
    else:
        yield name, str(value)


def _refuse_unprintable(name: str, value: str) -> None:
    for character in value:
        if unicodedata.category(character) in {"Cc", "Cs"} and character not in "\n\t":
            raise TemplateError(f"“{name}”里有不能打印的字符(U+{ord(character):04X})", "请改正后重新生成")


def _squeezed(package: bytes) -> str:
    """Return the text of a .docx's body without white space."""
    with zipfile.ZipFile(io.BytesIO(package)) as parts:
        root = etree.fromstring(
            parts.read("word/document.xml"), etree.XMLParser(resolve_entities=False, no_network=True)
        )
    return _SPACE.sub("", "".join(e.text or "" for e in root.iter(_W + "t")))


def _said(error: jinja2.TemplateError) -> str:
    match error:
        case jinja2.UndefinedError():
            return f"用到了没有的内容({error.message})"
        case jinja2.exceptions.SecurityError():
            return "模板含有不允许的操作"
        case jinja2.TemplateSyntaxError():
            return f"第 {error.lineno} 行附近标记不完整({error.message})"
        case _:
            return str(error)
