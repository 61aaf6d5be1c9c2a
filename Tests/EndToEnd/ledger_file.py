"""A second reader of the ledger's files, written from their description alone: it shares no code with the daemon."""

import dataclasses
import datetime
import struct

SEGMENT_HEADER = 32
FRAME_HEADER = 40
FRAME_CHECKSUM = 4
FLOWS = {1: "export", 2: "import"}
MISSING, SEALED, INTENT, ATTEMPT, UNKNOWN, RESOLVED = 9, 10, 16, 17, 22, 24
TAKEN, REJECTED, UNPROCESSED, VERDICT, KEPT = 19, 20, 21, 23, 25
EPOCH, OWED_FROM, COMMISSIONED, JUDGED, OPENED = 4, 5, 7, 11, 12
REPLACED, TURNED = 39, 50
REASONS = {1: "rollover", 2: "reset", 3: "returned", 4: "replaced"}


def _crc_table():
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    return table


_CRC = _crc_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ _CRC[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


@dataclasses.dataclass
class Frame:
    offset: int
    length: int
    first: int
    records: list


def segments(state):
    return sorted(path for path in (state / "ledger").iterdir() if path.is_file() and path.read_bytes().startswith(b"DERTELOG"))


def frames(data):
    """The frames of a segment that is whole; one that stands there twice in a row is one."""
    found, offset, before = [], SEGMENT_HEADER, None
    while (offset := next_byte(data, offset)) < len(data):
        header = data[offset:offset + FRAME_HEADER]
        magic, version, flags, _, first, count, length, _, header_crc = struct.unpack("<4sHHQQIIII", header)
        payload = data[offset + FRAME_HEADER:offset + FRAME_HEADER + length]
        assert (magic, version, flags) == (b"DERF", 2, 0)
        assert crc32c(header[:36]) == header_crc
        end = offset + FRAME_HEADER + length + FRAME_CHECKSUM
        whole_crc, = struct.unpack("<I", data[end - FRAME_CHECKSUM:end])
        assert frame_checksum(header, payload) == whole_crc
        if (header, whole_crc) == before:
            offset = end
            continue
        before = header, whole_crc
        reader, records = Reader(payload), []
        for _ in range(count):
            kind = reader.byte()
            records.append((kind, reader.take(reader.varint())))
        assert reader.is_at_end
        found.append(Frame(offset, end - offset, first, records))
        offset = end
    return found


def next_byte(data, offset):
    """Where the next byte is that is not zero, or the end."""
    return len(data) - len(data[offset:].lstrip(b"\0"))


def frame_checksum(header, payload):
    return crc32c(header[:36] + payload) or 0xFFFFFFFF


def records(state):
    """Every record of a ledger: kind and reader of its bytes."""
    for path in segments(state):
        for frame in frames(path.read_bytes()):
            for kind, payload in frame.records:
                reader = Reader(payload)
                assert reader.byte() == 1, "the format of every kind is 1"
                yield kind, reader


def digests(state):
    """What the ledger says is kept: the file of each piece of evidence, without `.gz`, and its SHA-256."""
    months, attempts = {}, {}
    for kind, reader in records(state):
        if kind == INTENT:
            name, created = reader.text(), reader.zigzag()
            months[name] = month(created)
            reader.text(), reader.text()
            for _ in range(reader.varint()):
                reader.varint(), reader.zigzag(), reader.varint()
            yield f"{months[name]}/{name}/payload.xml", reader.digest()
        elif kind == ATTEMPT:
            name, number, _ = reader.text(), reader.varint(), reader.zigzag()
            attempts[name] = number
            yield f"{months[name]}/{name}/envelope-{number}.xml", reader.digest()
        elif kind in (TAKEN, REJECTED, UNPROCESSED, VERDICT):
            name = reader.text()
            digest = reader.data[-32:].hex()
            file = "status.xml" if kind == VERDICT else f"answer-{attempts[name]}.xml"
            if digest != "0" * 64:
                yield f"{months[name]}/{name}/{file}", digest
        elif kind == KEPT:
            name, created, form, number, digest = (
                reader.text(), reader.zigzag(), reader.byte(), reader.varint(), reader.digest())
            file = {3: f"answer-{number}.xml", 4: "status.xml", 5: f"question-{digest[:16]}.xml",
                    6: f"held-{digest[:16]}.xml"}[form]
            yield f"{month(created)}/{name}/{file}", digest


def month(milliseconds):
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC).strftime("%Y-%m")


def rewrite(state, change):
    """Writes a ledger of one segment anew: `change` gives the payloads that stand in the place of one.

    The frames are whole and in order, one for each record, so that nothing is wrong but what the records say.
    """
    path, = segments(state)
    data = path.read_bytes()
    number, before, written = 1, 0, [data[:SEGMENT_HEADER]]
    epoch, = struct.unpack_from("<Q", data, SEGMENT_HEADER + 8)
    for frame in frames(data):
        for kind, old in frame.records:
            for new in change(kind, old):
                payload = bytes([kind]) + varint(len(new)) + new
                header = struct.pack("<4sHHQQIII", b"DERF", 2, 0, epoch, number, 1, len(payload), before)
                before = frame_checksum(header, payload)
                written += [header, struct.pack("<I", crc32c(header)), payload, struct.pack("<I", before)]
                number += 1
    path.write_bytes(b"".join(written))


def varint(value):
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(written + bytes([value]))


@dataclasses.dataclass
class Ledger:
    """What a ledger says: seals in their order, boundary registers by site, flow and ending."""

    state: dataclasses.InitVar
    series: dict = dataclasses.field(default_factory=dict)
    sites: list = dataclasses.field(default_factory=list)
    seals: list = dataclasses.field(default_factory=list)
    registers: dict = dataclasses.field(default_factory=dict)
    kinds: list = dataclasses.field(default_factory=list)
    turns: list = dataclasses.field(default_factory=list)

    def __post_init__(self, state):
        for kind, reader in records(state):
            self.kinds.append(kind)
            if kind == EPOCH:
                self._epoch(reader)
            elif kind == OWED_FROM:
                number = reader.varint()
                self.series[number] = reader.text(), reader.text()
            elif kind == OPENED:
                reader.varint()
                self._keep(FLOWS[reader.byte()], reader.site_register())
            elif kind == TURNED:
                _, flow, site = reader.varint(), FLOWS[reader.byte()], reader.varint()
                self.turns.append(
                    Turn(self.sites[site][0], flow, REASONS[reader.byte()], reader.reading(), reader.reading()))
            elif kind == SEALED:
                self._seal(reader)

    def _epoch(self, reader):
        reader.varint(), reader.zigzag(), reader.varint()
        for _ in range(reader.varint()):
            reader.text(), reader.text(), reader.text(), reader.text(), reader.varint()
            for _ in range(reader.varint()):
                reader.text(), reader.byte()
        self.sites = []
        for _ in range(reader.varint()):
            self.sites.append((reader.text(), reader.text()))
            reader.zigzag(), reader.zigzag(), reader.zigzag(), reader.zigzag(), reader.text()

    def _seal(self, reader):
        series, ending, revision = reader.varint(), reader.zigzag(), reader.varint()
        reader.varint()
        flow, quality, _, _ = FLOWS[reader.byte()], reader.byte(), reader.byte(), reader.zigzag()
        energy, value, residual, _ = reader.zigzag(), reader.zigzag(), reader.zigzag(), reader.zigzag()
        shares = []
        for _ in range(reader.varint()):
            register = reader.site_register()
            self._keep(flow, register)
            shares.append(Share(self.sites[register.site][0], reader.zigzag(), reader.byte()))
        for _ in range(reader.varint()):
            reader.varint(), reader.byte(), reader.zigzag()
        assert reader.is_at_end
        self.seals.append(Seal(self.series[series], ending, revision, flow, quality, energy, value, residual, shares))

    def _keep(self, flow, register):
        self.registers.setdefault((self.sites[register.site][0], flow), {})[register.boundary] = register


@dataclasses.dataclass
class Turn:
    site: str
    flow: str
    reason: str
    last_old: tuple
    first_new: tuple


@dataclasses.dataclass
class Share:
    site: str
    energy: int
    quality: int


@dataclasses.dataclass
class Seal:
    series: tuple
    ending: int
    revision: int
    flow: str
    quality: int
    energy: int
    value: int
    residual: int
    shares: list


@dataclasses.dataclass
class Boundary:
    site: int
    boundary: int
    cumulative: int
    earlier: tuple
    later: tuple
    quality: int


class Reader:
    """Reads the parts that records are made of."""

    def __init__(self, data):
        self.data, self.offset = data, 0

    @property
    def is_at_end(self):
        return self.offset == len(self.data)

    def take(self, count):
        taken = self.data[self.offset:self.offset + count]
        assert len(taken) == count
        self.offset += count
        return taken

    def byte(self):
        return self.take(1)[0]

    def varint(self):
        value, shift = 0, 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    def zigzag(self):
        value = self.varint()
        return value >> 1 ^ -(value & 1)

    def text(self):
        return self.take(self.varint()).decode()

    def reading(self):
        """Instant in milliseconds, raw count, scale, offset in millijoules; a scale from 22 on tells that there is one."""
        instant, raw, scale = self.zigzag(), self.varint(), self.zigzag()
        if scale < 22:
            return instant, raw, scale, 0
        offset, _ = self.zigzag(), self.varint()
        return instant, raw, scale - 32, offset

    def site_register(self):
        return Boundary(
            self.varint(), self.zigzag(), self.zigzag(), self.reading(), self.reading(), self.byte())

    def digest(self):
        return self.take(32).hex()
