"""Read what retrodict writes. One file; needs Python 3.9 and NumPy, nothing else.

    run = retrodict.Run("runs/20250101-120000-digits-s7")
    run.manifest["seed"], run.metrics["accuracy"], run.parameters["layer0.w"]
    trace = run.traces["01-value-error"]
    trace.ms, trace.of("value", "hidden/0")     # one row for every moment recorded

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

__all__ = ["Run", "Trace", "latest", "read_csv", "read_jsonl", "read_npz", "read_safetensors", "bands"]

PART = ".part"  # the end of the name of a file that is not complete


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
        if name not in self._kept:
            self._kept[name] = read(os.path.join(self.path, name))
        return self._kept[name]

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
        """A dict of what was recorded as arrays, by the name of the file without its suffix."""
        return {n: self._keep(os.path.join("traces", n), Trace) for n in self._recorded(".npz")}

    @property
    def tables(self):
        """A dict of what was recorded as CSV or JSON Lines: a dict of columns each, by the name without suffix."""
        found = {n: self._keep(os.path.join("traces", n + ".csv"), read_csv) for n in self._recorded(".csv")}
        found.update((n, self._keep(os.path.join("traces", n + ".jsonl"), read_jsonl)) for n in self._recorded(".jsonl"))
        return found

    def _recorded(self, suffix):
        folder = os.path.join(self.path, "traces")
        names = os.listdir(folder) if os.path.isdir(folder) else []
        ends = (suffix, suffix + PART)
        return sorted({n[: n.rindex(suffix)] for n in names if n.endswith(ends) and not n.startswith(".")})


class Trace:
    """Arrays that were recorded together, a row for every moment.

    step, tick and ms say which update, which tick of it and what time of the engine a row is of (ms is NaN if the engine
    has no time); targets lists the vertices, levels or the network that the columns belong to.
    """

    def __init__(self, base):
        self.arrays = read_npz(base + ".npz")
        self.index = {"what": [n for n in self.arrays if n not in ("step", "tick", "ms")], "targets": []}
        if os.path.exists(base + ".json"):
            with open(base + ".json", encoding="utf-8") as f:
                self.index = json.load(f)
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


def _complete(path):
    """Return path, or where the file is if it is not complete."""
    return path if os.path.exists(path) or not os.path.exists(path + PART) else path + PART


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
