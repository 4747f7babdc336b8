#!/usr/bin/env python3
"""PyTorch BP baseline: one JSON line per job and dtype, {"job", "dtype", "threads", "ms", "min", "max", "n"}.

    apt-get install -y --no-install-recommends python3-torch        (Debian 12: 1.13.1, OpenBLAS)
    OPENBLAS_NUM_THREADS=2 OMP_NUM_THREADS=2 /usr/bin/python3 torch_bp.py [--jobs mlp20,rnn] [--dtypes f32,f64] [--threads 2] [--reps 15]

One "update" = forward, loss, backward and SGD step on one fixed batch, median wall time. On a 2-core machine
OPENBLAS_NUM_THREADS=1 with 2 torch threads is often PyTorch's fastest setting: compare with the better of both.
Every job is defined here so that another implementation can run exactly the same work.
With --turns it measures one repetition for every line of standard input and prints {"ms"}: so programs can take turns.
"""
import argparse, json, statistics, sys, time
import torch, torch.nn as nn, torch.nn.functional as F

def half_sse(y, t): return 0.5 * ((y - t) ** 2).sum()
def ce(y, t): return F.cross_entropy(y.reshape(-1, y.shape[-1]), t.reshape(-1))      # mean over rows

class Rnn(nn.Module):
    "many-to-one, h = tanh(Wx x_t + b + Wh h), 10 steps, read out from the last state"
    def __init__(s):
        super().__init__(); s.x = nn.Linear(32, 128); s.h = nn.Linear(128, 128, bias=False); s.o = nn.Linear(128, 10)
    def forward(s, x):
        h = torch.zeros(x.shape[1], 128, dtype=x.dtype)
        for xt in x: h = torch.tanh(s.x(xt) + s.h(h))
        return s.o(h)

class Block(nn.Module):
    def __init__(s, ci, co, stride):
        super().__init__()
        s.c1, s.n1 = nn.Conv2d(ci, co, 3, stride, 1, bias=False), nn.BatchNorm2d(co)
        s.c2, s.n2 = nn.Conv2d(co, co, 3, 1, 1, bias=False), nn.BatchNorm2d(co)
        s.d = nn.Identity() if ci == co and stride == 1 else nn.Sequential(nn.Conv2d(ci, co, 1, stride, bias=False), nn.BatchNorm2d(co))
    def forward(s, x): return F.relu(s.n2(s.c2(F.relu(s.n1(s.c1(x))))) + s.d(x))

class ResNet18(nn.Module):
    "ImageNet stem on 32x32 inputs, batch normalisation in training mode"
    def __init__(s):
        super().__init__(); L = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]; ci = 64
        for i, co in enumerate((64, 128, 256, 512)): L += [Block(ci, co, 1 if i == 0 else 2), Block(co, co, 1)]; ci = co
        s.body, s.o = nn.Sequential(*L), nn.Linear(512, 10)
    def forward(s, x): return s.o(s.body(x).mean((2, 3)))

class Transformer(nn.Module):
    "two post-norm encoder layers, d 128, 4 heads, feed-forward 512 (ReLU), no dropout, read-out to 64 classes at every position"
    def __init__(s):
        super().__init__(); s.e = nn.TransformerEncoder(nn.TransformerEncoderLayer(128, 4, 512, dropout=0.0, batch_first=True), 2); s.o = nn.Linear(128, 64)
    def forward(s, x): return s.o(s.e(x))

def mlp(): return nn.Sequential(nn.Linear(784, 256), nn.Tanh(), nn.Linear(256, 256), nn.Tanh(), nn.Linear(256, 10))
def lenet(): return nn.Sequential(nn.Conv2d(3, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
                                  nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
def cnn3(): return nn.Sequential(nn.Conv2d(3, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
                                 nn.Conv2d(64, 128, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2048, 256), nn.ReLU(), nn.Linear(256, 10))
def onehot(n): return F.one_hot(torch.randint(0, 10, (n,)), 10).to(torch.get_default_dtype())
R = torch.rand
JOBS = {   # name: (model, input, target, loss)
    "mlp20": (mlp, lambda: R(20, 784), lambda: onehot(20), half_sse),
    "mlp128": (mlp, lambda: R(128, 784), lambda: onehot(128), half_sse),
    "rnn": (Rnn, lambda: torch.randn(10, 20, 32), lambda: onehot(20), half_sse),
    "lenet": (lenet, lambda: R(20, 3, 32, 32), lambda: onehot(20), half_sse),
    "cnn3": (cnn3, lambda: R(20, 3, 32, 32), lambda: onehot(20), half_sse),
    "resnet18": (ResNet18, lambda: R(16, 3, 32, 32), lambda: torch.randint(0, 10, (16,)), ce),
    "transformer": (Transformer, lambda: torch.randn(16, 32, 128), lambda: torch.randint(0, 64, (16, 32)), ce),
}

def main():
    p = argparse.ArgumentParser()
    p.add_argument("--jobs", default=",".join(JOBS)); p.add_argument("--dtypes", default="f32,f64")
    p.add_argument("--threads", type=int, default=2); p.add_argument("--reps", type=int, default=15)
    p.add_argument("--turns", action="store_true")
    a = p.parse_args(); torch.set_num_threads(a.threads)
    for job in a.jobs.split(","):
        for dt in a.dtypes.split(","):
            torch.set_default_dtype(torch.float32 if dt == "f32" else torch.float64); torch.manual_seed(0)
            make, inp, tgt, loss = JOBS[job]; m, x, t = make(), inp(), tgt(); opt = torch.optim.SGD(m.parameters(), lr=0.01)
            def update(): opt.zero_grad(set_to_none=True); loss(m(x), t).backward(); opt.step()
            for _ in range(3): update()
            t0 = time.perf_counter(); update(); once = time.perf_counter() - t0
            inner = max(1, int(0.05 / once)); ms = []
            def measure():
                t0 = time.perf_counter()
                for _ in range(inner): update()
                return (time.perf_counter() - t0) / inner * 1e3
            if a.turns:
                print(json.dumps({"version": torch.__version__}), flush=True)
                for _ in sys.stdin: print(json.dumps({"ms": measure()}), flush=True)
                return
            for _ in range(a.reps): ms.append(measure())
            print(json.dumps({"job": job, "dtype": dt, "threads": a.threads, "ms": round(statistics.median(ms), 4), "min": round(min(ms), 4), "max": round(max(ms), 4), "n": a.reps}), flush=True)

main()
