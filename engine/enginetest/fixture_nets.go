package enginetest

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// fixtureNet builds the graph of a fixture. Parameters are declared when they are first used.
type fixtureNet struct {
	*graph.Builder
	file   fixtureFile
	inputs []tensor.Tensor
	params []fixtureParam
	seen   map[string]graph.VertexID // parameters and nodes by name
	heads  []graph.VertexID          // outputs beside the one whose energy is the loss
}

type fixtureParam struct {
	name      string
	transpose bool // the file has [out, in]
}

// value returns a parameter, or its gradient, as the graph wants it.
func (n *fixtureNet) value(from map[string]array, p fixtureParam) tensor.Tensor {
	t := from[p.name].tensor()
	if !p.transpose {
		return t
	}
	out, in := t.Shape().Dim(0), t.Shape().Dim(1)
	r := tensor.New(tensor.Float64, tensor.Dims(in, out))
	for i := range out {
		for k := range in {
			r.Float64s()[k*out+i] = t.Float64s()[i*in+k]
		}
	}
	return r
}

func (n *fixtureNet) declare(p fixtureParam) graph.VertexID {
	v, ok := n.seen[p.name]
	if !ok {
		v = n.Parameter(p.name, n.value(n.file.Params, p).Shape())
		n.params = append(n.params, p)
		n.seen[p.name] = v
	}
	return v
}

// param is a parameter as it is in the file; weight is one of a linear vertex.
func (n *fixtureNet) param(name string) graph.VertexID { return n.declare(fixtureParam{name, false}) }
func (n *fixtureNet) weight(name string) graph.VertexID {
	return n.declare(fixtureParam{name, true})
}

func (n *fixtureNet) linear(x graph.VertexID, w, b string) graph.VertexID {
	return n.Apply("", op.Linear(), x, n.weight(w), n.param(b))
}

func (n *fixtureNet) input(name string) graph.VertexID {
	t := n.file.Inputs[name].tensor()
	n.inputs = append(n.inputs, t)
	return n.Input(name, t.Type(), t.Shape())
}

// build declares the network and returns its output.
func (n *fixtureNet) build() (graph.VertexID, error) {
	name := n.file.Name
	switch {
	case name == "mlp_activations_mse":
		return n.mlp(7, op.Sigmoid(), op.Relu(), op.Gelu(), op.Softplus(), op.LeakyRelu(0.1), op.Silu()), nil
	case name == "mlp_deep13_tanh_mse":
		return n.mlp(13, op.Tanh()), nil
	case strings.HasPrefix(name, "mlp_"):
		return n.mlp(3, op.Tanh()), nil
	case name == "cnn_stride_avgpool_mse":
		return n.stridedCNN(), nil
	case strings.HasPrefix(name, "cnn_"):
		return n.cnn(), nil
	case strings.HasPrefix(name, "rnn_"):
		return n.rnn(strings.Contains(name, "m2m")), nil
	case strings.HasPrefix(name, "resmlp_"):
		return n.residualMLP(), nil
	case strings.HasPrefix(name, "resnet_"):
		return n.resnet(), nil
	case strings.HasPrefix(name, "transformer_post"):
		return n.postNorm(), nil
	case strings.HasPrefix(name, "transformer_pre"):
		return n.preNorm(), nil
	case strings.HasPrefix(name, "dag"):
		return n.dag()
	}
	return 0, fmt.Errorf("no graph for it")
}

// mlp has the given activations, the last again and again, and none behind the last layer.
func (n *fixtureNet) mlp(layers int, act ...op.Op) graph.VertexID {
	x := n.input("x")
	for k := 1; k <= layers; k++ {
		x = n.linear(x, fmt.Sprintf("W%d", k), fmt.Sprintf("b%d", k))
		if k < layers {
			x = n.Apply("", act[min(k-1, len(act)-1)], x)
		}
	}
	return x
}

func (n *fixtureNet) conv(x graph.VertexID, kernel, bias string, cfg op.ConvConfig) graph.VertexID {
	if cfg.Bias = bias != ""; cfg.Bias {
		return n.Apply("", op.Conv(cfg), x, n.param(kernel), n.param(bias))
	}
	return n.Apply("", op.Conv(cfg), x, n.param(kernel))
}

func (n *fixtureNet) cnn() graph.VertexID {
	x := n.input("x")
	for _, k := range []string{"1", "2"} {
		x = n.Apply("", op.Relu(), n.conv(x, "K"+k, "c"+k, op.ConvConfig{Pad: []int{1}}))
		x = n.Apply("", op.MaxPool(op.PoolConfig{Kernel: []int{2}, Stride: []int{2}}), x)
	}
	return n.linear(n.Apply("", op.Flatten(1), x), "W3", "b3")
}

// stridedCNN has a row of zeros below the first feature maps, which counts in the mean.
func (n *fixtureNet) stridedCNN() graph.VertexID {
	x := n.Apply("", op.Tanh(), n.conv(n.input("x"), "K1", "c1", op.ConvConfig{Stride: []int{2}, Pad: []int{2}}))
	x = n.Apply("", op.AvgPool(op.PoolConfig{Kernel: []int{2}, Stride: []int{2}, Pad: []int{0, 0, 1, 0}, CountPad: true}), x)
	x = n.Apply("", op.Tanh(), n.conv(x, "K2", "c2", op.ConvConfig{Pad: []int{1, 0, 1, 0}}))
	return n.linear(n.Apply("", op.Flatten(1), x), "W3", "b3")
}

// rnn is unrolled; the state before the first step is a constant.
func (n *fixtureNet) rnn(everyStep bool) graph.VertexID {
	x := n.input("x")
	s := n.Shape(x)
	h := n.Constant("h0", tensor.New(tensor.Float64, tensor.Dims(s.Dim(1), n.file.Params["Wh"].Shape[0])))
	var outs []graph.VertexID
	for t := range s.Dim(0) {
		xt := n.Apply("", op.Squeeze(0), n.Apply("", op.Slice(op.Range{Axis: 0, Start: t, End: t + 1}), x))
		h = n.Apply("", op.Tanh(), n.Apply("", op.Add(), n.linear(xt, "Wx", "bh"), n.Apply("", op.MatMul(), h, n.weight("Wh"))))
		if everyStep {
			outs = append(outs, n.Apply("", op.Unsqueeze(0), n.linear(h, "Wo", "bo")))
		}
	}
	if everyStep {
		return n.Apply("", op.Concat(0), outs...)
	}
	return n.linear(h, "Wo", "bo")
}

func (n *fixtureNet) layerNorm(x graph.VertexID, gain, shift string) graph.VertexID {
	return n.Apply("", op.LayerNorm(op.LayerNormConfig{Axis: -1, Bias: true}), x, n.param(gain), n.param(shift))
}

func (n *fixtureNet) residualMLP() graph.VertexID {
	h := n.linear(n.input("x"), "Win", "bin")
	for _, i := range []string{"1", "2", "3"} {
		u := n.Apply("", op.Tanh(), n.linear(n.layerNorm(h, "g"+i, "be"+i), "U"+i, "u"+i))
		h = n.Apply("", op.Add(), h, n.linear(u, "V"+i, "v"+i))
	}
	return n.linear(n.layerNorm(h, "gf", "bef"), "Wout", "bout")
}

func (n *fixtureNet) resnet() graph.VertexID {
	convNorm := func(x graph.VertexID, i string, stride int) graph.VertexID {
		pad := n.file.Params["K"+i].Shape[2] / 2
		x = n.conv(x, "K"+i, "", op.ConvConfig{Stride: []int{stride}, Pad: []int{pad}})
		return n.Apply("", op.GroupNorm(2, 1e-5), x, n.param("g"+i), n.param("be"+i))
	}
	relu := func(x graph.VertexID) graph.VertexID { return n.Apply("", op.Relu(), x) }
	h := relu(convNorm(n.input("x"), "0", 1))
	r := relu(convNorm(h, "1", 1))
	h = relu(n.Apply("", op.Add(), convNorm(r, "2", 1), h))
	r = relu(convNorm(h, "3", 2))
	r = convNorm(r, "4", 1)
	h = relu(n.Apply("", op.Add(), r, convNorm(h, "5", 2)))
	return n.linear(n.Apply("", op.Mean([]int{2, 3}, false), h), "W", "b")
}

// attention is softmax(q·kᵀ/√d)·v in two heads, of x [batch, positions, features].
func (n *fixtureNet) attention(x graph.VertexID, p string) graph.VertexID {
	s := n.Shape(x)
	const heads = 2
	head := func(m string, perm ...int) graph.VertexID {
		y := n.Apply("", op.Reshape(s.Dim(0), s.Dim(1), heads, s.Dim(2)/heads), n.linear(x, p+"W"+m, p+"b"+m))
		return n.Apply("", op.Transpose(perm...), y)
	}
	q, k, v := head("q", 0, 2, 1, 3), head("k", 0, 2, 3, 1), head("v", 0, 2, 1, 3)
	w := n.Apply("", op.Scale(1/math.Sqrt(float64(s.Dim(2)/heads))), n.Apply("", op.MatMul(), q, k))
	y := n.Apply("", op.MatMul(), n.Apply("", op.Softmax(-1), w), v)
	return n.linear(n.Apply("", op.ReshapeTo(s), n.Apply("", op.Transpose(0, 2, 1, 3), y)), p+"Wo", p+"bo")
}

func (n *fixtureNet) feedForward(x graph.VertexID, p string, act op.Op) graph.VertexID {
	return n.linear(n.Apply("", act, n.linear(x, p+"W1", p+"b1")), p+"W2", p+"b2")
}

func (n *fixtureNet) postNorm() graph.VertexID {
	x := n.input("x")
	x = n.layerNorm(n.Apply("", op.Add(), x, n.attention(x, "")), "ln1_g", "ln1_b")
	x = n.layerNorm(n.Apply("", op.Add(), x, n.feedForward(x, "", op.Relu())), "ln2_g", "ln2_b")
	return n.linear(n.Apply("", op.Mean([]int{1}, false), x), "Wh", "bh")
}

// preNorm embeds its tokens, which the file has as floats; the table is used again, transposed, for the logits.
func (n *fixtureNet) preNorm() graph.VertexID {
	tokens, emb := n.file.Inputs["tok"].tensor().Convert(tensor.Int64), n.param("emb")
	n.inputs = append(n.inputs, tokens)
	x := n.Apply("", op.Embedding(), emb, n.Input("tok", tensor.Int64, tokens.Shape()))
	x = n.Apply("", op.Add(), x, n.param("pos"))
	for _, p := range []string{"A_", "B_"} {
		x = n.Apply("", op.Add(), x, n.attention(n.layerNorm(x, p+"ln1_g", p+"ln1_b"), p))
		x = n.Apply("", op.Add(), x, n.feedForward(n.layerNorm(x, p+"ln2_g", p+"ln2_b"), p, op.Gelu()))
	}
	x = n.layerNorm(x, "lnf_g", "lnf_b")
	logits := n.Apply("", op.MatMul(), x, n.Apply("", op.Transpose(), emb))
	return n.Apply("", op.Reshape(tokens.Len(), n.Shape(emb).Dim(0)), logits)
}

// dag builds the graph that the file describes.
func (n *fixtureNet) dag() (graph.VertexID, error) {
	for _, node := range n.file.Nodes {
		switch node.Kind {
		case "input":
			n.seen[node.ID] = n.input(node.ID)
		case "mul":
			var a [2]string
			for i := range a {
				if err := json.Unmarshal(node.In[i], &a[i]); err != nil {
					return 0, err
				}
			}
			n.seen[node.ID] = n.Apply(node.ID, op.Mul(), n.seen[a[0]], n.seen[a[1]])
		case "affine":
			v, err := n.affine(node)
			if err != nil {
				return 0, err
			}
			n.seen[node.ID] = v
		default:
			return 0, fmt.Errorf("unknown kind of node %q", node.Kind)
		}
	}
	if len(n.file.OutputNodes) == 1 {
		return n.seen[n.file.OutputNodes[0]], nil
	}
	return n.twoHeads(), nil
}

// affine is act(Σ_e params[e.w]·v[e.from] + params[b]).
func (n *fixtureNet) affine(node fixtureNode) (graph.VertexID, error) {
	var terms []graph.VertexID
	for _, raw := range node.In {
		var e struct{ From, W string }
		if err := json.Unmarshal(raw, &e); err != nil {
			return 0, err
		}
		terms = append(terms, n.Apply("", op.MatMul(), n.seen[e.From], n.weight(e.W)))
	}
	v := terms[0]
	if len(terms) > 1 {
		v = n.Apply("", op.SumN(), terms...)
	}
	if node.B != "" {
		v = n.Apply("", op.Add(), v, n.param(node.B))
	}
	act, err := op.Activation(node.Act)
	if err != nil || node.Act == "identity" {
		return v, err
	}
	return n.Apply(node.ID, act, v), nil
}

// twoHeads joins half squared error and cross-entropy of two outputs, summed over rows, in the graph.
func (n *fixtureNet) twoHeads() graph.VertexID {
	y, labels := n.file.Targets["out0"].tensor(), n.file.Targets["out1"]
	out0, out1 := n.seen["out0"], n.seen["out1"]
	hot := tensor.New(tensor.Float64, n.Shape(out1))
	for r, k := range labels.Ints {
		hot.SetFloat(r*n.Shape(out1).Dim(1)+int(k), 1)
	}
	n.inputs = append(n.inputs, y, hot)
	d := n.Apply("", op.Sub(), out0, n.Input("y0", tensor.Float64, y.Shape()))
	squared := n.Apply("", op.Scale(0.5), n.Apply("", op.Sum(nil, false), n.Apply("", op.Mul(), d, d)))
	log := n.Apply("", op.Mul(), n.Apply("", op.LogSoftmax(-1), out1), n.Input("y1", tensor.Float64, hot.Shape()))
	entropy := n.Apply("", op.Neg(), n.Apply("", op.Sum(nil, false), log))
	n.heads = []graph.VertexID{out0, out1}
	return n.Apply("loss", op.Add(), squared, entropy)
}
