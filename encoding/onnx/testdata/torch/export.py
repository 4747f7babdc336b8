#!/usr/bin/python3
"""Exports small float64 models with Debian's python3-torch (1.13): for each NAME.onnx, with input, target, outputs and
autograd's gradients of half the squared error in NAME.npz. Run in this folder: ./export.py"""
import math
import warnings
import numpy as np
import torch
from torch import nn
import torch.nn.functional as F

warnings.filterwarnings("ignore")
torch.set_default_dtype(torch.float64)


class Flat(nn.Module):  # the shape of a reshape is computed from that of the input
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(12, 5), nn.Linear(5, 3)

    def forward(self, x):
        return self.b(torch.tanh(self.a(x.view(x.size(0), -1)))).view(x.size(0), 3, -1).squeeze(2)


class Skips(nn.Module):  # unequal arms, a weight used twice, x·x
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x):
        h = torch.sigmoid(self.a(x))
        k = self.b(self.a(F.leaky_relu(h, 0.03))) + x
        return h * h + k / (1 + F.softplus(x)) - self.b.bias


class CNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv2d(2, 4, 3, padding=1, stride=2)
        self.bn = nn.BatchNorm2d(4)
        self.c2 = nn.Conv2d(4, 4, 3, padding=2, dilation=2, groups=4, bias=False)
        self.up = nn.ConvTranspose2d(4, 3, 3, stride=2, output_padding=1, padding=1)
        self.gn = nn.GroupNorm(1, 3)
        self.pr = nn.PReLU(3)
        self.fc = nn.Linear(3, 2)

    def forward(self, x):
        x = F.relu(self.bn(self.c1(x)))
        x = F.max_pool2d(self.c2(x) + x, 2, 1, ceil_mode=True)
        x = self.pr(self.gn(self.up(x)))
        x = F.avg_pool2d(F.pad(x, (1, 2, 0, 1), mode="reflect"), 3, 2, 1, count_include_pad=False)
        return self.fc(F.adaptive_avg_pool2d(x, 1).flatten(1))


class Block(nn.Module):  # of a residual network, in training
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(2, 4, 3, 2, 1, bias=False), nn.Conv2d(4, 4, 3, 1, 1, bias=False)
        self.b1, self.b2 = nn.BatchNorm2d(4), nn.BatchNorm2d(4)
        self.down = nn.Conv2d(2, 4, 1, 2, bias=False)

    def forward(self, x):
        return F.relu(self.b2(self.c2(F.relu(self.b1(self.c1(x))))) + self.down(x)).mean((2, 3))


class Recurrent(nn.Module):
    def __init__(self, kind, **kw):
        super().__init__()
        self.r = kind(3, 4, **kw)
        self.fc = nn.Linear(8 if kw.get("bidirectional") else 4, 2)

    def forward(self, x):
        y, _ = self.r(x)
        return self.fc(y)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.e = nn.TransformerEncoderLayer(8, 2, 12, dropout=0.0, batch_first=True, activation="gelu")
        self.fc = nn.Linear(8, 2)

    def forward(self, x):
        return self.fc(self.e(x).mean(1))


class LM(nn.Module):  # causal, tied embeddings
    def __init__(self):
        super().__init__()
        self.tok, self.pos = nn.Embedding(7, 8), nn.Embedding(6, 8)
        self.qkv, self.out = nn.Linear(8, 24), nn.Linear(8, 8)
        self.n1, self.n2 = nn.LayerNorm(8), nn.LayerNorm(8)

    def forward(self, i):
        b, t = i.shape
        x = self.tok(i) + self.pos(torch.arange(t))
        q, k, v = self.qkv(self.n1(x)).chunk(3, -1)
        q, k, v = (z.view(b, t, 2, 4).transpose(1, 2) for z in (q, k, v))
        a = q @ k.transpose(-1, -2) / math.sqrt(4)
        a = a.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), float("-inf"))
        x = x + self.out((a.softmax(-1) @ v).transpose(1, 2).reshape(b, t, 8))
        return F.linear(self.n2(x), self.tok.weight)


class Shapes(nn.Module):  # attention by einsum, glu, interpolation, pixel shuffle, split, where, cumsum
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.randn(4, 6))
        self.c = nn.Conv2d(1, 8, 1)

    def forward(self, x):
        y = torch.einsum("bij,jk->bik", x, self.w)
        a, b = torch.split(F.glu(y, -1), [1, 2], dim=-1)
        z = torch.cat([a.expand(-1, -1, 2), b], -1).unsqueeze(1)
        z = F.pixel_shuffle(self.c(z), 2)
        z = F.interpolate(z, scale_factor=2, mode="bilinear", align_corners=False)[:, :, ::3, 1:-1]
        z = torch.where(z > 0, z, z.exp() - 1).cumsum(-1)
        z = F.interpolate(z, size=(3, 5), mode="nearest")
        return (z.clamp(-0.5, 2.5) + z.norm(dim=-1, keepdim=True) + z.logsumexp(-1, keepdim=True)).flatten(1)


def save(name, model, x, train=False, opset=17, dynamic=True):
    torch.manual_seed(len(name))
    for p in model.parameters():
        nn.init.normal_(p, std=0.5)
    for m in model.modules():
        if isinstance(m, nn.BatchNorm2d):
            m.running_mean.normal_()
            m.running_var.uniform_(0.5, 2)
    model.train(train)
    y = model(x)
    torch.manual_seed(1)
    target = torch.randn_like(y)
    (0.5 * (y - target) ** 2).sum().backward()
    data = {"input": x.numpy(), "target": target.numpy(), "output": y.detach().numpy()}
    for k, p in model.named_parameters():
        data["grad:" + k] = p.grad.numpy()
    np.savez(name + ".npz", **data)
    mode = torch.onnx.TrainingMode.PRESERVE  # EVAL would fuse batch norms into convolutions
    torch.onnx.export(model, (x,), name + ".onnx", opset_version=opset, do_constant_folding=False, training=mode,
                      input_names=["input"], output_names=["output"], dynamic_axes={"input": {0: "batch"}} if dynamic else None)


torch.manual_seed(0)
save("flat", Flat(), torch.randn(3, 3, 4))
save("flat9", Flat(), torch.randn(3, 3, 4), opset=9)
save("skips", Skips(), torch.randn(3, 4), opset=11)
save("cnn", CNN(), torch.randn(2, 2, 9, 9), opset=13)
save("block", Block(), torch.randn(3, 2, 6, 6), train=True, opset=14)
save("lstm", Recurrent(nn.LSTM, num_layers=2, bidirectional=True, batch_first=True), torch.randn(2, 5, 3), dynamic=False)
save("gru", Recurrent(nn.GRU, bidirectional=True), torch.randn(5, 2, 3), dynamic=False, opset=9)
save("rnn", Recurrent(nn.RNN, nonlinearity="relu", bias=False), torch.randn(5, 2, 3), opset=16)
save("encoder", Encoder(), torch.randn(2, 5, 8), train=True, opset=14)
save("lm", LM(), torch.randint(0, 7, (2, 6)))
save("shapes", Shapes(), torch.randn(2, 4, 4), opset=16, dynamic=False)
