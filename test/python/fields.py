"""Checks of a value, as docs/spec/block.md, section 4, describes values: each takes one and its path in API names."""

import re
import struct

import cbor2
from canonical import Refusal

MAX_SCALE = 2.0**120
FORMATS = {"f32": ("f", 4), "f16": ("e", 2), "i8": ("b", 1)}


def of_type(value, kind, path):
    if type(value) is not kind:
        raise Refusal("bad-type", path)
    return value


def integer(low, high):
    def check(value, path):
        if not low <= of_type(value, int, path) <= high:
            raise Refusal("out-of-range", path)

    return check


def text(limit, pattern=None):
    def check(value, path):
        of_type(value, str, path)
        if value == "":
            raise Refusal("bad-value", path)
        if len(value.encode()) > limit:
            raise Refusal("too-large", path)
        if pattern and not re.fullmatch(pattern, value):
            raise Refusal("bad-value", path)

    return check


name = text(64, r"[a-z][a-z0-9./-]*")


def data(length=None):
    def check(value, path):
        if length not in (None, len(of_type(value, bytes, path))):
            raise Refusal("wrong-length", path)

    return check


def choice(*options):
    def check(value, path):
        if of_type(value, str, path) not in options:
            raise Refusal("bad-value", path)

    return check


def cid(value, path):
    of_type(value, cbor2.CBORTag, path)


def listing(check_item, limit, identity=lambda item: item):
    """`identity` is what must differ between the items."""

    def check(value, path):
        if of_type(value, list, path) == []:
            raise Refusal("bad-value", path)
        if len(value) > limit:
            raise Refusal("too-large", path)
        for index, item in enumerate(value):
            check_item(item, f"{path}[{index}]")
        if len({cbor2.dumps(identity(item), canonical=True) for item in value}) != len(value):
            raise Refusal("bad-value", path)

    return check


def record(table):
    """`table`: key → (API name, check, required)."""

    def check(value, path):
        of_type(value, dict, path)
        for key in value:
            if key not in table:
                raise Refusal("unknown-field", join(path, key[:64]))
        for key, (api, check_value, required) in table.items():
            if key in value:
                check_value(value[key], join(path, api))
            elif required:
                raise Refusal("missing-field", join(path, api))

    return check


def join(path, key):
    return f"{path}.{key}" if path else key


def both(*checks):
    def check(value, path):
        for each in checks:
            each(value, path)

    return check


def numbers(value, kind):
    form, size = FORMATS[kind]
    return struct.unpack(f"<{len(value) // size}{form}", value)


def finite(values, path):
    if any(number != number or abs(number) == float("inf") for number in values):
        raise Refusal("non-finite", path)


def scales(value, path):
    finite(numbers(value, "f32"), path)
    if any(not 0 < number <= MAX_SCALE for number in numbers(value, "f32")):
        raise Refusal("out-of-range", path)


MODEL = re.compile(
    r"[a-z0-9][a-z0-9._-]*:[A-Za-z0-9][A-Za-z0-9._:/+-]*(?:@[A-Za-z0-9][A-Za-z0-9._+-]*)?(?:#([1-9][0-9]{0,3}))?"
)


def model_dims(value):
    match = MODEL.fullmatch(value)
    return int(match[1]) if match[1] else None


def model(value, path):
    text(256)(value, path)
    if not MODEL.fullmatch(value) or (model_dims(value) or 1) > 8192:
        raise Refusal("bad-model-id", path)


def named_dims(value, dims, path):
    if model_dims(value) not in (None, dims):
        raise Refusal("bad-model-id", path)


def bodies(value, path):
    if of_type(value, dict, path) == {}:
        raise Refusal("bad-value", path)
    if len(value) > 128:
        raise Refusal("too-large", path)
    for key, angles in value.items():
        text(64, r"[a-z0-9][a-z0-9 '.-]*")(key, path)
        if len(of_type(angles, list, f"{path}.{key}")) != 2:
            raise Refusal("wrong-length", f"{path}.{key}")
        integer(-324_000, 324_000)(angles[0], f"{path}.{key}[0]")
        integer(0, 1_295_999)(angles[1], f"{path}.{key}[1]")


def extensions(value, path):
    if of_type(value, dict, path) == {}:
        raise Refusal("bad-value", path)
    if len(value) > 64:
        raise Refusal("too-large", path)
    for key in value:
        text(128, r"[a-z0-9][a-z0-9.-]*/[A-Za-z0-9][A-Za-z0-9._-]*")(key, f"{path}.{key[:64]}")
    if contains_cid(value):
        raise Refusal("bad-type", path)


def contains_cid(value):
    if isinstance(value, cbor2.CBORTag):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(contains_cid(item) for item in inner)


def singles(value, path):
    if len(of_type(value, bytes, path)) % 4:
        raise Refusal("wrong-length", path)
    finite(numbers(value, "f32"), path)
