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
from pathlib import Path
from typing import Any

import jinja2
from docxtpl import DocxTemplate
from jinja2.sandbox import ImmutableSandboxedEnvironment
from lxml import etree

from pipeline.errors import TemplateError
from pipeline.packing import repacked

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_SPACE = re.compile(r"\s+")
MAX_LETTER = 20 << 20


def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(autoescape=True, undefined=jinja2.StrictUndefined)


class Template:
    """One .docx template, read once and rendered many times."""

    def __init__(self, path: Path) -> None:
        try:
            self._bytes = path.read_bytes()
            self.fields = frozenset(
                DocxTemplate(io.BytesIO(self._bytes)).get_undeclared_template_variables(_environment())
            )
            self._text = _squeezed(self._bytes)
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise TemplateError(f"文书模板 {path.name} 打不开", "请用随程序提供的模板替换它") from error
        except jinja2.TemplateError as error:
            raise TemplateError(
                f"文书模板 {path.name} 的标记写法有误:{_said(error)}", "请在 Word 中改正花括号标记"
            ) from error
        self.name = path.name
        if "｛｛" in self._text or "｝｝" in self._text:
            raise TemplateError(f"文书模板 {path.name} 里有全角花括号 ｛｛ ｝｝", "请改成半角 {{ }}")

    def render(self, fields: Mapping[str, Any]) -> bytes:
        """Return the letter: the same bytes for the same fields, every value and fixed sentence in it.

        Raises:
            TemplateError: a field is missing or cannot be printed, the template is at fault, or the letter lost a value.
        """
        if missing := sorted(self.fields - set(fields)):
            raise TemplateError(f"文书模板 {self.name} 要用的内容没有提供:{'、'.join(missing)}", "请改正模板中的名称")
        for name, value in _leaves(fields):
            _refuse_unprintable(name, value)
        document = DocxTemplate(io.BytesIO(self._bytes))
        try:
            document.render(dict(fields), _environment())
        except jinja2.TemplateError as error:
            raise TemplateError(f"文书模板 {self.name} 不能生成:{_said(error)}", "请改正模板") from error
        except (etree.XMLSyntaxError, ValueError, TypeError, OverflowError, MemoryError) as error:
            raise TemplateError(f"文书模板 {self.name} 生成的文书不完整", "请改正模板") from error
        stream = io.BytesIO()
        document.save(stream)
        if stream.tell() > MAX_LETTER:
            raise TemplateError(f"文书模板 {self.name} 生成的文书过大", "请检查模板中的循环")
        letter = repacked(stream.getvalue())
        self._read_back(letter, fields)
        return letter

    def _read_back(self, letter: bytes, fields: Mapping[str, Any]) -> None:
        """The letter holds every value it was given and every sentence of the template."""
        text = _squeezed(letter)
        used = {name: value for name, value in fields.items() if name in self.fields}
        for name, value in _leaves(used):
            attribute = name.rpartition(".")[2]
            if _SPACE.sub("", value) not in text and (
                attribute == name or f".{attribute}" in self._text or "[" in name
            ):
                raise TemplateError(f"文书缺少“{name}”的内容“{value}”", f"请检查模板 {self.name}")
        if "%pif" in self._text or "%if" in self._text:
            return
        for sentence in _TAG.split(self._text):
            if len(sentence) >= 4 and sentence not in text and not _inside_loop(self._text, sentence):
                raise TemplateError(f"文书缺少模板中的文字“{sentence}”", f"请检查模板 {self.name}")


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
