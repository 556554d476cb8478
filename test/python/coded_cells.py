"""Coded cells by docs/spec/sync.md, section 5.1, with Python's integers and floats alone: prints test/vectors/coded-cells.json."""

import hashlib
import json
import math

MASK = 0xFFFFFFFF
COUNTS = (1, 2, 3, 100)
CELLS = 64


def mix(h):
    h ^= h >> 16
    h = h * 0x85EBCA6B & MASK
    h ^= h >> 13
    h = h * 0xC2B2AE35 & MASK
    return h ^ h >> 16


def words(time, identifier):
    ids = [int.from_bytes(identifier[i : i + 4], "little") for i in range(0, 32, 4)]
    return [time >> 32, time & MASK, *ids]


def checksum(item):
    c = 0
    for j, word in enumerate(item):
        c = mix(c ^ word) + j & MASK
    return c


def places(item, cells):
    c, place, k = checksum(item), 0, 0
    while place < cells:
        yield place
        k += 1
        u = mix((c + k * 0x9E3779B9 & MASK) ^ item[2 + k % 8])
        place += max(1, math.ceil((place + 1.5) * (65536 / math.sqrt(u + 1) - 1)))


def code(items, cells):
    coded = [[0, 0, 0, 0] for _ in range(cells)]
    for time, identifier in items:
        item = words(time, identifier)
        for place in places(item, cells):
            cell = coded[place]
            cell[0] = cell[0] + 1 & 0xFFFF
            cell[1] ^= time
            cell[2] ^= int.from_bytes(identifier, "big")
            cell[3] ^= checksum(item)
    widths = (2, 6, 32, 4)
    return "".join(part.to_bytes(width, "big").hex() for cell in coded for part, width in zip(cell, widths))


def draw(n):
    digest = hashlib.sha256(f"cosmic-embeddings/{n}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 4_102_444_800_001, hashlib.sha256(digest).digest()


def vectors():
    edges = [(0, bytes(32)), (4_102_444_800_000, b"\xff" * 32), (0, bytes(31) + b"\x01")]
    yield "edges", edges
    for count in COUNTS:
        yield f"{count} items", [draw(count * 1000 + n) for n in range(count)]


print(
    json.dumps(
        [
            {
                "name": name,
                "items": [{"time": time, "id": identifier.hex()} for time, identifier in items],
                "places": [list(places(words(*item), 2048)) for item in items[:3]],
                "cells": code(items, CELLS),
            }
            for name, items in vectors()
        ],
        indent=2,
    )
)
