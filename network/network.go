package network

import (
	"fmt"
	"math/rand/v2"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// A Network is a computational graph for mini-batches of a fixed number of rows, and the initial values of its
// parameters. It is immutable and may be shared by goroutines, as long as nobody writes to Initial.
type Network struct {
	Name    string          // architecture and sizes, such as "mlp 64-48-10 tanh"
	Graph   *graph.Graph    // for Batch rows
	Initial []tensor.Tensor // float64, by parameter of Graph
	Batch   int             // rows of a mini-batch
	X       tensor.Shape    // shape of the features of a mini-batch; its axis 0 is Batch
	Eval    *graph.Graph    // with the same inputs and parameters, for evaluation; nil: Graph
	Tokens  int             // 0 if features are numbers; otherwise they are integers in [0, Tokens)

	split bool // input leaf k is X[:, k, ...]; otherwise the one input leaf is X
}

// Parameters returns the number of scalar parameters, those of pruned vertices included, statistics not.
func (n *Network) Parameters() int {
	sum := 0
	for i, t := range n.Initial {
		if !n.Graph.Observed(i) {
			sum += t.Len()
		}
	}
	return sum
}

// Output returns the shape of the output vertex.
func (n *Network) Output() tensor.Shape { return n.Graph.Shape(n.Graph.Output()) }

// NewInputs returns tensors for the input leaves of the graph, for Inputs to fill. Those of float type get type typ.
func (n *Network) NewInputs(typ tensor.Type) []tensor.Tensor {
	list := make([]tensor.Tensor, n.Graph.Inputs())
	if n.split && len(list) > 0 { // many and small: one piece of storage for all
		s := n.Graph.Input(0).Shape
		all := tensor.New(typ, tensor.Dims(len(list), s.Len()))
		for i := range list {
			list[i] = all.Rows(i, i+1).Reshape(s)
		}
		return list
	}
	for i := range list {
		in := n.Graph.Input(i)
		if in.Type.IsFloat() {
			list[i] = tensor.New(typ, in.Shape)
		} else {
			list[i] = tensor.New(in.Type, in.Shape)
		}
	}
	return list
}

// Inputs fills dst, which NewInputs made, with the features x of a mini-batch, a tensor of as many elements as X: it
// cuts and transposes them as the grain needs, and converts their type. It allocates nothing and keeps nothing of x.
func (n *Network) Inputs(x tensor.Tensor, dst []tensor.Tensor) error {
	if len(dst) != n.Graph.Inputs() {
		return fmt.Errorf("network: got %d input tensors, %s has %d inputs: use NewInputs", len(dst), n.Name, n.Graph.Inputs())
	}
	if x.Len() != n.X.Len() || !x.Wanted() {
		return fmt.Errorf("network: features have shape %v, %s needs %v", x.Shape(), n.Name, n.X)
	}
	for k, d := range dst {
		if d.Len() != x.Len()/len(dst) {
			return fmt.Errorf("network: input tensor %d has shape %v: use NewInputs", k, d.Shape())
		}
		if !n.split {
			d.ConvertFrom(x)
			continue
		}
		switch {
		case x.Type() == tensor.Float64 && d.Type() == tensor.Float64:
			take(d.Float64s(), x.Float64s(), k, len(dst), n.Batch)
		case x.Type() == tensor.Float64 && d.Type() == tensor.Float32:
			take(d.Float32s(), x.Float64s(), k, len(dst), n.Batch)
		case x.Type() == tensor.Float32 && d.Type() == tensor.Float32:
			take(d.Float32s(), x.Float32s(), k, len(dst), n.Batch)
		case x.Type() == tensor.Float32 && d.Type() == tensor.Float64:
			take(d.Float64s(), x.Float32s(), k, len(dst), n.Batch)
		default:
			return fmt.Errorf("network: features have type %v, %s needs floats", x.Type(), n.Name)
		}
	}
	return nil
}

// take sets dst[b, j] = x[b, k, j] for x of shape [batch, parts, len(dst)/batch].
func take[D, S tensor.Float](dst []D, x []S, k, parts, batch int) {
	if batch == 0 {
		return
	}
	inner := len(dst) / batch
	for b := range batch {
		row := x[(b*parts+k)*inner:][:inner]
		for j, v := range row {
			dst[b*inner+j] = D(v)
		}
	}
}

// RandomFeatures returns features of shape X drawn from r: floats of type typ with a standard normal distribution, or
// integers that are uniform in [0, Tokens).
func (n *Network) RandomFeatures(r *rand.Rand, typ tensor.Type) tensor.Tensor {
	if n.Tokens > 0 {
		typ = tensor.Int64
	}
	x := tensor.New(typ, n.X)
	for i := range x.Len() {
		if n.Tokens > 0 {
			x.Int64s()[i] = r.Int64N(int64(n.Tokens))
		} else {
			x.SetFloat(i, tensor.Normal(r.Uint64()))
		}
	}
	return x
}
