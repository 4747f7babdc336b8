package network

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A Grain says what a vertex of a multi-layer perceptron is. All grains compute the same function and the same
// gradients up to the order of sums.
type Grain string

const (
	Layer   Grain = "layer"   // a tensor operation on a mini-batch; the zero Grain stands for it
	Neuron  Grain = "neuron"  // one unit: weighted sum and activation, with a leaf of its own for its incoming weights
	Synapse Grain = "synapse" // a product, a sum or an activation; every scalar weight is a leaf
)

// Grains returns all grains, from the coarsest to the finest.
func Grains() []Grain { return []Grain{Layer, Neuron, Synapse} }

func (g Grain) check() error {
	if g == "" || g == Layer || g == Neuron || g == Synapse {
		return nil
	}
	return fmt.Errorf("network: unknown grain %q: use one of layer, neuron, synapse", string(g))
}

// An MLP is a multi-layer perceptron, y = f_out(W_L … f(W_1 x + b_1) … + b_L). Its output has shape [Batch, classes].
//
// Names. The layers are called "hidden" (with several: "hidden1", "hidden2", …) and "output". With L for one of them:
//
//	layer    input             [B, F]; parameters L/w [in, out] and L/b [out]; L/pre the linear vertex, L its
//	                           activation (the linear vertex itself if the activation is the identity)
//	neuron   input/k           [B], one for each feature; L/w/i [in+1] the weights of unit i and, last, its bias;
//	                           L/i [B] the units; readout [B, classes] joins the output's units
//	synapse  input/k           as before; L/w/n [] the weight n = i·(in+1) + k from k to unit i, k = in being its bias;
//	                           L/product/n [B] with n = i·in + k; L/sum/i; L/pre/i with the bias; L/i as before
//
// Populations are contiguous: of a layer first all weights are declared, then all units.
type MLP struct {
	Layers           []int // numbers of inputs, of hidden units for each hidden layer, of outputs
	Activation       string
	OutputActivation string // "" stands for "identity"
	Batch            int    // rows of a mini-batch; 0 stands for 1
	Grain            Grain
	Init             Init
}

// Build returns the network, or an error that names the field that is wrong.
func (c MLP) Build() (*Network, error) {
	if err := checkSizes(c.Layers, 2); err != nil {
		return nil, err
	}
	if err := c.Grain.check(); err != nil {
		return nil, err
	}
	m := newMaker(c.Init, c.Batch)
	hidden, last := m.activation(c.Activation, "tanh"), m.activation(c.OutputActivation, "identity")
	if m.err != nil {
		return nil, m.err
	}
	n := Network{Name: "mlp " + sizes(c.Layers) + " " + hidden.Name(), X: tensor.Dims(m.batch, c.Layers[0])}
	act := func(k int) op.Op {
		if k == len(c.Layers)-1 {
			return last
		}
		return hidden
	}
	switch c.Grain {
	case Neuron, Synapse:
		n.Name, n.split = n.Name+" by "+string(c.Grain), true
		x := m.population("input", c.Layers[0])
		for k := 1; k < len(c.Layers); k++ {
			name := c.layerName(k)
			w := m.init.draw(name+"/w", tensor.Dims(c.Layers[k-1], c.Layers[k]), c.Layers[k-1], c.Layers[k])
			if c.Grain == Neuron {
				x = m.neurons(name, x, incoming(w), act(k))
			} else {
				x = m.synapses(name, x, incoming(w), act(k))
			}
		}
		return m.finish(m.Apply("readout", op.Stack(), x...), n)
	}
	x := m.Input("input", tensor.Float64, n.X)
	for k := 1; k < len(c.Layers); k++ {
		x = m.layer(c.layerName(k), x, c.Layers[k], act(k))
	}
	return m.finish(x, n)
}

// layerName returns the name of layer k, counted from 1.
func (c MLP) layerName(k int) string { return layerName(k, len(c.Layers)-2) }

// layerName returns the name of layer k of a stack with the given number of hidden layers: "hidden1" … and "output".
func layerName(k, hidden int) string {
	switch {
	case k > hidden:
		return "output"
	case hidden == 1:
		return "hidden"
	}
	return "hidden" + strconv.Itoa(k)
}

func sizes(layers []int) string {
	s := make([]string, len(layers))
	for i, n := range layers {
		s[i] = strconv.Itoa(n)
	}
	return strings.Join(s, "-")
}

// population declares n inputs of shape [batch].
func (m *maker) population(name string, n int) []graph.VertexID {
	list := make([]graph.VertexID, n)
	for i := range list {
		list[i] = m.Input(name+"/"+strconv.Itoa(i), tensor.Float64, tensor.Dims(m.batch))
	}
	return list
}

// incoming returns, for weights [in, out], the matrix [out, in+1] whose row i holds the weights of unit i and its bias 0.
func incoming(w tensor.Tensor) tensor.Tensor {
	in, out := w.Shape().Dim(0), w.Shape().Dim(1)
	t := tensor.New(tensor.Float64, tensor.Dims(out, in+1))
	for i := range out {
		for k := range in {
			t.Float64s()[i*(in+1)+k] = w.Float64s()[k*out+i]
		}
	}
	return t
}
