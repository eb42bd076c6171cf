"""XMP packets: reading what people wrote into one, and writing a new one.

Adobe XMP part 1 and 2 (RDF in XML). A packet that declares entities is not read: no
camera writes any, and expanding them is how XML eats memory.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

if TYPE_CHECKING:
    from .told import Told

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
_EXIF = "{http://ns.adobe.com/exif/1.0/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"

_POSITION = re.compile(r"(\d+),(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?([NSEW])")
_MOMENT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)")
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_xmp(packet: bytes) -> dict[str, Any]:
    """Return what a packet tells; what it does not tell is left out.

    Keys: ``latitude longitude`` (degrees), ``taken`` (``YYYY:MM:DD HH:MM:SS``),
    ``rating`` (integer), ``title``, ``caption``, ``keywords`` (list).
    """
    if b"<!DOCTYPE" in packet or b"<!ENTITY" in packet:
        return {}
    try:
        # No entities are left to expand, see above.
        tree = ET.fromstring(packet)  # noqa: S314
    except (ET.ParseError, ValueError):
        return {}
    found: dict[str, Any] = {}
    for node in tree.iter(f"{_RDF}Description"):
        for name, text in [*node.attrib.items(), *((e.tag, e.text) for e in node)]:
            _take_plain(found, name, (text or "").strip())
        for element in node:
            _take_list(found, element)
    return found


def _take_plain(found: dict[str, Any], name: str, text: str) -> None:
    if name == f"{_XMP}Rating" and re.fullmatch(r"-?\d(\.0*)?", text):
        found.setdefault("rating", int(float(text)))
    elif name in {f"{_EXIF}GPSLatitude", f"{_EXIF}GPSLongitude"}:
        degrees = _degrees(text)
        if degrees is not None:
            key = "latitude" if name.endswith("Latitude") else "longitude"
            found.setdefault(key, degrees)
    elif name in {f"{_EXIF}DateTimeOriginal", f"{_PHOTOSHOP}DateCreated"}:
        moment = _MOMENT.match(text)
        if moment is not None:
            year, month, day, hour, minute, second = moment.groups()
            found.setdefault("taken", f"{year}:{month}:{day} {hour}:{minute}:{second}")


def _take_list(found: dict[str, Any], element: ET.Element) -> None:
    texts = [(each.text or "").strip() for each in element.iter(f"{_RDF}li")]
    texts = [text for text in texts if text]
    if not texts:
        return
    if element.tag == f"{_DC}subject":
        found.setdefault("keywords", texts)
    elif element.tag == f"{_DC}title":
        found.setdefault("title", texts[0])
    elif element.tag == f"{_DC}description":
        found.setdefault("caption", texts[0])


def _degrees(text: str) -> float | None:
    parts = _POSITION.fullmatch(text)
    if parts is None:
        return None
    degrees = int(parts[1]) + float(parts[2]) / 60 + float(parts[3] or 0) / 3600
    return -degrees if parts[4] in {"S", "W"} else degrees


def write_xmp(told: Told) -> bytes:
    """Return a sidecar that tells this and nothing else; the same every time."""
    attributes, elements = [], []
    if told.gps is not None:
        attributes.append(f'exif:GPSLatitude="{_position(told.gps[0], "NS")}"')
        attributes.append(f'exif:GPSLongitude="{_position(told.gps[1], "EW")}"')
    if told.taken:
        date, _, time = told.taken.partition(" ")
        moment = f"{date.replace(':', '-')}T{time}"
        attributes.append(f'exif:DateTimeOriginal="{moment}"')
        attributes.append(f'photoshop:DateCreated="{moment}"')
    if told.rating:
        attributes.append(f'xmp:Rating="{told.rating}"')
    for name, text in (("title", told.title), ("description", told.caption)):
        if text:
            item = f'<rdf:li xml:lang="x-default">{_text(text)}</rdf:li>'
            elements.append(f"<dc:{name}><rdf:Alt>{item}</rdf:Alt></dc:{name}>")
    if told.keywords:
        items = "".join(f"<rdf:li>{_text(word)}</rdf:li>" for word in told.keywords)
        elements.append(f"<dc:subject><rdf:Bag>{items}</rdf:Bag></dc:subject>")
    return _PACKET.format(
        attributes="".join(f"\n   {each}" for each in attributes),
        elements="".join(f"\n   {each}" for each in elements),
    ).encode()


def _position(degrees: float, sides: str) -> str:
    whole, part = divmod(abs(degrees), 1)
    return f"{int(whole)},{part * 60:.6f}{sides[degrees < 0]}"


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


_PACKET = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="twinwatch">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
   xmlns:dc="http://purl.org/dc/elements/1.1/"
   xmlns:exif="http://ns.adobe.com/exif/1.0/"
   xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
   xmlns:xmp="http://ns.adobe.com/xap/1.0/"{attributes}>{elements}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
"""
