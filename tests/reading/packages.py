"""Small .docx packages made of raw XML, to say exactly what Word may say."""

from __future__ import annotations

import io
import zipfile

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACES = (
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" xmlns:v="urn:schemas-microsoft-com:vml"'
)


def package(body: str, w: str = W, external: str = "", **parts: str) -> bytes:
    """Return a .docx with this body; ``parts``: numbering, styles, footnotes, endnotes, header1, footer1, comments."""
    stream = io.BytesIO()
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/{name.rstrip("0123456789")}" Target="{name}.xml"/>'
        for n, name in enumerate(parts)
    )
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("[Content_Types].xml", _content_types(parts))
        target.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="r" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        )
        target.writestr(
            "word/_rels/document.xml.rels", f'<Relationships xmlns="{_RELATIONS}">{relations}{external}</Relationships>'
        )
        target.writestr(
            "word/document.xml", f'<w:document xmlns:w="{w}" {_NAMESPACES}><w:body>{body}</w:body></w:document>'
        )
        for name, content in parts.items():
            root = {"header": "hdr", "footer": "ftr"}.get(name.rstrip("0123456789"), name)
            target.writestr(f"word/{name}.xml", f'<w:{root} xmlns:w="{w}" {_NAMESPACES}>{content}</w:{root}>')
    return stream.getvalue()


def _content_types(parts: dict[str, str]) -> str:
    """Return the part that LibreOffice looks into before all others."""
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    kinds = {"document": f"{word}.document.main+xml"} | {n: f"{word}.{n.rstrip('0123456789')}+xml" for n in parts}
    overrides = "".join(f'<Override PartName="/word/{n}.xml" ContentType="{kind}"/>' for n, kind in kinds.items())
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def p(text: str = "", properties: str = "", runs: str = "") -> str:
    """A paragraph; ``runs``: raw XML after the text."""
    inner = f"<w:r><w:t>{text}</w:t></w:r>" if text else ""
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{inner}{runs}</w:p>"


def item(text: str, level: int = 0, num: int = 1) -> str:
    """A paragraph of a list."""
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr>')


def level(n: int, text: str, number_format: str = "decimal", start: int = 1, more: str = "") -> str:
    """One level of a list."""
    return (
        f'<w:lvl w:ilvl="{n}"><w:start w:val="{start}"/><w:numFmt w:val="{number_format}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbering(*levels: str, nums: str = '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>') -> str:
    """A numbering part with one abstract list."""
    return f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum>{nums}'
