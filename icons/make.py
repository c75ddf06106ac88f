"""Draws the app icon in every size and format. Needs only Python; the same bytes every time.

    python3 icons/make.py

A dark tile with a summit: two white slopes meet at the apex, and a teal line climbs across them as the crossbar of an A.
"""

import struct
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP, BOTTOM = (38, 52, 68), (13, 19, 27)
SLOPE, LINE = (240, 244, 248), (67, 195, 176)


def to_segment(x, y, a, b):
    """Returns the distance from a point to a segment."""
    (ax, ay), (bx, by) = a, b
    dx, dy = bx - ax, by - ay
    t = max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
    return ((x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2) ** 0.5


def tile(x, y, margin=0.04, radius=0.21):
    """Returns the signed distance to the rounded tile, negative inside."""
    half = 0.5 - margin - radius
    dx, dy = abs(x - 0.5) - half, abs(y - 0.5) - half
    outside = (max(dx, 0.0) ** 2 + max(dy, 0.0) ** 2) ** 0.5
    return outside + min(max(dx, dy), 0.0) - radius


def cover(distance, pixel):
    """Returns how much of a pixel lies inside, from the distance at its middle."""
    return max(0.0, min(1.0, 0.5 - distance / pixel))


def mix(below, above, share):
    return tuple(b + (a - b) * share for b, a in zip(below, above))


def draw(size):
    pixel = 1.0 / size
    wide = 0.088 if size > 48 else 0.105
    climb = [(0.26, 0.655), (0.43, 0.595), (0.55, 0.635), (0.76, 0.475)]
    rows = []
    for row in range(size):
        line = bytearray([0])
        for column in range(size):
            x, y = (column + 0.5) * pixel, (row + 0.5) * pixel
            alpha = cover(tile(x, y), pixel)
            color = mix(TOP, BOTTOM, y)
            peak = (0.5, 0.235)
            slopes = min(to_segment(x, y, peak, (0.245, 0.765)), to_segment(x, y, peak, (0.755, 0.765))) - wide / 2
            color = mix(color, SLOPE, cover(slopes, pixel))
            path = min(to_segment(x, y, a, b) for a, b in zip(climb, climb[1:]))
            dot = ((x - climb[-1][0]) ** 2 + (y - climb[-1][1]) ** 2) ** 0.5 - 0.052
            # A dark rim keeps the line apart from the slopes it crosses.
            rim = min(path - wide * 0.36 - 0.022, dot - 0.022)
            color = mix(color, mix(TOP, BOTTOM, y), cover(rim, pixel))
            color = mix(color, LINE, cover(min(path - wide * 0.36, dot), pixel))
            line += bytes([*(int(part + 0.5) for part in color), int(alpha * 255 + 0.5)])
        rows.append(bytes(line))
    return png(size, b"".join(rows))


def png(size, raw):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b"")


def ico(images):
    head, body = struct.pack("<HHH", 0, 1, len(images)), b""
    for size, image in images.items():
        at = 6 + 16 * len(images) + len(body)
        head += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(image), at)
        body += image
    return head + body


def icns(images):
    kinds = {128: b"ic07", 256: b"ic08", 512: b"ic09"}
    body = b"".join(kind + struct.pack(">I", len(images[size]) + 8) + images[size] for size, kind in kinds.items())
    return b"icns" + struct.pack(">I", len(body) + 8) + body


def main():
    images = {size: draw(size) for size in (16, 32, 48, 128, 256, 512)}
    files = {
        "32x32.png": images[32],
        "128x128.png": images[128],
        "128x128@2x.png": images[256],
        "icon.png": images[512],
        "icon.ico": ico({size: images[size] for size in (16, 32, 48, 256)}),
        "icon.icns": icns(images),
    }
    for name, data in files.items():
        (HERE / name).write_bytes(data)


main()
