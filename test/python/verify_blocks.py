"""
A second verifier of blocks, written from docs/spec/block.md and the RFCs it names alone.

    /usr/bin/python3 verify_blocks.py VECTORS.json …     checks vectors and prints what disagrees
    /usr/bin/python3 verify_blocks.py --signatures       checks signatures from standard input by ZIP-215

Needs Debian's python3-cbor2, python3-nacl and python3-cryptography.
"""

import base64
import hashlib
import json
import sys

import cbor2
import zip215
from canonical import Refusal, read
from kinds import check_payload
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from sealed import open_sealed

PROTECTED = bytes.fromhex("a10127")


def verify(envelope):
    """The payload and the binary id; raises the first refusal."""
    if len(envelope) > 262_144:
        raise Refusal("too-large")
    items = read(envelope)
    if not is_envelope(items):
        raise Refusal("bad-envelope")
    _, _, payload, signature = items
    # The signature's head takes two bytes and its content 64; the payload stands right before them.
    value = read(payload, len(envelope) - 66 - len(payload))
    check_payload(value)
    if zip215.names_nobody(value["author"]):
        raise Refusal("bad-author-key", "author")
    signed = cbor2.dumps(["Signature1", PROTECTED, b"", payload], canonical=True)
    if not is_signed(value["author"], signed, signature):
        raise Refusal("bad-signature", "signature")
    return value | {"id": b"\x01\x71\x12\x20" + hashlib.sha256(payload).digest()}


def facts(value):
    """What a vector of a valid block says about it."""
    return {
        "id": "b" + base64.b32encode(value["id"]).decode().lower().rstrip("="),
        "version": value["v"],
        "kind": value["kind"],
        "author": value["author"].hex(),
        "time": value["time"],
    }


def is_envelope(items):
    return (
        type(items) is list
        and len(items) == 4
        and items[0] == PROTECTED
        and items[1] == {}
        and type(items[2]) is bytes
        and type(items[3]) is bytes
        and len(items[3]) == 64
    )


def is_signed(public_key, message, signature):
    """libsodium is stricter than ZIP-215: what it accepts is valid, and the rest is for the cofactored equation."""
    answer = zip215.verify(public_key, message, signature)
    try:
        VerifyKey(public_key).verify(message, signature)
        assert answer, "libsodium accepts what the cofactored check refuses"
    except (BadSignatureError, ValueError):
        pass
    return answer


def unpack(parts):
    return b"".join(bytes.fromhex(part if isinstance(part, str) else part[0] * part[1]) for part in parts)


def disagreement(vector):
    """What this verifier finds, where it is not what the vector says."""
    given = ("name", "description", "envelope", "keywrap", "seed")
    expected = {key: value for key, value in vector.items() if key not in given}
    if "content" in expected:
        expected["content"] = unpack(expected["content"]).hex()
    try:
        found = opened(vector) if "seed" in vector else facts(verify(unpack(vector["envelope"])))
    except Refusal as refusal:
        found = {"code": refusal.code, "field": refusal.field, "offset": refusal.offset}
        # Where a fault stands in a sealed content is not said: nobody else could look there.
        found = {key: value for key, value in found.items() if value is not None and (key in expected or key != "offset")}
    return None if found == expected else {"name": vector["name"], "expected": expected, "found": found}


def opened(vector):
    keywrap = verify(unpack(vector["keywrap"])) if "keywrap" in vector else None
    block = verify(unpack(vector["envelope"]))
    return {"content": open_sealed(block, keywrap, bytes.fromhex(vector["seed"])).hex()}


def check_signatures(cases):
    for case in cases:
        key, message, signature = (bytes.fromhex(case[part]) for part in ("publicKey", "message", "signature"))
        if is_signed(key, message, signature) != case["valid"]:
            yield {"name": case["name"], "expected": case["valid"]}


def main(arguments):
    if arguments == ["--signatures"]:
        cases = json.load(sys.stdin)
        wrong = list(check_signatures(cases))
    else:
        cases = [vector for path in arguments for vector in json.load(open(path, encoding="utf-8"))]
        wrong = [found for found in map(disagreement, cases) if found]
    json.dump({"checked": len(cases), "wrong": wrong}, sys.stdout)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
