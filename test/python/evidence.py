"""The fields of evidence of time: docs/spec/block.md, sections 4.12 to 4.15."""

from canonical import Refusal
from fields import both, cid, data, integer, name, of_type, record

LARGEST_BATCH = 2**30


def point(value, path):
    if len(of_type(value, bytes, path)) not in (48, 96):
        raise Refusal("wrong-length", path)


def either_block_or_batch(value, path):
    if "block" in value:
        for key in ("root", "size"):
            if key in value:
                raise Refusal("unknown-field", f"{path}.{key}")
    elif "root" not in value:
        raise Refusal("missing-field", f"{path}.root" if "size" in value else f"{path}.block")
    elif "size" not in value:
        raise Refusal("missing-field", f"{path}.size")


def audit_path(value, path):
    if len(of_type(value, bytes, path)) > 960:
        raise Refusal("too-large", path)
    if len(value) % 32:
        raise Refusal("wrong-length", path)


def proof(value, path):
    if of_type(value, bytes, path) == b"":
        raise Refusal("bad-value", path)
    if len(value) > 65_536:
        raise Refusal("too-large", path)


BEACON = {
    "chain": ("chain", data(32), True),
    "round": ("round", integer(1, 2**53 - 1), True),
    "signature": ("signature", point, True),
}
WITNESS = {
    "block": ("block", cid, False),
    "root": ("root", data(32), False),
    "size": ("size", integer(1, LARGEST_BATCH), False),
}
INCLUSION = {
    "witness": ("witness", cid, True),
    "block": ("block", cid, True),
    "index": ("index", integer(0, LARGEST_BATCH - 1), True),
    "path": ("path", audit_path, True),
}
TIMEPROOF = {
    "block": ("block", cid, True),
    "format": ("format", name, True),
    "data": ("data", proof, True),
}
EVIDENCE_KINDS = {
    "witness": {"witness": ("witness", both(record(WITNESS), either_block_or_batch), True)},
    "inclusion": {"inclusion": ("inclusion", record(INCLUSION), True)},
    "timeproof": {"timeproof": ("timeproof", record(TIMEPROOF), True)},
}
