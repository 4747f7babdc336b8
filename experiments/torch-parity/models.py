"""Models for the comparison with autograd: torchvision's, and some that are awkward to differentiate or to import."""
import math
import torch
import torch.nn.functional as F
import torchvision.models as tv
from torch import nn


class Skips(nn.Module):
    """Arms of unequal length, a weight used three times, multi-edges: x·x, x + x, x/x."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(12, 12), nn.Linear(12, 12), nn.Linear(12, 5)

    def forward(self, x):
        h = torch.tanh(self.a(x))
        k = self.b(torch.sigmoid(self.a(F.elu(self.a(h))))) + x
        m = h * h + k + k + torch.exp(-h * h) / (1 + k * k)
        return self.c(m + h - x) * self.c.bias


class Reshapes(nn.Module):
    """Shapes that are computed from the shape of the input."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(6, 8), nn.Linear(16, 3)

    def forward(self, x):
        n, t = x.size(0), x.size(1)
        y = torch.tanh(self.a(x)).view(n, t // 2, -1).transpose(0, 1)
        y = y.reshape(n * (t // 2), -1)
        return self.b(y).view(t // 2, n, -1).permute(1, 0, 2).flatten(1)[:, 1:]


class Recurrent(nn.Module):
    def __init__(self, cell, **options):
        super().__init__()
        self.cell = cell(5, 7, batch_first=True, **options)
        self.out = nn.Linear(7 * (2 if options.get("bidirectional") else 1), 4)

    def forward(self, x):
        return self.out(self.cell(x)[0])


class TiedLM(nn.Module):
    """A causal language model whose read-out is the embedding."""

    def __init__(self, vocabulary=17, width=16, positions=9):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(vocabulary, width), nn.Parameter(torch.zeros(positions, width))
        self.block = nn.TransformerEncoderLayer(width, 4, 32, dropout=0.0, activation="gelu", batch_first=True, norm_first=True)
        self.norm, self.out = nn.LayerNorm(width), nn.Linear(width, vocabulary, bias=False)
        self.out.weight = self.embedding.weight
        self.register_buffer("mask", torch.full((positions, positions), -math.inf).triu(1))

    def forward(self, tokens):
        x = self.embedding(tokens) + self.positions
        return self.out(self.norm(self.block(x, src_mask=self.mask)))


class UNet(nn.Module):
    """Transposed convolution, bilinear and nearest resizing, concatenation over four levels."""

    def __init__(self):
        super().__init__()
        self.d1, self.d2, self.d3 = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 8, 3, 2, 1), nn.Conv2d(8, 8, 3, 2, 1)
        self.up, self.u2, self.u1 = nn.ConvTranspose2d(8, 8, 2, 2), nn.Conv2d(16, 4, 3, padding=1), nn.Conv2d(8, 3, 1)
        self.g1, self.g2, self.i3 = nn.GroupNorm(2, 4), nn.GroupNorm(4, 8), nn.InstanceNorm2d(8, affine=True)

    def forward(self, x):
        a = F.silu(self.g1(self.d1(x)))
        b = F.softplus(self.g2(self.d2(a)))
        c = F.leaky_relu(self.i3(self.d3(b)), 0.1)
        y = torch.cat([self.up(c), b], 1)
        y = torch.cat([F.interpolate(self.u2(y), scale_factor=2, mode="bilinear", align_corners=False), a], 1)
        return F.interpolate(self.u1(y), scale_factor=2, mode="nearest").mean((2, 3))


class Siamese(nn.Module):
    """Two inputs through one trunk."""

    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(10, 16), nn.Mish(), nn.Linear(16, 8), nn.Hardswish())
        self.scale = nn.Parameter(torch.tensor(0.7))

    def forward(self, left, right):
        a, b = self.trunk(left), self.trunk(right)
        return torch.cat([F.cosine_similarity(a, b, dim=1).unsqueeze(1), (a - b).abs() * self.scale, torch.maximum(a, b)], 1)


class Experts(nn.Module):
    """A soft mixture: einsum, stacked weights, log-sum-exp, cumulative sum, where, gather of constant indices."""

    def __init__(self):
        super().__init__()
        self.gate, self.w, self.v = nn.Linear(9, 4), nn.Parameter(torch.zeros(4, 9, 6)), nn.Parameter(torch.zeros(6, 6))
        self.register_buffer("order", torch.tensor([5, 0, 3, 3, 1]))

    def forward(self, x):
        y = torch.einsum("bi,kio->bko", x, self.w)
        y = (F.softmax(self.gate(x), 1).unsqueeze(2) * F.gelu(y)).sum(1)
        y = torch.where(y > 0, y @ self.v, torch.cumsum(y, 1) * 0.5)
        return y[:, self.order] - torch.logsumexp(y, 1, keepdim=True)


class WeightNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.utils.weight_norm(nn.Linear(7, 9))
        self.b = nn.utils.weight_norm(nn.Linear(9, 3), dim=None)

    def forward(self, x):
        return self.b(F.selu(self.a(x)))


class Convolutions(nn.Module):
    """One-dimensional, dilated, grouped, depthwise; average, Lp and ceil-mode pooling; padding of three kinds."""

    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv1d(3, 6, 5, stride=2, padding=2), nn.Conv1d(6, 6, 3, dilation=2, groups=6)
        self.c3, self.p = nn.Conv1d(6, 8, 3, groups=2, padding=1, padding_mode="reflect"), nn.PReLU(6)
        self.t, self.out = nn.ConvTranspose1d(8, 4, 4, stride=3, padding=1, output_padding=1, groups=2), nn.Linear(4, 4)

    def forward(self, x):
        x = self.p(self.c1(x))
        x = F.avg_pool1d(F.pad(self.c2(x), (2, 1)), 3, 2, 1, count_include_pad=False)
        x = F.max_pool1d(F.pad(x, (1, 1), mode="replicate"), 3, 2, ceil_mode=True)
        return self.out(F.relu6(self.t(self.c3(x)) + 1).amax(2))


class Deep(nn.Module):
    """Sixty residual layers with one weight for every third."""

    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(10, 10) for _ in range(20))

    def forward(self, x):
        for i in range(60):
            x = x + torch.tanh(self.layers[i // 3](x)) / 8
        return x


class Attention(nn.Module):
    """Cross attention of two sequences of different lengths."""

    def __init__(self):
        super().__init__()
        self.q, self.kv, self.out = nn.Linear(12, 12), nn.Linear(10, 24), nn.Linear(12, 5)

    def forward(self, x, y):
        n, t, _ = x.shape
        q = self.q(x).view(n, t, 3, 4).transpose(1, 2)
        k, v = self.kv(y).view(n, y.size(1), 2, 3, 4).permute(2, 0, 3, 1, 4)
        w = torch.softmax(q @ k.transpose(-2, -1) / 2, -1)
        return self.out((w @ v).transpose(1, 2).flatten(2))


def head(model, classes=10):
    """Gives vgg and alexnet a small classifier: theirs has 100 million weights."""
    channels = [m for m in model.features if isinstance(m, nn.Conv2d)][-1].out_channels
    model.avgpool, model.classifier = nn.AdaptiveAvgPool2d(1), nn.Linear(channels, classes)
    return model


class Only(nn.Module):
    """The entry "out" of what a segmentation model returns."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x)["out"]


def image(size, batch=2, channels=3):
    return lambda: (torch.randn(batch, channels, size, size),)


def normal(*shapes):
    return lambda: tuple(torch.randn(*s) for s in shapes)


# name: (model, inputs, loss, training)
MODELS = {
    "skips": (Skips, normal((6, 12)), "mse", False),
    "reshapes": (Reshapes, normal((3, 4, 6)), "mse", False),
    "rnn": (lambda: Recurrent(nn.RNN, nonlinearity="relu"), normal((3, 6, 5)), "mse", False),
    "lstm": (lambda: Recurrent(nn.LSTM, num_layers=2, bidirectional=True), normal((3, 6, 5)), "cross-entropy", False),
    "gru": (lambda: Recurrent(nn.GRU, bidirectional=True), normal((3, 6, 5)), "mse", False),
    "tied-lm": (TiedLM, lambda: (torch.randint(17, (3, 9)),), "cross-entropy", True),
    "unet": (UNet, image(16, channels=2), "mse", False),
    "siamese": (Siamese, normal((4, 10), (4, 10)), "mse", False),
    "experts": (Experts, normal((5, 9)), "mse", False),
    "weight-norm": (WeightNorm, normal((4, 7)), "cross-entropy", False),
    "convolutions": (Convolutions, normal((3, 3, 29)), "cross-entropy", False),
    "deep": (Deep, normal((4, 10)), "mse", False),
    "attention": (Attention, normal((2, 7, 12), (2, 5, 10)), "mse", False),
    "resnet18": (lambda: tv.resnet18(num_classes=10), image(64), "cross-entropy", False),
    "resnet18-training": (lambda: tv.resnet18(num_classes=10), image(64, 4), "cross-entropy", True),
    "mobilenet_v2": (lambda: tv.mobilenet_v2(num_classes=10), image(64), "cross-entropy", False),
    "mobilenet_v3_small": (lambda: tv.mobilenet_v3_small(num_classes=10), image(64), "cross-entropy", False),
    "squeezenet1_1": (lambda: tv.squeezenet1_1(num_classes=10), image(64), "cross-entropy", False),
    "vgg11": (lambda: head(tv.vgg11(init_weights=False)), image(32), "mse", False),
    "vgg11_bn-training": (lambda: head(tv.vgg11_bn(init_weights=False)), image(32), "mse", True),
    "alexnet": (lambda: head(tv.alexnet()), image(64), "cross-entropy", False),
    "densenet121": (lambda: tv.densenet121(num_classes=10), image(64), "cross-entropy", False),
    "shufflenet_v2_x0_5": (lambda: tv.shufflenet_v2_x0_5(num_classes=10), image(64), "cross-entropy", False),
    "googlenet": (lambda: tv.googlenet(num_classes=10, aux_logits=False, init_weights=False), image(64), "cross-entropy", False),
    "inception_v3": (lambda: tv.inception_v3(num_classes=10, aux_logits=False, init_weights=False), image(80), "mse", False),
    "mnasnet0_5": (lambda: tv.mnasnet0_5(num_classes=10), image(64), "cross-entropy", False),
    "efficientnet_b0": (lambda: tv.efficientnet_b0(num_classes=10), image(64), "cross-entropy", False),
    "regnet_y_400mf": (lambda: tv.regnet_y_400mf(num_classes=10), image(64), "cross-entropy", False),
    "convnext_tiny": (lambda: tv.convnext_tiny(num_classes=10), image(32), "cross-entropy", False),
    "vision_transformer": (lambda: tv.VisionTransformer(32, 8, 2, 4, 32, 64, num_classes=10), image(32), "cross-entropy", True),
    "swin": (lambda: tv.SwinTransformer([4, 4], 24, [2, 2], [2, 4], [4, 4], num_classes=10, stochastic_depth_prob=0.0), image(32), "mse", False),
    "lraspp_mobilenet_v3": (lambda: Only(tv.segmentation.lraspp_mobilenet_v3_large(num_classes=3, weights_backbone=None)), image(64), "mse", False),
}
