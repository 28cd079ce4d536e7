"""XML of a received file: no entities, no network, no huge trees, comments dropped."""

from __future__ import annotations

from lxml import etree

from pipeline.errors import HostileDocument

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)


def parse(data: bytes) -> etree._Element:
    """Return the root element.

    Raises:
        etree.XMLSyntaxError: the bytes are no well-formed XML, or nested beyond reason.
        HostileDocument: a DOCTYPE stands in them, in whatever encoding; its entities would swallow text.
    """
    root = etree.fromstring(data, _PARSER)
    if root.getroottree().docinfo.internalDTD is not None:
        raise HostileDocument("文件结构异常(含外部实体声明)", "已隔离;请重新制作文件后报送")
    return root


def may_name(data: bytes, word: bytes) -> bool:
    """Whether a tag or attribute of this name can stand in the part; False only when it surely does not.

    A part in an encoding that is not built on ASCII (UTF-16, UTF-32, EBCDIC) shows itself by its first bytes.
    """
    return word in data or b"\0" in data[:4] or data[:2] in (b"\xff\xfe", b"\xfe\xff") or data[:1] == b"\x4c"
