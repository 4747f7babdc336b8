package network

import (
	"fmt"
	"strconv"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A ResNet is a residual network of basic blocks [He et al. 2016]; the zero value is ResNet-18 with the ImageNet stem.
// With N for normalisation, a block computes
//
//	relu(N(conv(relu(N(conv(x))))) + x)
//
// where the first convolution has the block's stride, and x goes through a 1 × 1 convolution and N if channels or size
// change. Convolutions have no bias. Batch normalisation is that of training, over the statistics of the mini-batch, which
// running statistics observe; Network.Eval uses those instead.
//
// Names: stem, stem/norm, stem/relu, stem/pool; stageS/blockB/conv1, /norm1, /relu1, /conv2, /norm2, /skip, /skip/norm,
// /sum, /relu; mean; output. The parameters of a convolution are called after it, /w; of a normalisation /gain and
// /bias, and of batch normalisation the statistics /mean and /variance.
type ResNet struct {
	Image   []int  // channels, height and width; nil stands for 3, 32, 32
	Classes int    // 0 stands for 10
	Width   int    // channels of the first stage, which double from stage to stage; 0 stands for 64
	Blocks  []int  // number of blocks of each stage; nil stands for 2, 2, 2, 2
	Norm    string // "batch", or "group" for groups of eight or fewer channels; "" stands for "batch"
	Stem    string // "imagenet": 7 × 7, stride 2 and pooling; "small": 3 × 3 and no pooling; "" stands for "imagenet"
	Batch   int    // rows of a mini-batch; 0 stands for 1
	Init    Init
}

// Build returns the network, or an error that names the field that is wrong. Its output has shape [Batch, Classes].
func (c ResNet) Build() (*Network, error) {
	c = c.defaults()
	if err := c.check(); err != nil {
		return nil, err
	}
	n, err := c.build(false)
	if err != nil || c.Norm != "batch" {
		return n, err
	}
	eval, err := c.build(true)
	if err != nil {
		return nil, err
	}
	n.Eval = eval.Graph
	return n, nil
}

// build makes the network, for evaluation without initial values.
func (c ResNet) build(eval bool) (*Network, error) {
	m := newMaker(c.Init, c.Batch)
	m.blank = eval
	if m.err != nil {
		return nil, m.err
	}
	layers := 2
	for _, b := range c.Blocks {
		layers += 2 * b
	}
	n := Network{Name: fmt.Sprintf("resnet%d %s, width %d, %s norm", layers, sizes(c.Image), c.Width, c.Norm),
		X: tensor.Dims(m.batch, c.Image[0], c.Image[1], c.Image[2])}
	r := &residue{maker: m, norm: c.Norm, eval: eval}
	x := r.stem(m.Input("input", tensor.Float64, n.X), c.Width, c.Stem)
	for s, blocks := range c.Blocks {
		for b := range blocks {
			stride := 1
			if s > 0 && b == 0 {
				stride = 2
			}
			x = r.block("stage"+strconv.Itoa(s+1)+"/block"+strconv.Itoa(b+1), x, c.Width<<s, stride)
			if m.Err() != nil { // shapes are not known any more
				return m.finish(x, n)
			}
		}
	}
	x = m.Apply("mean", op.Mean([]int{2, 3}, false), x)
	return m.finish(m.linear("output", "output", x, c.Classes), n)
}

func (c ResNet) defaults() ResNet {
	if c.Image == nil {
		c.Image = []int{3, 32, 32}
	}
	if c.Classes == 0 {
		c.Classes = 10
	}
	if c.Width == 0 {
		c.Width = 64
	}
	if c.Blocks == nil {
		c.Blocks = []int{2, 2, 2, 2}
	}
	if c.Norm == "" {
		c.Norm = "batch"
	}
	if c.Stem == "" {
		c.Stem = "imagenet"
	}
	return c
}

func (c ResNet) check() error {
	if len(c.Image) != 3 || len(c.Blocks) == 0 || len(c.Blocks) > 8 {
		return fmt.Errorf("network: resnet: image %v, blocks %v: want channels, height and width, and one to eight stages", c.Image, c.Blocks)
	}
	for _, n := range append(append([]int{c.Classes, c.Width}, c.Image...), c.Blocks...) {
		if n < 1 || n > 1<<16 {
			return fmt.Errorf("network: resnet: a size is %d, want 1 to 65536", n)
		}
	}
	if c.Norm != "batch" && c.Norm != "group" {
		return fmt.Errorf("network: resnet: unknown norm %q: use batch or group", c.Norm)
	}
	if c.Stem != "imagenet" && c.Stem != "small" {
		return fmt.Errorf("network: resnet: unknown stem %q: use imagenet or small", c.Stem)
	}
	return nil
}

// residue is a maker of normalised convolutions.
type residue struct {
	*maker
	norm string
	eval bool // batch normalisation by running statistics
}

func (r *residue) normalise(name string, x graph.VertexID) graph.VertexID {
	if r.Err() != nil {
		return x
	}
	channels := r.Shape(x).Dim(1)
	gain, bias := r.filled(name+"/gain", 1, channels), r.filled(name+"/bias", 0, channels)
	if r.norm == "group" {
		groups := (channels + 7) / 8
		for channels%groups != 0 {
			groups++
		}
		return r.Apply(name, op.GroupNorm(groups, 1e-5), x, gain, bias)
	}
	o := op.BatchNormObserved(1e-5)
	if r.eval {
		o = op.BatchNorm(1e-5)
	}
	return r.Apply(name, o, x, gain, bias, r.statistic(name+"/mean", 0, channels), r.statistic(name+"/variance", 1, channels))
}

func (r *residue) relu(name string, x graph.VertexID) graph.VertexID {
	return r.Apply(name, op.Relu(), x)
}

func (r *residue) stem(x graph.VertexID, width int, kind string) graph.VertexID {
	if kind == "small" {
		x = r.conv("stem", "stem", x, width, 3, 1, 1, false)
		return r.relu("stem/relu", r.normalise("stem/norm", x))
	}
	x = r.conv("stem", "stem", x, width, 7, 2, 3, false)
	return r.Apply("stem/pool", maxPool(3, 2, 1), r.relu("stem/relu", r.normalise("stem/norm", x)))
}

func (r *residue) block(name string, x graph.VertexID, channels, stride int) graph.VertexID {
	if r.Err() != nil {
		return x
	}
	changes := r.Shape(x).Dim(1) != channels || stride != 1
	y := r.conv(name+"/conv1", name+"/conv1", x, channels, 3, stride, 1, false)
	y = r.relu(name+"/relu1", r.normalise(name+"/norm1", y))
	y = r.normalise(name+"/norm2", r.conv(name+"/conv2", name+"/conv2", y, channels, 3, 1, 1, false))
	if changes {
		x = r.normalise(name+"/skip/norm", r.conv(name+"/skip", name+"/skip", x, channels, 1, stride, 0, false))
	}
	return r.relu(name+"/relu", r.Apply(name+"/sum", op.Add(), y, x))
}
