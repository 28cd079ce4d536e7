"""Many letters of one template as one file to print: each begins on a page of its own, its pages numbered from 1."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from lxml import etree

from pipeline.packing import Package

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MAIN = "word/document.xml"


def merged(letters: Sequence[bytes]) -> bytes:
    """Return one .docx with the pages of all letters in order. They must be of one template: they share its styles.

    Raises:
        ValueError: there is no letter.
    """
    if not letters:
        raise ValueError("no letters")
    package = Package(letters[0])
    root = _document(package)
    body = root[0]
    for child in list(body):
        body.remove(child)
    for n, letter in enumerate(letters):
        own = _document(Package(letter))[0]
        ending = own.find(f"{_W}sectPr")
        last = n == len(letters) - 1
        for child in own:
            if child is not ending:
                body.append(copy.deepcopy(child))
        if ending is not None:
            body.append(_numbered(ending) if last else _section_end(ending))
    return package.with_parts({_MAIN: etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)})


def _document(package: Package) -> etree._Element:
    return etree.fromstring(package.parts[_MAIN], etree.XMLParser(resolve_entities=False, no_network=True))


def _numbered(section: etree._Element) -> etree._Element:
    """The section's properties, with pages counted from 1."""
    made = copy.deepcopy(section)
    for old in made.findall(f"{_W}pgNumType"):
        made.remove(old)
    start = etree.Element(f"{_W}pgNumType")
    start.set(f"{_W}start", "1")
    # its place in the schema: after the margins
    margins = made.find(f"{_W}pgMar")
    made.insert(0 if margins is None else made.index(margins) + 1, start)
    return made


def _section_end(section: etree._Element) -> etree._Element:
    """A paragraph of no height that ends a section."""
    paragraph = etree.Element(f"{_W}p")
    properties = etree.SubElement(paragraph, f"{_W}pPr")
    spacing = etree.SubElement(properties, f"{_W}spacing")
    for key, value in (("line", "20"), ("lineRule", "exact"), ("before", "0"), ("after", "0")):
        spacing.set(f"{_W}{key}", value)
    properties.append(_numbered(section))
    return paragraph
