"""The tables of docs/spec/block.md, section 4: the fields of every kind, in API names."""

import hashlib

import zip215
from canonical import Refusal
from evidence import BEACON, EVIDENCE_KINDS
from fields import (
    FORMATS,
    bodies,
    both,
    choice,
    cid,
    data,
    extensions,
    finite,
    integer,
    listing,
    model,
    name,
    named_dims,
    numbers,
    of_type,
    record,
    scales,
    singles,
    text,
)

MAX_TIME = 4_102_444_800_000


def embedding_rules(value, path):
    kind, elements = value["type"], value["data"]
    dims, rest = divmod(len(elements), FORMATS[kind][1])
    if rest:
        raise Refusal("wrong-length", f"{path}.data")
    if not 1 <= dims <= 8192:
        raise Refusal("out-of-range", f"{path}.dims")
    named_dims(value["model"], dims, f"{path}.model")
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


def sealed_data(value, path):
    """A size class, 4 to 7 times a power of two from 1,024 on, and a tag of 16."""
    data()(value, path)
    size = len(value) - 16
    if size < 1024 or size & ((1 << (size.bit_length() - 3)) - 1):
        raise Refusal("wrong-length", path)


def identity_key(value, path):
    """A key that may stand for somebody."""
    data(32)(value, path)
    if zip215.names_nobody(value):
        raise Refusal("bad-author-key", path)


def profile_rules(payload):
    """What hangs on the author."""
    profile, author = payload["profile"], payload["author"]
    if not profile:
        raise Refusal("missing-field", "profile.encryption")
    if "rec" in profile and "of" in profile:
        raise Refusal("unknown-field", "profile.recovery")
    if profile.get("rec") == hashlib.sha256(author).digest():
        raise Refusal("bad-value", "profile.recovery")
    if profile.get("of") == author:
        raise Refusal("bad-value", "profile.identity")
    if {author, profile.get("of")} & set(profile.get("dev", [])):
        raise Refusal("bad-value", "profile.devices")


def rotation_rules(payload):
    rotation, author = payload["rotation"], payload["author"]
    if rotation["from"] == author:
        raise Refusal("bad-value", "rotation.from")
    if rotation.get("to") in (author, rotation["from"]):
        raise Refusal("bad-value", "rotation.to")
    if "next" in rotation and "to" not in rotation:
        raise Refusal("unknown-field", "rotation.next")
    if "next" in rotation and rotation["next"] == hashlib.sha256(rotation["to"]).digest():
        raise Refusal("bad-value", "rotation.next")


def retraction_rules(payload):
    target = payload["retraction"]["block"].value
    for index, version in enumerate(payload.get("supersedes", [])):
        if version.value == target:
            raise Refusal("bad-value", f"supersedes[{index}]")


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


time = integer(0, MAX_TIME)
share, signed_share, counted = integer(0, 1000), integer(-1000, 1000), integer(0, 2**32 - 1)

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
    "beacon": ("beacon", record(BEACON), False),
    "sights": ("sights", record(SIGHTS), False),
    "ext": ("extensions", extensions, False),
}
EMBEDDING = {
    "model": ("model", model, True),
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
WRAP = {
    "to": ("recipient", data(32), True),
    "enc": ("enc", data(32), True),
    "key": ("key", data(48), True),
}
WRAPS = {
    "commit": ("commitment", data(32), True),
    "wraps": ("wraps", listing(record(WRAP), 256, lambda wrap: wrap["to"]), True),
}
SEALED = {"data": ("data", sealed_data, True)} | WRAPS
KEYWRAP = {"block": ("block", cid, True)} | WRAPS
PROFILE = {
    "enc": ("encryption", listing(data(32), 16), False),
    "rec": ("recovery", data(32), False),
    "dev": ("devices", listing(identity_key, 32), False),
    "of": ("identity", identity_key, False),
}
ROTATION = {
    "from": ("from", identity_key, True),
    "to": ("to", identity_key, False),
    "next": ("next", data(32), False),
}
CONTENT = {
    "embedding": ("embedding", both(record(EMBEDDING), embedding_rules), True),
    "input": ("input", record(INPUT), True),
}
KINDS = {
    "embedding": CONTENT,
    "sealed": {"sealed": ("sealed", record(SEALED), True)},
    "keywrap": {"keywrap": ("keywrap", record(KEYWRAP), True)},
    "profile": {"profile": ("profile", record(PROFILE), True)},
    "rotation": {"rotation": ("rotation", record(ROTATION), True)},
    "retraction": {"retraction": ("retraction", record({"block": ("block", cid, True)}), True)},
    "translator": {"translator": ("translator", both(record(TRANSLATOR), translator_rules), True)},
} | EVIDENCE_KINDS
# Kinds that do not expire, with the rules that hang on the author or on other fields.
LASTING = {"profile": profile_rules, "rotation": rotation_rules, "retraction": retraction_rules}


def sights_rules(payload):
    if "place" not in payload:
        raise Refusal("missing-field", "place")
    for index, sight in enumerate(payload["sights"]["list"]):
        if abs(sight["time"] - payload["time"]) > 86_400_000:
            raise Refusal("out-of-range", f"sights.sights[{index}].time")


def check_payload(payload):
    """The four common fields, then those of a known version and kind."""
    if type(payload) is not dict:
        raise Refusal("bad-type")
    record(HEAD)({key: value for key, value in payload.items() if key in HEAD}, "")
    if payload["v"] != 1 or payload["kind"] not in KINDS:
        return
    record(HEAD | COMMON | KINDS[payload["kind"]])(payload, "")
    rules = LASTING.get(payload["kind"])
    if "expires" in payload and rules:
        raise Refusal("unknown-field", "expires")
    if "expires" in payload and payload["expires"] <= payload["time"]:
        raise Refusal("out-of-range", "expires")
    if rules:
        rules(payload)
    if "sights" in payload:
        sights_rules(payload)
