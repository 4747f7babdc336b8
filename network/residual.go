package network

import (
	"fmt"
	"strconv"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A Residual is a fully connected residual network, whose hidden layers have one width:
//
//	h_1 = f(W_1 x + b_1);  h_k = h_{k−1} + f(W_k h_{k−1} + b_k);  y = W_L h_{L−1} + b_L
//
// The network of five layers of Table 3 of [Salvatori et al. 2022] has Layers {in, 256, 256, 256, 256, classes}. Names:
// hidden1/pre and hidden1; for each block hiddenK/pre, hiddenK/act and their sum hiddenK; output. Parameters are called
// hiddenK/w, hiddenK/b, output/w, output/b.
type Residual struct {
	Layers     []int  // numbers of inputs, of hidden units (all the same, two layers or more), of outputs
	Activation string // "" stands for "tanh"
	Batch      int    // rows of a mini-batch; 0 stands for 1
	Init       Init
}

// Build returns the network, or an error that names the field that is wrong.
func (c Residual) Build() (*Network, error) {
	if err := checkSizes(c.Layers, 4); err != nil {
		return nil, err
	}
	last := len(c.Layers) - 1
	for _, n := range c.Layers[1:last] {
		if n != c.Layers[1] {
			return nil, fmt.Errorf("network: layers %v: the hidden layers of a residual network have one width", c.Layers)
		}
	}
	m := newMaker(c.Init, c.Batch)
	f := m.activation(c.Activation, "tanh")
	n := Network{Name: "residual " + sizes(c.Layers) + " " + f.Name(), X: tensor.Dims(max(m.batch, 0), c.Layers[0])}
	h := m.layer("hidden1", m.Input("input", tensor.Float64, n.X), c.Layers[1], f)
	for k := 2; k < last; k++ {
		name := "hidden" + strconv.Itoa(k)
		a := m.linear(name, name+"/pre", h, c.Layers[k])
		h = m.Apply(name, op.Add(), h, m.Apply(name+"/act", f, a))
	}
	return m.finish(m.linear("output", "output", h, c.Layers[last]), n)
}

// A Diamond has two arms of different lengths between a fork and a join, the smallest network on which the schedule of
// the zero-divergence theorem needs levelling: the fork gets one error early and one late. With s = f(W x + b),
//
//	y = W_o (long(s) + short(s)) + b_o,  each arm a stack of layers f(W · + b)
//
// Names: fork; long1 …; short1 …; join; output; the linear vertex of a layer is called after it, /pre.
type Diamond struct {
	Layers     []int  // numbers of inputs, of hidden units, of outputs
	Long       int    // layers of the long arm; 0 stands for 3
	Short      int    // layers of the short arm; 0: it is a plain skip connection
	Activation string // "" stands for "tanh"
	Batch      int    // rows of a mini-batch; 0 stands for 1
	Init       Init
}

// Build returns the network, or an error that names the field that is wrong.
func (c Diamond) Build() (*Network, error) {
	if err := checkSizes(c.Layers, 3); err != nil {
		return nil, err
	}
	if c.Long == 0 {
		c.Long = 3
	}
	if len(c.Layers) != 3 || c.Long < 0 || c.Short < 0 || c.Long > 1<<16 || c.Short > 1<<16 {
		return nil, fmt.Errorf("network: diamond of layers %v, arms %d and %d: want three sizes and arms of 0 to 65536 layers", c.Layers, c.Long, c.Short)
	}
	m := newMaker(c.Init, c.Batch)
	f := m.activation(c.Activation, "tanh")
	n := Network{Name: fmt.Sprintf("diamond %s %s, arms of %d and %d", sizes(c.Layers), f.Name(), c.Long, c.Short), X: tensor.Dims(max(m.batch, 0), c.Layers[0])}
	fork := m.layer("fork", m.Input("input", tensor.Float64, n.X), c.Layers[1], f)
	long, short := fork, fork
	for k := range c.Long {
		long = m.layer("long"+strconv.Itoa(k+1), long, c.Layers[1], f)
	}
	for k := range c.Short {
		short = m.layer("short"+strconv.Itoa(k+1), short, c.Layers[1], f)
	}
	return m.finish(m.linear("output", "output", m.Apply("join", op.Add(), long, short), c.Layers[2]), n)
}

// A Skip is the counter-example of [Salvatori et al. 2022], the function z3·(z1·z2 + 1)·s of three scalar parameters,
// elementwise in the input s of shape [Batch, 1]:
//
//	fork = s·z3;  mid = fork·z2;  long = mid·z1;  output = long + fork
//
// The error reaches fork, and with it z3, once over the skip connection and once over the long way. Without levelling
// the leaf learns from one of the two only.
type Skip struct {
	Batch int        // rows of a mini-batch; 0 stands for 1
	Z     [3]float64 // initial z1, z2, z3; all zero stands for 0.5, −1.5, 2
}

// Build returns the network.
func (c Skip) Build() (*Network, error) {
	z := c.Z
	if z == [3]float64{} {
		z = [3]float64{0.5, -1.5, 2}
	}
	m := newMaker(Init{}, c.Batch)
	n := Network{Name: "skip z3(z1·z2+1)s", X: tensor.Dims(max(m.batch, 0), 1)}
	s := m.Input("input", tensor.Float64, n.X)
	z1, z2, z3 := m.filled("z1", z[0]), m.filled("z2", z[1]), m.filled("z3", z[2])
	fork := m.Apply("fork", op.Mul(), s, z3)
	long := m.Apply("long", op.Mul(), m.Apply("mid", op.Mul(), fork, z2), z1)
	return m.finish(m.Apply("output", op.Add(), long, fork), n)
}
