"""A wire between network namespaces, in user space: `wire.py NAME…`.

Each namespace, which must be there, gets the address 10.213.0.N (N = 1, 2, …) on a TUN device whose packets this process
hands on. Lines of JSON on standard input set how it does so, each answered with a line:
delay (ms), loss (0 to 1), rate (bytes a second into each namespace, 0: any), cut (list of [from, to], in this direction alone).
"""

import fcntl
import heapq
import json
import os
import random
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
QUEUE_SECONDS = 1.0


def ip(*args):
    subprocess.run(["ip", *args], check=True)


def attach(namespace, number):
    name = f"cw{os.getpid() % 1000000}-{number}"
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    ip("link", "set", name, "netns", namespace)
    ip("-n", namespace, "addr", "add", f"10.213.0.{number}/24", "dev", name)
    ip("-n", namespace, "link", "set", name, "up", "mtu", "1400")
    ip("-n", namespace, "link", "set", "lo", "up")
    return fd


def main():
    ends = {number: attach(namespace, number) for number, namespace in enumerate(sys.argv[1:], 1)}
    numbers = {fd: number for number, fd in ends.items()}
    terms = {"delay": 0, "loss": 0, "rate": 0, "cut": []}
    free_at = dict.fromkeys(ends, 0.0)
    waiting, order = [], 0
    draw = random.Random(1)
    print("ready", flush=True)
    while True:
        timeout = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
        readable, _, _ = select.select([sys.stdin, *numbers], [], [], timeout)
        for fd in readable:
            if fd is sys.stdin:
                line = sys.stdin.readline()
                if not line:
                    return
                terms.update(json.loads(line))
                print("set", flush=True)
                continue
            try:
                packet = os.read(fd, 2048)
            except BlockingIOError:
                continue
            if packet[0] >> 4 != 4 or packet[16:19] != bytes([10, 213, 0]):
                continue
            source, target = numbers[fd], packet[19]
            if target not in ends or [source, target] in terms["cut"] or draw.random() < terms["loss"]:
                continue
            now = time.monotonic()
            at = now
            if terms["rate"]:
                at = free_at[target] = max(now, free_at[target]) + len(packet) / terms["rate"]
                if at - now > QUEUE_SECONDS:
                    free_at[target] -= len(packet) / terms["rate"]
                    continue
            order += 1
            heapq.heappush(waiting, (at + terms["delay"] / 1000, order, target, packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, target, packet = heapq.heappop(waiting)
            try:
                os.write(ends[target], packet)
            except OSError:
                pass  # A full queue loses packets, as anywhere.


main()
