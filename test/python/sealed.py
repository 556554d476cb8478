"""Opening sealed blocks: docs/spec/block.md, section 4.6."""

import hashlib

from canonical import Refusal, read
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from fields import record
from hpke import derive_key_pair, open_message
from kinds import CONTENT


def open_sealed(block, keywrap, seed):
    """The content's canonical bytes; `block` and `keywrap` are payloads that were verified, with their binary `id`."""
    sealed = block["sealed"]
    content_key = find_key(block, keywrap, *derive_key_pair(seed))
    try:
        padded = ChaCha20Poly1305(content_key).decrypt(
            bytes(12), sealed["data"], b"cosmic-embeddings/sealed/1" + block["author"]
        )
    except InvalidTag:
        raise Refusal("bad-ciphertext", "sealed.data") from None
    content = unpad(padded)
    record(CONTENT)(read(content), "")
    return content


def find_key(block, keywrap, private, public):
    """The content key, by the first wrap that opens to what the block commits to; else the first fault."""
    commit = block["sealed"]["commit"]
    info = b"cosmic-embeddings/wrap/1" + block["author"] + commit
    fault = None
    for wrap, path, aad in wraps_of(block, keywrap):
        if wrap["to"] != public:
            continue
        found = open_message(private, public, info, aad, wrap["enc"], wrap["key"])
        if found is not None and hashlib.sha256(found).digest() == commit:
            return found
        fault = fault or Refusal("bad-ciphertext" if found is None else "bad-commitment", path)
    raise fault or Refusal("not-recipient", "sealed.wraps")


def wraps_of(block, keywrap):
    yield from ((wrap, f"sealed.wraps[{i}]", b"") for i, wrap in enumerate(block["sealed"]["wraps"]))
    if keywrap is None or keywrap["author"] != block["author"]:
        return
    if keywrap["keywrap"]["block"].value == b"\x00" + block["id"]:
        wraps = keywrap["keywrap"]["wraps"]
        yield from ((wrap, f"keywrap.wraps[{i}]", block["id"]) for i, wrap in enumerate(wraps))


def unpad(padded):
    content = padded.rstrip(b"\x00")
    # The smallest of 4, 5, 6 or 7 times a power of two that holds content and marker, at least 1,024.
    sizes = (quarters << power for power in range(8, 20) for quarters in (4, 5, 6, 7))
    smallest = next(size for size in sizes if size >= len(content))
    if not content.endswith(b"\x80") or smallest != len(padded):
        raise Refusal("bad-value", "sealed.data")
    return content[:-1]
