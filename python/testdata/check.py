"""Print what retrodict.py finds in a folder, bits of floats as hex, as JSON: the test compares it with what was written."""
import json
import sys

import numpy as np

import retrodict


def plain(a):
    a = np.asarray(a)
    values = [float(x).hex() for x in a.ravel()] if a.dtype.kind == "f" else a.ravel().tolist()
    return {"kind": a.dtype.kind, "shape": list(a.shape), "values": values}


run = retrodict.Run(sys.argv[1])
out = {
    "manifest": run.manifest["seed"],
    "config": run.config,
    "metrics": {n: plain(c) for n, c in run.metrics.items()},
    "parameters": {n: plain(a) for n, a in run.parameters.items()},
    "traces": {n: {w: {t: plain(tr.of(w, t)) for t in tr.targets} for w in tr.what} for n, tr in run.traces.items()},
    "steps": {n: plain(tr.step) for n, tr in run.traces.items()},
    "tables": {n: {c: plain(a) for c, a in t.items()} for n, t in run.tables.items()},
    "events": {n: {c: plain(getattr(e, c)) for c in ("step", "tick", "ms", "of", "kind")} for n, e in run.events.items()},
    "latest": retrodict.latest(sys.argv[1] + "/..").path.split("/")[-1] == run.path.split("/")[-1],
    "bands": [plain(a) for a in retrodict.bands([1, 1, 2, 2, 2, 3], [1.0, 3.0, 5.0, 5.0, float("nan"), 7.0])],
}
json.dump(out, sys.stdout)
