"""HPKE in base mode (RFC 9180): DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305; one message, number 0."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

VERSION = b"HPKE-v1"
KEM = b"KEM\x00\x20"
SUITE = b"HPKE\x00\x20\x00\x01\x00\x03"


def labeled_extract(suite, salt, label, material):
    code = hmac.HMAC(salt or bytes(32), hashes.SHA256())
    code.update(VERSION + suite + label + material)
    return code.finalize()


def labeled_expand(suite, prk, label, info, length):
    labeled = length.to_bytes(2, "big") + VERSION + suite + label + info
    return HKDFExpand(hashes.SHA256(), length, labeled).derive(prk)


def derive_key_pair(seed):
    """Section 7.1.3: a private key and its public bytes."""
    secret = labeled_expand(KEM, labeled_extract(KEM, b"", b"dkp_prk", seed), b"sk", b"", 32)
    private = X25519PrivateKey.from_private_bytes(secret)
    return private, private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def open_message(private, public, info, aad, enc, ciphertext):
    """The plaintext, or None where the message does not open."""
    try:
        shared = decapsulate(private, public, enc)
        key, nonce = key_schedule(shared, info)
        return ChaCha20Poly1305(key).decrypt(nonce, ciphertext, aad)
    except (InvalidTag, ValueError):
        # The exchange raises ValueError for the all-zero secret that section 7.1.4 forbids.
        return None


def decapsulate(private, public, enc):
    """Section 4.1."""
    exchanged = private.exchange(X25519PublicKey.from_public_bytes(enc))
    prk = labeled_extract(KEM, b"", b"eae_prk", exchanged)
    return labeled_expand(KEM, prk, b"shared_secret", enc + public, 32)


def key_schedule(shared, info):
    """Section 5.1, without a pre-shared key."""
    psk_id_hash = labeled_extract(SUITE, b"", b"psk_id_hash", b"")
    context = b"\x00" + psk_id_hash + labeled_extract(SUITE, b"", b"info_hash", info)
    secret = labeled_extract(SUITE, shared, b"secret", b"")
    return labeled_expand(SUITE, secret, b"key", context, 32), labeled_expand(SUITE, secret, b"base_nonce", context, 12)
