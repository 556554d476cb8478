"""The canonical form of docs/spec/block.md, section 2."""

import cbor2

PREFIX = bytes.fromhex("0001711220")
MAX_SAFE = 2**53 - 1
MAX_VALUES = 4096


class Refusal(Exception):
    def __init__(self, code, field=None, offset=None):
        super().__init__(code, field, offset)
        self.code, self.field, self.offset = code, field, offset


class Scanner:
    """Walks the one item that the bytes must be."""

    def __init__(self, data):
        self.data, self.at, self.values = data, 0, 0

    def scan(self):
        self.item(0)
        if self.at != len(self.data):
            raise Refusal("trailing-bytes", offset=self.at)

    def head(self):
        """Major type, argument, and where the head began."""
        start = self.at
        if start >= len(self.data):
            raise Refusal("truncated", offset=start)
        major, info = self.data[start] >> 5, self.data[start] & 31
        self.at += 1
        if major == 7:
            self.simple(info, start)
            return major, info, start
        if info < 24:
            return major, info, start
        if info == 31:
            raise Refusal("indefinite-length", offset=start)
        if info > 27:
            raise Refusal("bad-simple", offset=start)
        width = 1 << (info - 24)
        if self.at + width > len(self.data):
            raise Refusal("truncated", offset=start)
        argument = int.from_bytes(self.data[self.at : self.at + width], "big")
        if argument < (24 if width == 1 else 1 << (4 * width)):
            raise Refusal("not-shortest", offset=start)
        self.at += width
        return major, argument, start

    @staticmethod
    def simple(info, start):
        if 25 <= info <= 27:
            raise Refusal("float", offset=start)
        if info == 31:
            raise Refusal("indefinite-length", offset=start)
        if info not in (20, 21, 22):
            raise Refusal("bad-simple", offset=start)

    def content(self, length, start):
        if length > len(self.data) - self.at:
            raise Refusal("truncated", offset=start)
        self.at += length
        return self.data[self.at - length : self.at]

    def item(self, depth):
        self.values += 1
        if self.values > MAX_VALUES:
            raise Refusal("too-many-items", offset=self.at)
        major, argument, start = self.head()
        if major in (0, 1):
            if argument > MAX_SAFE - major:
                raise Refusal("int-range", offset=start)
        elif major == 2:
            self.content(argument, start)
        elif major == 3:
            self.text(argument, start)
        elif major == 6:
            self.cid(argument, start)
        elif major in (4, 5):
            if depth == 8:
                raise Refusal("too-deep", offset=start)
            if argument * (major - 3) > len(self.data) - self.at:
                raise Refusal("truncated", offset=start)
            self.entries(argument, depth + 1) if major == 5 else self.items(argument, depth + 1)

    def items(self, count, depth):
        for _ in range(count):
            self.item(depth)

    def entries(self, count, depth):
        previous = None
        for _ in range(count):
            major, argument, start = self.head()
            if major != 3:
                raise Refusal("bad-key", offset=start)
            key = self.text(argument, start)
            order = (len(key), key)
            if order == previous:
                raise Refusal("duplicate-key", offset=start)
            if previous is not None and order < previous:
                raise Refusal("unsorted-keys", offset=start)
            previous = order
            self.item(depth)

    def text(self, length, start):
        content = self.content(length, start)
        try:
            if not content.decode("utf-8").startswith("\ufeff"):
                return content
        except UnicodeDecodeError:
            pass
        raise Refusal("bad-utf8", offset=start)

    def cid(self, tag, start):
        if tag != 42:
            raise Refusal("bad-tag", offset=start)
        major, argument, start = self.head()
        if major != 2:
            raise Refusal("bad-cid", offset=start)
        content = self.content(argument, start)
        if len(content) != 37 or not content.startswith(PREFIX):
            raise Refusal("bad-cid", offset=start)


def read(data, origin=0):
    """The value of canonical bytes that begin at `origin` of the envelope; block ids are cbor2.CBORTag(42, …)."""
    try:
        Scanner(data).scan()
    except Refusal as refusal:
        raise Refusal(refusal.code, offset=origin + refusal.offset) from None
    value = cbor2.loads(data)
    assert cbor2.dumps(value, canonical=True) == data, "cbor2's canonical form differs"
    return value
