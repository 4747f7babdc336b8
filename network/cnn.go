package network

import (
	"fmt"
	"strconv"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A Stage is a convolution with bias, its activation, and max pooling.
type Stage struct {
	Channels   int
	Kernel     int // side of the square kernel
	Stride     int // 0 stands for 1
	Pad        int
	Pool       int // side of the pooling window; 0: no pooling
	PoolStride int // 0 stands for Pool
}

// A CNN is a convolutional network for classification: stages, then fully connected layers. Names: convK/w [O, C, k, k],
// convK/b, convK/pre, convK and poolK for each stage; flat; hiddenK/w … and output as in MLP. LeNet, CNN3 and AlexNet
// return known ones.
type CNN struct {
	Name       string  // in Network.Name; "" stands for "cnn"
	Image      []int   // channels, height and width of an input
	Stages     []Stage // one or more
	Hidden     []int   // sizes of fully connected hidden layers
	Classes    int
	Activation string // "" stands for "relu"
	Batch      int    // rows of a mini-batch; 0 stands for 1
	Init       Init
}

// LeNet is LeNet-5 [LeCun et al. 1998] as it is used today, with ReLU and max pooling, for images of three channels and
// 32 × 32 pixels.
func LeNet() CNN {
	return CNN{Name: "lenet", Image: []int{3, 32, 32}, Stages: []Stage{{Channels: 6, Kernel: 5, Pool: 2}, {Channels: 16, Kernel: 5, Pool: 2}},
		Hidden: []int{120, 84}, Classes: 10}
}

// CNN3 has three stages of convolutions that keep the size of the image, with width, 2·width and 4·width channels, and a
// hidden layer of 8·width units. A width of 0 stands for 32.
func CNN3(width int) CNN {
	w := or(width, 32)
	return CNN{Name: "cnn", Image: []int{3, 32, 32}, Hidden: []int{8 * w}, Classes: 10, Stages: []Stage{
		{Channels: w, Kernel: 5, Pad: 2, Pool: 2}, {Channels: 2 * w, Kernel: 5, Pad: 2, Pool: 2}, {Channels: 4 * w, Kernel: 3, Pad: 1, Pool: 2}}}
}

// AlexNet has the five convolutions and three fully connected layers of [Krizhevsky et al. 2012] in the form for images
// of 32 × 32 pixels, with a small first kernel; width is the number of channels of the first stage, to which all others
// are in proportion, 0 standing for 64. There is no dropout and no local response normalisation.
func AlexNet(width int) CNN {
	w := or(width, 64)
	return CNN{Name: "alexnet", Image: []int{3, 32, 32}, Hidden: []int{64 * w, 64 * w}, Classes: 10, Stages: []Stage{
		{Channels: w, Kernel: 3, Stride: 2, Pad: 1, Pool: 2}, {Channels: 3 * w, Kernel: 3, Pad: 1, Pool: 2}, {Channels: 6 * w, Kernel: 3, Pad: 1},
		{Channels: 4 * w, Kernel: 3, Pad: 1}, {Channels: 4 * w, Kernel: 3, Pad: 1, Pool: 2}}}
}

// Build returns the network, or an error that names the field that is wrong. Its output has shape [Batch, Classes].
func (c CNN) Build() (*Network, error) {
	if c.Name == "" {
		c.Name = "cnn"
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	m := newMaker(c.Init, c.Batch)
	f := m.activation(c.Activation, "relu")
	if m.err != nil {
		return nil, m.err
	}
	n := Network{Name: fmt.Sprintf("%s %s %s", c.Name, sizes(c.Image), f.Name()), X: tensor.Dims(m.batch, c.Image[0], c.Image[1], c.Image[2])}
	x := m.Input("input", tensor.Float64, n.X)
	for k, s := range c.Stages {
		i := strconv.Itoa(k + 1)
		x = m.Apply("conv"+i, f, m.conv("conv"+i, "conv"+i+"/pre", x, s.Channels, s.Kernel, max(s.Stride, 1), s.Pad, true))
		if s.Pool > 0 {
			x = m.Apply("pool"+i, maxPool(s.Pool, s.PoolStride, 0), x)
		}
		if m.Err() != nil { // shapes are not known any more
			return m.finish(x, n)
		}
	}
	x = m.Apply("flat", op.Flatten(1), x)
	for k, units := range c.Hidden {
		if err := checkSizes([]int{m.Shape(x).Dim(-1), units}, 2); err != nil {
			return nil, err
		}
		x = m.layer(layerName(k+1, len(c.Hidden)), x, units, f)
	}
	return m.finish(m.linear("output", "output", x, c.Classes), n)
}

func (c CNN) check() error {
	if len(c.Image) != 3 {
		return fmt.Errorf("network: %s: image %v: want channels, height and width", c.Name, c.Image)
	}
	if len(c.Stages) == 0 {
		return fmt.Errorf("network: %s: want a stage or more", c.Name)
	}
	list := append(append([]int{c.Classes}, c.Image...), c.Hidden...)
	for k, s := range c.Stages {
		list = append(list, s.Channels, s.Kernel)
		if s.Stride < 0 || s.Pad < 0 || s.Pool < 0 || s.PoolStride < 0 {
			return fmt.Errorf("network: %s: stage %d has a negative size", c.Name, k+1)
		}
	}
	for _, n := range list {
		if n < 1 || n > 1<<20 {
			return fmt.Errorf("network: %s: a size is %d, want 1 to 2^20", c.Name, n)
		}
	}
	return nil
}

// conv declares a convolution of x [N, C, H, W] with parameter name/w and, with bias, name/b. at is the vertex's name.
func (m *maker) conv(name, at string, x graph.VertexID, out, kernel, stride, pad int, bias bool) graph.VertexID {
	in, area := m.Shape(x).Dim(1), kernel*kernel
	cfg := op.ConvConfig{Stride: []int{stride}, Pad: []int{pad}, Bias: bias}
	w := m.weight(name+"/w", in*area, out*area, out, in, kernel, kernel)
	if !bias {
		return m.Apply(at, op.Conv(cfg), x, w)
	}
	return m.Apply(at, op.Conv(cfg), x, w, m.filled(name+"/b", 0, out))
}

func maxPool(side, stride, pad int) op.Op {
	if stride == 0 {
		stride = side
	}
	return op.MaxPool(op.PoolConfig{Kernel: []int{side}, Stride: []int{stride}, Pad: []int{pad}})
}
