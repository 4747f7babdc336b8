package network

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// Layered is a sparse network at the grain of neurons, for networks of millions of units: Depth layers of Width units, each
// of which takes FanIn random units of the layer before and feeds FanIn of the next (twice the same one is possible). A
// unit owns its incoming weights and its bias, one parameter leaf "layer3/w/17". The output stacks the units of the last
// layer. The wiring depends on the seed of Init alone.
type Layered struct {
	Depth      int    // layers of units
	Width      int    // units of a layer, and inputs
	FanIn      int    // inputs of a unit
	Activation string // "" stands for "tanh"
	Init       Init
	Batch      int // rows of a mini-batch; 0 stands for 1
}

// Units returns the number of units.
func (c Layered) Units() int { return c.Depth * c.Width }

// Connections returns the number of edges between inputs and units and among units: what a plain loop over the network
// would visit. The graph has one more for every unit, from its parameter leaf, and those of the output.
func (c Layered) Connections() int { return c.Depth * c.Width * c.FanIn }

// Check returns an error if the sizes are none.
func (c Layered) Check() error {
	if c.Depth < 1 || c.Width < 1 || c.FanIn < 1 || float64(c.Depth)*float64(c.Width)*float64(c.FanIn+2) > math.MaxInt32 {
		return fmt.Errorf("network: layered: %d layers of %d units with %d inputs each: want 1 or more of each, at most 2^31 edges", c.Depth, c.Width, c.FanIn)
	}
	return nil
}

// Build returns the network, or an error that names the field that is wrong. Its features have shape [Batch, Width].
func (c Layered) Build() (*Network, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	m := newMaker(c.Init, c.Batch)
	name := c.Activation
	if name == "" {
		name = "tanh"
	}
	unit, err := op.Unit(name)
	if err != nil {
		m.fail(fmt.Errorf("network: %w", err))
	}
	if m.err != nil {
		return nil, m.err
	}
	m.Reserve(c.Width+2*c.Units()+1, c.Connections()+c.Units()+c.Width)
	m.initial = make([]tensor.Tensor, 0, c.Units())
	x := m.population("input", c.Width)
	for l := range c.Depth {
		x = c.layer(m, "layer"+strconv.Itoa(l+1), x, unit)
	}
	n := Network{Name: fmt.Sprintf("layered %d×%d/%d %s", c.Depth, c.Width, c.FanIn, name), X: tensor.Dims(m.batch, c.Width), split: true}
	return m.finish(m.Apply("output", op.Stack(), x...), n)
}

// layer declares the units of one layer on x.
func (c Layered) layer(m *maker, name string, x []graph.VertexID, unit op.Op) []graph.VertexID {
	rows := tensor.New(tensor.Float64, tensor.Dims(c.Width, c.FanIn+1)) // weights and bias 0
	drawn := m.init.draw(name+"/w", tensor.Dims(c.Width, c.FanIn), c.FanIn, c.FanIn)
	for i := range c.Width {
		copy(rows.Float64s()[i*(c.FanIn+1):], drawn.Float64s()[i*c.FanIn:(i+1)*c.FanIn])
	}
	leaves := make([]graph.VertexID, c.Width)
	for i := range leaves {
		leaves[i] = m.param(name+"/w/"+strconv.Itoa(i), rows.Rows(i, i+1).Reshape(tensor.Dims(c.FanIn+1)))
	}
	wires := c.wiring(generator(m.init.Seed, name+"/wiring"))
	y, args := make([]graph.VertexID, c.Width), make([]graph.VertexID, c.FanIn+1)
	for i := range y {
		for k := range c.FanIn {
			args[k] = x[wires[k*c.Width+i]]
		}
		args[c.FanIn] = leaves[i]
		y[i] = m.Apply(name+"/"+strconv.Itoa(i), unit, args...)
	}
	return y
}

// wiring returns FanIn permutations of Width units.
func (c Layered) wiring(r *rand.Rand) []int32 {
	wires := make([]int32, c.FanIn*c.Width)
	for k := range c.FanIn {
		p := wires[k*c.Width:][:c.Width]
		for i := range p {
			p[i] = int32(i)
		}
		r.Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
	}
	return wires
}
