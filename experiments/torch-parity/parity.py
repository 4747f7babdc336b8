#!/usr/bin/python3
"""Compares `retrodict grad` with PyTorch's autograd in float64 on exported models. See README.md."""
import argparse
import csv
import os
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import torch
import torch.nn.functional as F

from models import MODELS

TOLERANCE = 1e-11  # ‖a − b‖ / ‖b‖ of one tensor
ZERO = 1e-12  # of the model's largest gradient: below it a tensor is zero but for rounding


def prepare(name):
    """Returns the model with random parameters, no two alike: the exporter merges initializers of equal value."""
    torch.manual_seed(1)
    build, inputs, loss, training = MODELS[name]
    model, inputs = build(), inputs()
    for p in model.parameters():
        p.data += 0.05 * torch.randn_like(p)
    for b in model.modules():
        if isinstance(b, torch.nn.modules.batchnorm._BatchNorm) and b.running_mean is not None:
            b.running_mean.normal_(0, 0.1)
            b.running_var.uniform_(0.5, 1.5)
    for d in model.modules():
        if isinstance(d, torch.nn.Dropout):
            d.p = 0.0
    return model.train(training), inputs, loss


def export(model, inputs, path):
    names = ["in%d" % i for i in range(len(inputs))]
    state = [(b, b.clone()) for b in model.buffers()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(model, inputs, path, opset_version=16, input_names=names, output_names=["output"], do_constant_folding=False,
                          training=torch.onnx.TrainingMode.PRESERVE, dynamic_axes={n: {0: "batch"} for n in names})
    for buffer, before in state:  # running statistics, which tracing has moved
        buffer.copy_(before)
    return names


def hardsigmoid(self, x):
    return F.relu6(x + 3) / 6


def reference(model, inputs, loss):
    """Returns the target, autograd's loss, output, and gradients under all names that a parameter has. PyTorch's own
    hardsigmoid is differentiated with 1/6 in float32, 3e-8 away, also in float64: here it is written out."""
    theirs, torch.nn.Hardsigmoid.forward = torch.nn.Hardsigmoid.forward, hardsigmoid
    out = model(*inputs)
    torch.nn.Hardsigmoid.forward = theirs
    if loss == "mse":
        target = torch.randn_like(out)
        value = 0.5 * ((out - target) ** 2).sum() / out.shape[0]
    else:
        target = torch.randint(out.shape[-1], out.shape[:-1])
        value = F.cross_entropy(out.reshape(-1, out.shape[-1]), target.reshape(-1))
    value.backward()
    grads = {}
    for name, p in named(model):
        grads.setdefault(id(p), ([], p))[0].append(name)
    return target, value.item(), out.detach().numpy(), [(names, p.grad) for names, p in grads.values()]


def named(model):
    """Like named_parameters, with every name of a tied parameter."""
    for prefix, module in model.named_modules():
        for name, p in module._parameters.items():
            if p is not None:
                yield (prefix + "." if prefix else "") + name, p


def run(retrodict, folder, names, loss, engine):
    out = os.path.join(folder, engine + ".npz")
    args = [retrodict, "grad", "--onnx", os.path.join(folder, "model.onnx"), "--target", os.path.join(folder, "target.npy"),
            "--loss", loss, "--engine", engine, "--out", out]
    for n in names:
        args += ["--input", n + "=" + os.path.join(folder, n + ".npy")]
    done = subprocess.run(args, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return dict(np.load(out))


def distance(a, b):
    if a.shape != b.shape:
        return np.inf
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(b), 1e-300))


def compare(retrodict, name):
    model, inputs, loss = prepare(name)
    with tempfile.TemporaryDirectory() as folder:
        names = export(model, inputs, os.path.join(folder, "model.onnx"))
        target, value, output, grads = reference(model, inputs, loss)
        for n, x in zip(names, inputs):
            np.save(os.path.join(folder, n + ".npy"), x.numpy())
        np.save(os.path.join(folder, "target.npy"), target.numpy())
        got = run(retrodict, folder, names, loss, "bp")
        row = {"model": name, "loss": loss, "tensors": len(grads), "parameters": sum(g.numel() for _, g in grads if g is not None),
               "output": distance(got["output"], output), "worst": 0.0, "where": "", "zero": 0}
        top = max(float(g.norm()) for _, g in grads if g is not None)
        for known, g in grads:
            ours = [n for n in known if n in got]
            if len(ours) != 1:
                raise RuntimeError("parameter %s: %d of its names are in the result" % (known[0], len(ours)))
            want = np.zeros_like(got[ours[0]]) if g is None else g.numpy()
            if np.linalg.norm(want) <= ZERO * top:
                row["zero"] += 1
                d = 0.0 if np.linalg.norm(got[ours[0]]) <= ZERO * top else np.inf
            else:
                d = distance(got[ours[0]], want)
            if d > row["worst"]:
                row["worst"], row["where"] = d, ours[0]
        row["loss difference"] = abs(float(got["loss"]) - value) / abs(value)
        row["engines"] = "-"
        if row["parameters"] < 2e5:  # pc and actors too: the same bits
            same = all(a.tobytes() == got[k].tobytes() for e in ("pc", "actors") for k, a in run(retrodict, folder, names, loss, e).items())
            row["engines"] = "equal" if same else "DIFFER"
        row["passed"] = max(row["worst"], row["output"], row["loss difference"]) <= TOLERANCE and row["engines"] != "DIFFER"
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--retrodict", default="bin/retrodict")
    parser.add_argument("--csv", help="write the table here")
    parser.add_argument("models", nargs="*", metavar="MODEL", help="default: all")
    args = parser.parse_args()
    torch.set_default_dtype(torch.float64)
    rows, failed = [], []
    print("%-22s %-13s %8s %11s %5s  %9s %9s  %-8s %s" % ("model", "loss", "tensors", "parameters", "zero", "output", "gradient", "pc,actors", ""))
    for name in args.models or MODELS:
        try:
            r = compare(args.retrodict, name)
        except Exception as e:  # the next model may do better
            print("%-22s FAILED: %s" % (name, e), flush=True)
            failed.append(name)
            continue
        rows.append(r)
        print("%-22s %-13s %8d %11d %5d  %9.1e %9.1e  %-8s %s" % (name, r["loss"], r["tensors"], r["parameters"], r["zero"], r["output"], r["worst"],
              r["engines"], "" if r["passed"] else "FAILED at " + (r["where"] or "output")), flush=True)
        if not r["passed"]:
            failed.append(name)
    if args.csv:
        with open(args.csv, "w", newline="") as f:
            w = csv.writer(f)
            w.writerow(["model", "loss", "tensors", "parameters", "zero tensors", "output", "gradient", "pc and actors"])
            for r in rows:
                w.writerow([r["model"], r["loss"], r["tensors"], r["parameters"], r["zero"], "%.1e" % r["output"], "%.1e" % r["worst"], r["engines"]])
    print("%d of %d models agree to %g with PyTorch %s" % (len(rows) - len([n for n in failed if n in [r["model"] for r in rows]]),
          len(args.models or MODELS), TOLERANCE, torch.__version__))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
