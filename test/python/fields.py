"""The fields of docs/spec/block.md, section 4: each check takes a value and its path in API names."""

import re
import struct

import cbor2
from canonical import Refusal

MAX_TIME = 4_102_444_800_000
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


def listing(check_item, limit):
    def check(value, path):
        if of_type(value, list, path) == []:
            raise Refusal("bad-value", path)
        if len(value) > limit:
            raise Refusal("too-large", path)
        for index, item in enumerate(value):
            check_item(item, f"{path}[{index}]")
        if len({cbor2.dumps(item, canonical=True) for item in value}) != len(value):
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


def embedding_rules(value, path):
    named_dims(value["model"], value["dims"], f"{path}.model")
    kind, elements = value["type"], value["data"]
    if len(elements) != value["dims"] * FORMATS[kind][1]:
        raise Refusal("wrong-length", f"{path}.data")
    if (kind == "i8") != ("scale" in value):
        raise Refusal("missing-field" if kind == "i8" else "unknown-field", f"{path}.scale")
    finite(numbers(elements, kind), f"{path}.data")


def translator_rules(value, path):
    named_dims(value["from"], value["dims"], f"{path}.from")
    if value["index"] >= value["count"]:
        raise Refusal("out-of-range", f"{path}.index")
    if value["row"] + value["rows"] > 8192:
        raise Refusal("out-of-range", f"{path}.rows")
    data(value["rows"] * value["dims"])(value["data"], f"{path}.data")
    data(value["rows"] * 4)(value["scales"], f"{path}.scales")
    scales(value["scales"], f"{path}.scales")
    if "means" in value:
        means_rules(value, path)


def means_rules(value, path):
    means, needed = value["means"], value["row"] + value["rows"]
    if value["index"] != 0:
        raise Refusal("unknown-field", f"{path}.means")
    data(value["dims"] * 4)(means["from"], f"{path}.means.from")
    if not needed <= len(means["to"]) / 4 <= 8192:
        raise Refusal("wrong-length", f"{path}.means.to")
    named_dims(value["to"], len(means["to"]) // 4, f"{path}.to")


def singles(value, path):
    if len(of_type(value, bytes, path)) % 4:
        raise Refusal("wrong-length", path)
    finite(numbers(value, "f32"), path)


time = integer(0, MAX_TIME)
share, signed_share, counted = integer(0, 1000), integer(-1000, 1000), integer(0, 2**32 - 1)

GRIDS = {100_000: 120_000, 1_000_000: 1_200_000, 10_000_000: 11_000_000, 100_000_000: 80_000_000}
ROWS = [(60, 1), (75, 2), (82, 4), (87, 12), (89, 36)]
DEGREE = 10_000_000


def grid(value, path):
    if of_type(value, int, path) not in GRIDS:
        raise Refusal("bad-value", path)


def coarse_rules(value, path):
    if "grid" not in value:
        return
    step, lat, lon = value["grid"], value["lat"], value["lon"]
    pole = abs(lat) == 90 * DEGREE
    apart = next((count for last, count in ROWS if abs(lat) <= last * DEGREE), None)
    if lat % step or (apart is None and not pole):
        raise Refusal("bad-value", f"{path}.latitude")
    if lon != 0 if pole else lon % (step * apart) or lon == 180 * DEGREE:
        raise Refusal("bad-value", f"{path}.longitude")
    if "elev" in value:
        raise Refusal("bad-value", f"{path}.elevation")
    if value.get("acc", -1) < max(GRIDS[step], 11_200_000 if pole else 0):
        raise Refusal("bad-value", f"{path}.accuracy")


HEAD = {
    "v": ("version", integer(1, 65_535), True),
    "kind": ("kind", name, True),
    "author": ("author", data(32), True),
    "time": ("time", time, True),
}
PLACE = {
    "lat": ("latitude", integer(-900_000_000, 900_000_000), True),
    "lon": ("longitude", integer(-1_800_000_000, 1_800_000_000), True),
    "elev": ("elevation", integer(-50_000, 1_000_000), False),
    "acc": ("accuracy", integer(0, 2_003_800_000), False),
    "grid": ("grid", grid, False),
}
def only_true(value, path):
    if not of_type(value, bool, path):
        raise Refusal("bad-value", path)


def sight_rules(value, path):
    if ("az" in value) != ("azSigma" in value):
        raise Refusal("missing-field", f"{path}.{'azimuthSigma' if 'az' in value else 'azimuth'}")


def sight_list(value, path):
    listing(both(record(SIGHT), sight_rules), 64)(value, path)
    if len({(sight["body"], sight["time"]) for sight in value}) != len(value):
        raise Refusal("bad-value", path)


SIGHT = {
    "body": ("body", text(64, r"[a-z0-9][a-z0-9 '.-]*"), True),
    "time": ("time", time, True),
    "alt": ("altitude", integer(-36_000, 3_240_000), True),
    "sigma": ("sigma", integer(1, 180_000), True),
    "az": ("azimuth", integer(0, 12_959_999), False),
    "azSigma": ("azimuthSigma", integer(1, 1_080_000), False),
    "limb": ("limb", choice("lower", "upper"), False),
    "eye": ("heightOfEye", integer(0, 30_000), False),
    "pres": ("pressure", integer(2_000, 11_000), False),
    "temp": ("temperature", integer(-900, 600), False),
    "corr": ("corrected", only_true, False),
}
SIGHTS = {
    "device": ("device", data(32), True),
    "sig": ("signature", data(64), True),
    "list": ("sights", sight_list, True),
}
COMMON = {
    "place": ("place", both(record(PLACE), coarse_rules), False),
    "sky": ("sky", record({"profile": ("profile", name, True), "bodies": ("bodies", bodies, True)}), False),
    "tags": ("tags", listing(text(128), 64), False),
    "links": ("links", listing(record({"rel": ("relation", name, True), "id": ("id", cid, True)}), 256), False),
    "supersedes": ("supersedes", listing(cid, 256), False),
    "expires": ("expires", time, False),
    "sights": ("sights", record(SIGHTS), False),
    "ext": ("extensions", extensions, False),
}
EMBEDDING = {
    "model": ("model", model, True),
    "dims": ("dims", integer(1, 8192), True),
    "type": ("type", choice("f32", "f16", "i8"), True),
    "data": ("data", data(), True),
    "scale": ("scale", both(data(4), scales), False),
}
INPUT = {
    "type": ("type", name, True),
    "hash": ("hash", data(32), True),
    "origin": ("origin", text(2048), False),
    "content": ("content", text(131_072), False),
}
TRANSLATOR = {
    "from": ("from", model, True),
    "to": ("to", model, True),
    "method": ("method", choice("procrustes"), True),
    "set": ("set", data(32), True),
    "index": ("index", integer(0, 4095), True),
    "count": ("count", integer(1, 4096), True),
    "row": ("row", integer(0, 8191), True),
    "rows": ("rows", integer(1, 8192), True),
    "dims": ("dims", integer(1, 8192), True),
    "data": ("data", data(), True),
    "scales": ("scales", data(), True),
    "means": ("means", record({"from": ("from", singles, True), "to": ("to", singles, True)}), False),
    "quality": (
        "quality",
        record(
            {key: (key, counted, True) for key in ("anchors", "heldOut", "gallery")}
            | {key: (key, share, True) for key in ("top1", "top10")}
            | {key: (key, signed_share, True) for key in ("cosine", "baseline")}
        ),
        True,
    ),
}
KINDS = {
    "embedding": {
        "embedding": ("embedding", both(record(EMBEDDING), embedding_rules), True),
        "input": ("input", record(INPUT), True),
    },
    "translator": {"translator": ("translator", both(record(TRANSLATOR), translator_rules), True)},
}


def check_payload(payload):
    """The four common fields, then those of a known version and kind."""
    if type(payload) is not dict:
        raise Refusal("bad-type")
    record(HEAD)({key: value for key, value in payload.items() if key in HEAD}, "")
    if payload["v"] != 1 or payload["kind"] not in KINDS:
        return
    record(HEAD | COMMON | KINDS[payload["kind"]])(payload, "")
    if "expires" in payload and payload["expires"] <= payload["time"]:
        raise Refusal("out-of-range", "expires")
    if "sights" in payload:
        sights_rules(payload)


def sights_rules(payload):
    if "place" not in payload:
        raise Refusal("missing-field", "place")
    for index, sight in enumerate(payload["sights"]["list"]):
        if abs(sight["time"] - payload["time"]) > 86_400_000:
            raise Refusal("out-of-range", f"sights.sights[{index}].time")
