#!/usr/bin/env python3
"""Slow bodies beside an honest client; see README.md beside this file."""

import http.client
import multiprocessing
import os
import pathlib
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from measure import UNLIMITED, build

SLOW = int(sys.argv[1]) if len(sys.argv) > 1 else 500
ROW = "/api/v1/municipalities/082333/readiness/kosodate-01/eapp"


def attack(port, key, count, results):
    """Opens so many connections, each sending one byte of a body a second, until all are closed."""
    head = (
        f"PUT {ROW} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nIf-Match: \"0\"\r\n"
        "Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n"
    ).encode()
    selector = selectors.DefaultSelector()
    opened, closed, statuses = {}, [], {}
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(head)
        connection.setblocking(False)
        opened[connection] = time.monotonic()
        selector.register(connection, selectors.EVENT_READ)
    results.put(("open", time.time()))
    begin = time.monotonic()
    while opened and time.monotonic() - begin < 60:
        tick = time.monotonic() + 1
        for connection in list(opened):
            try:
                connection.send(b" ")
            except OSError:
                pass
        while opened and time.monotonic() < tick:
            for event, _ in selector.select(max(0.0, tick - time.monotonic())):
                connection = event.fileobj
                try:
                    answer = connection.recv(4096)
                except OSError:
                    answer = b""
                if answer[:9] == b"HTTP/1.1 ":
                    status = answer[9:12].decode()
                    statuses[status] = statuses.get(status, 0) + 1
                if not answer:
                    closed.append(time.monotonic() - opened.pop(connection))
                    selector.unregister(connection)
                    connection.close()
    results.put(("closed", len(closed), max(closed, default=0.0), statuses))


def honest(port, until):
    """Times requests one after another until a moment; answers their milliseconds."""
    connection, times = http.client.HTTPConnection("127.0.0.1", port), []
    while until():
        start = time.perf_counter()
        connection.request("GET", "/api/v1/municipalities/082333/readiness")
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
        times.append((time.perf_counter() - start) * 1000)
        time.sleep(0.002)
    return times


def p99(times):
    return statistics.quantiles(times, n=100)[98]


def main():
    program = build()
    with tempfile.TemporaryDirectory(prefix="todoke-slow-") as folder:
        database = os.path.join(folder, "todoke.db")
        made = subprocess.run(
            [program, "--database-url", database, "token", "create", "--name", "slow", "--role", "admin"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=True,
        )
        server = subprocess.Popen(
            [program, "--database-url", database, "serve", "--listen", "127.0.0.1:0", *UNLIMITED],
            stderr=subprocess.PIPE, text=True,
        )
        port = int(server.stderr.readline().split("http://127.0.0.1:")[1].split("/")[0])
        try:
            compare(port, made.stdout.strip())
        finally:
            server.terminate()
            server.wait(40)


def compare(port, key):
    results = multiprocessing.Queue()
    # The yardstick: the same client on the same server, alone.
    end = time.monotonic() + 8
    alone = honest(port, lambda: time.monotonic() < end)
    attacker = multiprocessing.Process(target=attack, args=(port, key, SLOW, results))
    attacker.start()
    during = honest(port, attacker.is_alive)
    attacker.join()
    answers = [results.get(), results.get()]
    _, closed, longest, statuses = answers[1]
    print("| figure | measured | goal |\n| --- | --- | --- |")
    print(f"| slow bodies closed | {closed} of {SLOW}, the last after {longest:.1f} s, answered {statuses} | all, ≤ 10 s |")
    print(f"| honest client, alone | median {statistics.median(alone):.2f} ms, p99 {p99(alone):.2f} ms ({len(alone)}) | |")
    ratio = p99(during) / p99(alone)
    print(f"| honest client, meanwhile | median {statistics.median(during):.2f} ms, p99 {p99(during):.2f} ms ({len(during)}) | {ratio:.2f} × of ≤ 2 × |")
    sys.exit(0 if closed == SLOW and ratio <= 2 else 1)


if __name__ == "__main__":
    main()
