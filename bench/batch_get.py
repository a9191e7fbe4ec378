"""Items by POST /v1/batch/get against single GETs, as a Python client sees them: batch_get.py PORT [ITEMS ROUNDS].

The objects batch/0, batch/1, … are there (batch_get puts them). One keep-alive connection, in turns.
"""

import http.client
import json
import statistics
import sys
import time

ROUND_SECONDS = 1.0


def rate_of(items, turn):
    """Items per second, for about a second; `turn` gets so many at once."""
    begin = time.perf_counter()
    done = 0
    while time.perf_counter() - begin < ROUND_SECONDS:
        turn()
        done += items
    return done / (time.perf_counter() - begin)


def main(port, items=64, rounds=5):
    connection = http.client.HTTPConnection("127.0.0.1", int(port))

    def exchange(method, target, body=None):
        connection.request(method, target, body)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            sys.exit(f"{method} {target}: {answer.status}")

    keys = [f"batch/{i}" for i in range(int(items))]
    wanted = json.dumps({"items": [{"key": key} for key in keys]})
    position = 0

    def single():
        nonlocal position
        exchange("GET", f"/v1/objects/{keys[position % len(keys)]}")
        position += 1

    singles, batches = [], []
    for round_number in range(1, int(rounds) + 1):
        singles.append(rate_of(1, single))
        batches.append(rate_of(len(keys), lambda: exchange("POST", "/v1/batch/get", wanted)))
        print(
            f"round {round_number}, Python: single GETs {singles[-1]:.0f}/s, as=tar {batches[-1]:.0f} items/s "
            f"({batches[-1] / singles[-1]:.1f} x)"
        )
    print(f"medians, Python: tar {statistics.median(batches) / statistics.median(singles):.1f} x single GETs")


if __name__ == "__main__":
    main(*sys.argv[1:])
