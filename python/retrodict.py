"""Read what retrodict writes. One file; needs Python 3.9 and NumPy, nothing else.

    run = retrodict.Run("runs/20250101-120000-digits-s7")
    run.manifest["seed"], run.metrics["accuracy"], run.parameters["layer0.w"]
    trace = run.traces["01-value-error"]
    trace.ms, trace.of("value", "hidden/0")     # one row for every moment recorded
    run.events["02-activity"].times("hidden/0", "error")

Nothing is ever unpickled or executed. A run that was killed can be read too: what it had written is there.
"""
import csv
import io
import json
import math
import os
import re
import struct

import numpy as np

__all__ = ["Run", "Trace", "Events", "latest", "read_csv", "read_jsonl", "read_npz", "read_parquet", "read_safetensors", "read_spool", "bands"]

PART = ".part"  # the end of the name of a file that is not complete, of a directory ".parts"
SPOOL = ".spool"  # of what a run with checkpoints records until it is over


def latest(root="runs"):
    """Return the Run under root that started last."""
    names = [n for n in os.listdir(root) if os.path.isfile(os.path.join(root, n, "manifest.json"))]
    if not names:
        raise FileNotFoundError(f"no run in {root}")
    return max((Run(os.path.join(root, n)) for n in names), key=lambda run: (run.manifest.get("started", ""), run.path))


class Run:
    """The folder of a run. Files are read when they are asked for, and then kept."""

    def __init__(self, path):
        self.path = os.fspath(path)
        with open(os.path.join(self.path, "manifest.json"), encoding="utf-8") as f:
            self.manifest = json.load(f)  # seed, status, versions, machine, command, hashes
        self._kept = {}

    def __repr__(self):
        m = self.manifest
        return f"<Run {os.path.basename(self.path)}: seed {m.get('seed')}, {m.get('status')}>"

    def _keep(self, name, read):
        if (name, read) not in self._kept:
            self._kept[name, read] = read(os.path.join(self.path, name))
        return self._kept[name, read]

    @property
    def config(self):
        """The resolved configuration, as text in YAML."""
        with open(os.path.join(self.path, "config.yaml"), encoding="utf-8") as f:
            return f.read()

    @property
    def metrics(self):
        """A dict of columns, a value for every epoch."""
        return self._keep("metrics.csv", read_csv)

    @property
    def parameters(self):
        """A dict of arrays: the weights at the end."""
        return self._keep("parameters.safetensors", read_safetensors)

    @property
    def traces(self):
        """A dict of what was recorded as arrays, or is still in a spool, by the name of the file without its suffix."""
        found = {n: self._keep(os.path.join("traces", n), Trace) for n in self._recorded(".npz", events=False)}
        for n, path in self._spools(events=False):
            found[n] = self._keep(path, Trace)
        return found

    @property
    def events(self):
        """A dict of recorded events, by the name of the file without its suffix."""
        found = {n: self._keep(os.path.join("traces", n + suffix), Events) for suffix in (".npz", ".csv", ".parquet") for n in self._recorded(suffix, events=True)}
        for n, path in self._spools(events=True):
            found[n] = self._keep(path, Events)
        return found

    @property
    def tables(self):
        """A dict of what was recorded as CSV, Parquet or JSON Lines: a dict of columns each, by the name without suffix."""
        found = {}
        for suffix, read in ((".csv", read_csv), (".jsonl", read_jsonl), (".parquet", read_parquet)):
            found.update((n, self._keep(os.path.join("traces", n + suffix), read)) for n in self._recorded(suffix))
        return found

    def _names(self):
        folder = os.path.join(self.path, "traces")
        return [n for n in sorted(os.listdir(folder)) if not n.startswith(".")] if os.path.isdir(folder) else []

    def _recorded(self, suffix, events=None):
        ends = (suffix, suffix + PART, suffix + PART + "s") if suffix != ".parquet" else (suffix,)  # Parquet cannot be read before its end
        found = sorted({n[: n.rindex(suffix)] for n in self._names() if n.endswith(ends)})
        return [n for n in found if events is None or _is_events(_index(os.path.join(self.path, "traces", n))) == events]

    def _spools(self, events):
        """Return name and path of the spools that have not become what they are to become."""
        names = self._names()
        for n in names:
            if n.endswith(SPOOL) and n[: -len(SPOOL)] not in names:
                path = os.path.join("traces", n)
                if _is_events(_spool_index(os.path.join(self.path, path))[0]) == events:
                    yield os.path.splitext(n[: -len(SPOOL)])[0], path


def _index(base):
    """Return the index beside a recording, or an empty one."""
    if not os.path.exists(base + ".json"):
        return {}
    with open(base + ".json", encoding="utf-8") as f:
        return json.load(f)


def _is_events(index):
    return index.get("unit") == "events"


class Trace:
    """Arrays that were recorded together, a row for every moment.

    step, tick and ms say which update, which tick of it and what time of the engine a row is of (ms is NaN if the engine
    has no time); targets lists the vertices, levels or the network that the columns belong to.
    """

    def __init__(self, base):
        if base.endswith(SPOOL):
            self.arrays, self.index = read_spool(base)
        else:
            self.arrays, self.index = read_npz(base + ".npz"), _index(base)
            _rename(self.arrays, ["step", "tick", "ms"] + self.index.get("what", []))
        self.index = self.index or {"what": [n for n in self.arrays if n not in ("step", "tick", "ms")], "targets": []}
        rows = min((len(a) for a in self.arrays.values()), default=0)  # a killed run may have cut the last one
        self.arrays = {n: a[:rows] for n, a in self.arrays.items()}
        self.step, self.tick, self.ms = (self.arrays.get(n) for n in ("step", "tick", "ms"))
        self.what, self.targets = self.index["what"], [t["name"] for t in self.index["targets"]]

    def __getitem__(self, what):
        """Return all columns of a quantity: [moments, elements of all targets]."""
        if what not in self.arrays:
            raise KeyError(f"{what!r} was not recorded, there are: {', '.join(self.what)}")
        return self.arrays[what]

    def __len__(self):
        return len(next(iter(self.arrays.values()))) if self.arrays else 0

    def of(self, what, target):
        """Return a quantity of one target: [moments, *its shape]."""
        for t in self.index["targets"]:
            if t["name"] == target:
                part = self[what][:, t["offset"] : t["offset"] + t["elements"]]
                shape = t.get("shape")
                if shape is None:
                    shape = [] if t["elements"] == 1 else [t["elements"]]
                return part.reshape([len(part), *shape])
        raise KeyError(f"{target!r} was not recorded, there are: {', '.join(self.targets)}")


class Events:
    """Events in the order in which they were recorded: step, tick and ms say when, of[i] names the vertex and kind[i] what
    happened there. levels has the level of every vertex, by its name."""

    def __init__(self, path):
        base, suffix = os.path.splitext(path)
        if suffix == SPOOL:
            arrays, index = read_spool(path)
        elif suffix == ".npz":
            arrays, index = read_npz(path), _index(base)
            _rename(arrays, ["step", "tick", "ms", "of", "kind"])
        else:
            arrays, index = (read_csv if suffix == ".csv" else read_parquet)(path), _index(base)
        rows = min((len(a) for a in arrays.values()), default=0)
        arrays = {n: a[:rows] for n, a in arrays.items()}
        self.index, self.targets, self.kinds = index, [t["name"] for t in index["targets"]], index["kinds"]
        self.levels = {t["name"]: t["level"] for t in index["targets"]}
        self.step, self.tick, self.ms, self.of, self.kind = (arrays[n] for n in ("step", "tick", "ms", "of", "kind"))
        if self.of.dtype.kind != "U":
            self.of = np.array(self.targets, dtype=str)[self.of.astype(np.int64)] if rows else np.array([], dtype=str)
            self.kind = np.array(self.kinds, dtype=str)[self.kind.astype(np.int64)] if rows else np.array([], dtype=str)

    def __len__(self):
        return len(self.step)

    def times(self, target, kind):
        """Return the times in ms of what happened at a vertex; its ticks if the engine has no time."""
        here = (self.of == target) & (self.kind == kind)
        return self.ms[here] if not np.isnan(self.ms).any() else self.tick[here]


def _complete(path):
    """Return path, or where the file is if it is not complete."""
    for part in (path, path + PART, path + PART + "s"):
        if os.path.exists(part):
            return part
    return path


def _rename(arrays, names):
    """Give arrays that an interrupted program left, which are numbered, their names."""
    for n in [n for n in arrays if n.isdigit()]:
        if int(n) < len(names):
            arrays[names[int(n)]] = arrays.pop(n)


def _spool_index(path):
    with open(path, "rb") as f:
        head = f.readline()
        return (json.loads(head) if head.endswith(b"\n") else {}), f.tell()


def read_spool(path):
    """Read what a run with checkpoints has recorded so far: a dict of arrays, and what they are."""
    index, start = _spool_index(path)
    width = 5 if _is_events(index) else 3 + len(index["what"]) * sum(t["elements"] for t in index["targets"])
    with open(path, "rb") as f:
        f.seek(start)
        data = np.frombuffer(f.read(), dtype="<f8")
    data = data[: len(data) // width * width].reshape(-1, width)
    if _is_events(index):
        names, columns = ["step", "tick", "ms", "of", "kind"], list(data.T)
    else:
        names = ["step", "tick", "ms"] + index["what"]
        columns = list(data[:, :3].T) + np.split(data[:, 3:], len(index["what"]), axis=1)
    whole = ("step", "tick", "of", "kind")
    return {n: c.astype(np.int64) if n in whole else c.copy() for n, c in zip(names, columns)}, index


def read_npz(path):
    """Read an NPZ archive, or the directory of its arrays if the run was killed."""
    path = _complete(path)
    if os.path.isdir(path):
        files = sorted(f for f in os.listdir(path) if f.endswith(".npy"))
        return {f[:-4]: _grown(os.path.join(path, f)) for f in files}
    with np.load(path, allow_pickle=False) as z:
        return {name: z[name] for name in z.files}


def _grown(path):
    """Read an array that was to grow: as many rows as its header says, none if it has no header yet."""
    return np.load(path, allow_pickle=False) if os.path.getsize(path) > 0 else np.empty((0, 0))


def read_csv(path):
    """Read a table as a dict of columns. A column is int64 if all its cells are whole numbers, float64 if all are numbers
    or empty (NaN), bool if all are true or false, and otherwise text."""
    path = _complete(path)
    with open(path, encoding="utf-8", newline="") as f:
        text = f.read()
    if path.endswith(PART):  # the last line may be cut
        text = text[: text.rfind("\n") + 1]
    rows = csv.reader(io.StringIO(text))
    names = next(rows, [])
    cells = [row for row in rows if len(row) == len(names)]
    return {name: _column([row[i] for row in cells]) for i, name in enumerate(names)}


def _column(cells):
    if cells and all(re.fullmatch("0|-?[1-9][0-9]{0,18}", c) for c in cells):
        whole = [int(c) for c in cells]
        if -(2**63) <= min(whole) and max(whole) < 2**63:
            return np.array(whole, dtype=np.int64)
    if cells and all(c in ("true", "false") for c in cells):
        return np.array([c == "true" for c in cells])
    try:
        return np.array([float(c) if c else math.nan for c in cells], dtype=np.float64)
    except ValueError:
        return np.array(cells, dtype=str)


def read_jsonl(path):
    """Read a table of one object a line. A number that was not finite is NaN."""
    rows = []
    with open(_complete(path), encoding="utf-8") as f:
        for line in f:
            if line.endswith("\n"):
                rows.append(json.loads(line))
    names = rows[0].keys() if rows else []
    return {n: np.array([math.nan if row[n] is None else row[n] for row in rows]) for n in names}


def read_parquet(path):
    """Read a table that retrodict wrote as Parquet: flat columns of numbers and text, stored plainly or with a dictionary,
    compressed by Snappy or not. For other files use a library."""
    with open(path, "rb") as f:
        data = f.read()
    if len(data) < 12 or data[:4] != b"PAR1" or data[-4:] != b"PAR1":
        raise ValueError(f"{path}: no complete Parquet file")
    meta = _thrift(data, len(data) - 8 - struct.unpack("<I", data[-8:-4])[0])[0]
    schema = [e for e in meta[2] if 5 not in e]  # the leaves
    parts = [[] for _ in schema]
    for group in meta.get(4, []):
        for part, chunk in zip(parts, group[1]):
            part.extend(_chunk(data, chunk[3]))
    empty = {1: np.int64, 2: np.int64, 5: np.float64, 6: str}
    return {e[4].decode(): np.concatenate(p) if p else np.array([], dtype=empty.get(e[1])) for e, p in zip(schema, parts)}


def _chunk(data, meta):
    """Return the values of a column in one row group, an array for every page."""
    at, left, words, pages = min(meta.get(11, meta[9]), meta[9]), meta[5], None, []
    while left > 0:
        head, at = _thrift(data, at)
        body = data[at : at + head[3]]
        at += head[3]
        if head[1] == 3:  # a data page of version 2; columns are required, and so have no levels
            page, packed = head[8], head[8].get(7, True)
            skip, encoding = page.get(5, 0) + page.get(6, 0), page[4]
            body = body[:skip] + (_unsnap(body[skip:]) if packed and meta[4] == 1 else body[skip:])
            body = body[skip:]
        else:
            page = head.get(5) or head[7]
            encoding = page[2]
            body = _unsnap(body) if meta[4] == 1 else body
        if head[1] == 2:
            words = _plain(body, meta[1], page[1])
            continue
        left -= page[1]
        pages.append(words[_indices(body, page[1])] if encoding in (2, 8) else _plain(body, meta[1], page[1]))
    return pages


def _plain(body, kind, n):
    if kind == 6:  # text: length and bytes
        words, at = [], 0
        for _ in range(n):
            size = struct.unpack_from("<I", body, at)[0]
            words.append(body[at + 4 : at + 4 + size].decode())
            at += 4 + size
        return np.array(words, dtype=str)
    if kind == 0:
        return np.unpackbits(np.frombuffer(body, dtype=np.uint8), bitorder="little")[:n].astype(bool)
    return np.frombuffer(body, dtype={1: "<i4", 2: "<i8", 4: "<f4", 5: "<f8"}[kind])[:n]


def _indices(body, n):
    """Decode runs and packed groups of small whole numbers."""
    width, at, out = body[0], 1, []
    while sum(map(len, out)) < n:
        head, at = _varint(body, at)
        if head & 1:
            size = (head >> 1) * width
            bits = np.unpackbits(np.frombuffer(body[at : at + size], dtype=np.uint8), bitorder="little").reshape(-1, max(width, 1))
            out.append(bits.astype(np.int64) @ (1 << np.arange(width)) if width else np.zeros((head >> 1) * 8, dtype=np.int64))
            at += size
        else:
            size = (width + 7) // 8
            out.append(np.full(head >> 1, int.from_bytes(body[at : at + size], "little"), dtype=np.int64))
            at += size
    return np.concatenate(out)[:n] if out else np.zeros(0, dtype=np.int64)


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def _unsnap(data):
    """Decompress a block of Snappy."""
    size, at = _varint(data, 0)
    out = bytearray()
    while at < len(data):
        tag, at = data[at], at + 1
        kind, n = tag & 3, tag >> 2
        if kind == 0:
            if n >= 60:
                more = n - 59
                n, at = int.from_bytes(data[at : at + more], "little"), at + more
            out += data[at : at + n + 1]
            at += n + 1
            continue
        if kind == 1:
            n, back, at = 4 + (n & 7), (tag >> 5) << 8 | data[at], at + 1
        else:
            more = 2 if kind == 2 else 4
            n, back, at = n + 1, int.from_bytes(data[at : at + more], "little"), at + more
        start = len(out) - back
        if start < 0 or back == 0:
            raise ValueError("damaged: a copy from before the beginning")
        piece = bytes(out[start : start + n])
        out += (piece * (n // len(piece) + 1))[:n]
    if len(out) != size:
        raise ValueError("damaged: a block of another size")
    return bytes(out)


def _thrift(data, at):
    """Read a structure in Thrift's compact form as a dict by field number, and return where it ends."""
    fields, last = {}, 0
    while True:
        head, at = data[at], at + 1
        if head == 0:
            return fields, at
        if head >> 4:
            last += head >> 4
        else:
            last, at = _zigzag(data, at)
        kind = head & 15
        if kind in (1, 2):
            fields[last] = kind == 1
        else:
            fields[last], at = _value(data, at, kind)


def _zigzag(data, at):
    value, at = _varint(data, at)
    return (value >> 1) ^ -(value & 1), at


def _value(data, at, kind):
    if kind in (1, 2):
        return data[at] == 1, at + 1
    if kind == 3:
        return data[at], at + 1
    if kind in (4, 5, 6):
        return _zigzag(data, at)
    if kind == 7:
        return struct.unpack_from("<d", data, at)[0], at + 8
    if kind == 8:
        size, at = _varint(data, at)
        return data[at : at + size], at + size
    if kind in (9, 10):
        head, at = data[at], at + 1
        size = head >> 4
        if size == 15:
            size, at = _varint(data, at)
        out = []
        for _ in range(size):
            item, at = _value(data, at, head & 15)
            out.append(item)
        return out, at
    if kind == 12:
        return _thrift(data, at)
    raise ValueError("damaged: no such type")


_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "|i1", "U8": "|u1", "BOOL": "|b1"}


def read_safetensors(path):
    """Read a safetensors file as a dict of arrays, in the order of its header."""
    with open(path, "rb") as f:
        data = f.read()
    if len(data) < 8 or (size := struct.unpack("<Q", data[:8])[0]) > len(data) - 8:
        raise ValueError(f"{path}: no safetensors file, or cut off")
    header, data = json.loads(data[8 : 8 + size]), data[8 + size :]
    arrays = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        if entry["dtype"] not in _TYPES:
            raise ValueError(f"{path}: {name} is of type {entry['dtype']}, which NumPy does not have")
        arrays[name] = np.frombuffer(data[begin:end], dtype=_TYPES[entry["dtype"]]).reshape(entry["shape"]).copy()
    return arrays


# Two-sided 95 % quantiles of Student's t for 1 to 30 degrees of freedom; beyond, that of the normal distribution.
_T95 = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060, 2.2622, 2.2281, 2.2010, 2.1788, 2.1604, 2.1448, 2.1314,
        2.1199, 2.1098, 2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639, 2.0595, 2.0555, 2.0518, 2.0484, 2.0452, 2.0423]


def bands(x, y):
    """Return the distinct x, and the mean of y at each with the half-width of its 95 % confidence interval over seeds
    (Student's t; NaN for a single seed). Values of y that are NaN are left out."""
    x, y = np.asarray(x), np.asarray(y, dtype=float)
    places = np.unique(x)
    means, halves = np.full(len(places), math.nan), np.full(len(places), math.nan)
    for i, place in enumerate(places):
        v = y[(x == place) & ~np.isnan(y)]
        if len(v) > 0:
            means[i] = v.mean()
        if len(v) > 1:
            t = _T95[len(v) - 2] if len(v) - 2 < len(_T95) else 1.96
            halves[i] = t * v.std(ddof=1) / math.sqrt(len(v))
    return places, means, halves
