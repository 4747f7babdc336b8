package op_test

import (
	"encoding/json"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A fixture is a small network with its gradients as PyTorch's autograd gives them, from testdata.
type fixture struct {
	Inputs, Targets, Params, Outputs, Grads map[string]array
	Loss                                    float64
}

type array struct {
	Shape []int
	Data  []float64
}

func (a array) tensor() tensor.Tensor { return tensor.From(tensor.Dims(a.Shape...), a.Data) }

// A tape is the plainest reverse differentiation: nodes in the order of their computation.
type tape struct {
	t     *testing.T
	c     *tensor.Ctx
	fix   fixture
	nodes []node
	param map[string]int
}

type node struct {
	op   op.Op
	args []int
	x, d tensor.Tensor
}

func newTape(t *testing.T, name string) *tape {
	text, err := os.ReadFile("testdata/" + name + ".json")
	require.NoError(t, err)
	k := &tape{t: t, c: tensor.NewCtx(tensor.Config{}), param: map[string]int{}}
	t.Cleanup(k.c.Close)
	require.NoError(t, json.Unmarshal(text, &k.fix))
	return k
}

func (k *tape) leaf(x tensor.Tensor) int {
	k.nodes = append(k.nodes, node{x: x, d: tensor.New(x.Type(), x.Shape())})
	return len(k.nodes) - 1
}

func (k *tape) input() int { return k.leaf(k.fix.Inputs["x"].tensor()) }

// p returns the leaf of a parameter; a matrix [out, in] is transposed.
func (k *tape) p(name string) int {
	if i, ok := k.param[name]; ok {
		return i
	}
	a, ok := k.fix.Params[name]
	require.True(k.t, ok, name)
	k.param[name] = k.leaf(transposedMatrix(a.tensor()))
	return k.param[name]
}

func transposedMatrix(x tensor.Tensor) tensor.Tensor {
	if x.Shape().Rank() != 2 {
		return x
	}
	rows, cols := x.Shape().Dim(0), x.Shape().Dim(1)
	y := tensor.New(x.Type(), tensor.Dims(cols, rows))
	for i := range x.Len() {
		y.SetFloat(i%cols*rows+i/cols, x.Float(i))
	}
	return y
}

func (k *tape) do(o op.Op, args ...int) int {
	n := node{op: o, args: args}
	x := make([]tensor.Tensor, len(args))
	s := make([]tensor.Shape, len(args))
	for i, a := range args {
		x[i], s[i] = k.nodes[a].x, k.nodes[a].x.Shape()
	}
	shape, err := o.Shape(s...)
	require.NoError(k.t, err)
	n.x, n.d = tensor.New(tensor.Float64, shape), tensor.New(tensor.Float64, shape)
	o.Forward(k.c, n.x, x)
	k.nodes = append(k.nodes, n)
	return len(k.nodes) - 1
}

// linear is x·Wᵀ + b.
func (k *tape) linear(x int, w, b string) int { return k.do(op.Linear(), x, k.p(w), k.p(b)) }

// check compares output, loss (half the squared error divided by the batch) and all gradients.
func (k *tape) check(y int) {
	want, out := k.fix.Targets["y"].tensor(), &k.nodes[y]
	batch := float64(want.Shape().Dim(0))
	require.InDeltaSlice(k.t, k.fix.Outputs["y"].Data, out.x.Float64s(), 1e-12)
	loss := 0.0
	for i, v := range out.x.Float64s() {
		e := v - want.Float(i)
		loss += e * e / 2 / batch
		out.d.SetFloat(i, e/batch)
	}
	require.InEpsilon(k.t, k.fix.Loss, loss, 1e-12)
	for i := y; i >= 0; i-- {
		k.back(&k.nodes[i])
	}
	for name, want := range k.fix.Grads {
		got := transposedMatrix(k.nodes[k.p(name)].d)
		top := 0.0
		for _, g := range want.Data {
			top = max(top, g, -g)
		}
		require.InDeltaSlice(k.t, want.Data, got.Float64s(), 1e-11*top, name)
	}
}

func (k *tape) back(n *node) {
	if n.op == nil {
		return
	}
	x, d := make([]tensor.Tensor, len(n.args)), make([]tensor.Tensor, len(n.args))
	for i, a := range n.args {
		x[i], d[i] = k.nodes[a].x, like(k.nodes[a].x)
	}
	n.op.VJP(k.c, d, x, n.x, n.d)
	for i, a := range n.args {
		sum := k.nodes[a].d.Float64s()
		for j, v := range d[i].Float64s() {
			sum[j] += v
		}
	}
}

func TestFixtureMaxPool(t *testing.T) {
	k := newTape(t, "cnn_maxpool_mse")
	h := k.input()
	for _, l := range []string{"1", "2"} {
		h = k.do(op.Conv(op.ConvConfig{Pad: []int{1}, Bias: true}), h, k.p("K"+l), k.p("c"+l))
		h = k.do(op.MaxPool(op.PoolConfig{Kernel: []int{2}, Stride: []int{2}}), k.do(op.Relu(), h))
	}
	k.check(k.linear(k.do(op.Flatten(1), h), "W3", "b3"))
}

func TestFixtureStrideAvgPool(t *testing.T) {
	k := newTape(t, "cnn_stride_avgpool_mse")
	h := k.do(op.Conv(op.ConvConfig{Stride: []int{2}, Pad: []int{2}, Bias: true}), k.input(), k.p("K1"), k.p("c1"))
	pool := op.AvgPool(op.PoolConfig{Kernel: []int{2}, Stride: []int{2}, Pad: []int{0, 0, 1, 0}, CountPad: true})
	h = k.do(pool, k.do(op.Tanh(), h))
	h = k.do(op.Conv(op.ConvConfig{Pad: []int{1, 0}, Bias: true}), h, k.p("K2"), k.p("c2"))
	k.check(k.linear(k.do(op.Flatten(1), k.do(op.Tanh(), h)), "W3", "b3"))
}

func TestFixtureLayerNorm(t *testing.T) {
	k := newTape(t, "resmlp_layernorm_mse")
	norm := op.LayerNorm(op.LayerNormConfig{Axis: -1, Bias: true})
	h := k.linear(k.input(), "Win", "bin")
	for i := 1; i <= 3; i++ {
		l := strconv.Itoa(i)
		u := k.do(op.Tanh(), k.linear(k.do(norm, h, k.p("g"+l), k.p("be"+l)), "U"+l, "u"+l))
		h = k.do(op.Add(), h, k.linear(u, "V"+l, "v"+l))
	}
	k.check(k.linear(k.do(norm, h, k.p("gf"), k.p("bef")), "Wout", "bout"))
}

func TestFixtureGroupNorm(t *testing.T) {
	k := newTape(t, "resnet_groupnorm_mse")
	block := func(x int, i string, stride, pad int) int {
		y := k.do(op.Conv(op.ConvConfig{Stride: []int{stride}, Pad: []int{pad}}), x, k.p("K"+i))
		return k.do(op.GroupNorm(2, 1e-5), y, k.p("g"+i), k.p("be"+i))
	}
	relu := func(x int) int { return k.do(op.Relu(), x) }
	h := relu(block(k.input(), "0", 1, 1))
	r := relu(block(h, "1", 1, 1))
	h = relu(k.do(op.Add(), block(r, "2", 1, 1), h))
	r = block(relu(block(h, "3", 2, 1)), "4", 1, 1)
	h = relu(k.do(op.Add(), r, block(h, "5", 2, 0)))
	k.check(k.linear(k.do(op.Flatten(1), k.do(op.GlobalAvgPool(), h)), "W", "b"))
}
