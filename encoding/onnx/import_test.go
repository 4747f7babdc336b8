package onnx

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// floats is an input or output of the given dimensions.
func floats(name string, dims ...int64) ValueInfo {
	v := ValueInfo{Name: name, Kind: "tensor", Type: Double, Known: true}
	for _, d := range dims {
		v.Dims = append(v.Dims, Dim{Size: d})
	}
	return v
}

func node(op string, out string, in ...string) Node {
	return Node{Op: op, Inputs: in, Outputs: []string{out}}
}

func with(n Node, a ...Attribute) Node {
	n.Attributes = append(n.Attributes, a...)
	return n
}

func intAttr(name string, x int64) Attribute { return Attribute{Name: name, Type: AttrInt, Int: x} }

func initializer(name string, dims []int, x ...float64) Tensor {
	return TensorOf(name, tensor.From(tensor.Dims(dims...), x))
}

func integers(name string, x ...int64) Tensor {
	return TensorOf(name, tensor.From(tensor.Dims(len(x)), x))
}

// model is a model of the newest opset.
func model(g Graph) *Model { return &Model{IRVersion: 8, Opsets: []Opset{{"", MaxOpset}}, Graph: &g} }

// Initializers that reach a vertex are parameters, once, however often they are used; the others are not; what is
// computed from constants alone is a constant.
func TestRoles(t *testing.T) {
	g := Graph{
		Inputs:  []ValueInfo{floats("x", 2, 3)},
		Outputs: []ValueInfo{floats("y", 6)},
		Initializers: []Tensor{initializer("w", []int{3}, 1, 2, 3), initializer("unused", []int{1}, 1), initializer("hi", nil, 4),
			integers("shape", -1)},
		Nodes: []Node{
			node("Identity", "same", "w"), node("Mul", "a", "x", "w"), node("Add", "b", "a", "same"),
			node("Shape", "s", "w"), with(node("Cast", "sf", "s"), intAttr("to", int64(Double))), node("Mul", "c", "b", "sf"),
			node("Clip", "d", "c", "", "hi"), node("Reshape", "y", "d", "shape"),
		},
	}
	r, err := Import(model(g), Config{})
	require.NoError(t, err)
	require.Len(t, r.Parameters, 1)
	assert.Equal(t, "w", r.Parameters[0].Name)
	assert.Equal(t, r.Graph.Parameter(0).Name, "w")
	assert.Equal(t, []Leaf{{Name: "x", Type: Double, Shape: tensor.Dims(2, 3)}}, r.Inputs)
	x := tensor.From(tensor.Dims(2, 3), []float64{1, 1, 1, -1, -1, -2})
	out := r.outputs(tensor.Float64, map[string]tensor.Tensor{"x": x})
	assert.Equal(t, []float64{4, 4, 4, 0, 0, -9}, out[0].Float64s())
}

// Float attributes are the decimal numbers that they were written as.
func TestDecimalAttributes(t *testing.T) {
	g := Graph{Inputs: []ValueInfo{floats("x", 1)}, Outputs: []ValueInfo{floats("y", 1)},
		Nodes: []Node{with(node("LeakyRelu", "y", "x"), Attribute{Name: "alpha", Type: AttrFloat, Float: 0.01})}}
	r, err := Import(model(g), Config{})
	require.NoError(t, err)
	out := r.outputs(tensor.Float64, map[string]tensor.Tensor{"x": tensor.From(tensor.Dims(1), []float64{-1})})
	assert.Equal(t, -0.01, out[0].Float(0))
}

// One error names the first node that is not supported, and every other: unknown operators in subgraphs and other
// domains, and attributes.
func TestUnsupported(t *testing.T) {
	sub := &Graph{Nodes: []Node{node("Nested", "n", "x")}, Outputs: []ValueInfo{floats("n", 1)}}
	g := Graph{Inputs: []ValueInfo{floats("x", 1, 1, 4, 4)}, Outputs: []ValueInfo{floats("y", 1)}, Nodes: []Node{
		{Name: "first", Op: "TopK", Inputs: []string{"x"}, Outputs: []string{"t"}}, node("TopK", "u", "x"),
		{Op: "Fused", Domain: "com.example", Inputs: []string{"x"}, Outputs: []string{"y"}},
		with(node("If", "i", "x"), Attribute{Name: "then_branch", Type: AttrGraph, Graph: sub}),
	}}
	_, err := Import(model(g), Config{})
	var u *Unsupported
	require.ErrorAs(t, err, &u)
	assert.EqualError(t, err, `onnx: node TopK "first" (opset 20) is not supported; `+
		`not supported in this file: TopK ×2, com.example.Fused, Nested`)

	g.Nodes = []Node{
		with(node("Resize", "r", "x", "", "", "x"), Attribute{Name: "mode", Type: AttrString, String: "weird"}),
		node("Relu", "a", "r"),
		with(node("LSTM", "y", "x", "x", "x")),
		with(node("Cast", "h", "x"), intAttr("to", int64(Float16))), with(node("Cast", "k", "x"), intAttr("to", int64(Float16))),
	}
	g.Nodes[2].Op = "Relu"
	_, err = Import(model(g), Config{})
	assert.EqualError(t, err, `onnx: node Resize "r" (opset 20) is not supported: mode weird; not supported in this file: `+
		`Resize (mode weird), Cast (from double to float16: nothing is rounded to 16 bits) ×2`)
}

// A value that is needed at import is taken from the input's value if the caller gives it, and asked for otherwise.
func TestFrozen(t *testing.T) {
	in := ValueInfo{Name: "shape", Kind: "tensor", Type: Int64, Known: true, Dims: []Dim{{Size: 2}}}
	g := Graph{Inputs: []ValueInfo{floats("x", 2, 3), in}, Outputs: []ValueInfo{floats("y", 3, 2)},
		Initializers: []Tensor{integers("zero", 0, 0)},
		Nodes:        []Node{node("Add", "s", "shape", "zero"), node("Reshape", "r", "x", "s"), node("Relu", "y", "r")}}
	_, err := Import(model(g), Config{})
	assert.ErrorContains(t, err, `input 1 must be constant, but depends on graph input "shape"`)

	shape := tensor.From(tensor.Dims(2), []int64{3, 2})
	r, err := Import(model(g), Config{Inputs: []Input{{Name: "shape", Value: shape}}})
	require.NoError(t, err)
	assert.Equal(t, []string{"shape"}, r.Frozen)
	assert.Len(t, r.Inputs, 1)
	assert.Equal(t, tensor.Dims(3, 2), r.Graph.Shape(r.Graph.Output()))
}

// Inputs of unknown shape must be given one that fits.
func TestInputShapes(t *testing.T) {
	g := Graph{Inputs: []ValueInfo{{Name: "x", Kind: "tensor", Type: Float, Known: true, Dims: []Dim{{-1, "batch"}, {3, ""}}}},
		Outputs: []ValueInfo{floats("y", 1)}, Nodes: []Node{node("Relu", "y", "x")}}
	for _, c := range []struct {
		want string
		in   []Input
	}{
		{"not fixed", nil},
		{"the model wants [batch 3]", []Input{{Name: "x", Shape: tensor.Dims(2, 4), Sized: true}}},
		{"the model wants [batch 3]", []Input{{Name: "x", Shape: tensor.Dims(3), Sized: true}}},
		{`no input "z"; its inputs are "x"`, []Input{{Name: "z"}}},
		{"got i64, the model wants float", []Input{{Name: "x", Value: tensor.New(tensor.Int64, tensor.Dims(2, 3))}}},
	} {
		_, err := Import(model(g), Config{Inputs: c.in})
		assert.ErrorContains(t, err, c.want)
	}
	_, err := Import(model(g), Config{Inputs: []Input{{Name: "x", Shape: tensor.Dims(5, 3), Sized: true}}})
	assert.NoError(t, err)
}

// Models that contradict themselves are errors that name the node.
func TestInvalid(t *testing.T) {
	for _, c := range []struct {
		want  string
		nodes []Node
	}{
		{`node Relu "a": its input "b" is produced by no input`, []Node{node("Relu", "a", "b"), node("Relu", "b", "a")}},
		{"already", []Node{node("Relu", "y", "x"), node("Relu", "y", "x")}},
		{"already", []Node{node("Relu", "x", "x")}},
		{"input 0 is missing", []Node{node("Relu", "y")}},
		{"input 1 is missing", []Node{node("Add", "y", "x")}},
		{"do not broadcast", []Node{node("Add", "y", "x", "w")}},
		{"axis 7", []Node{with(node("Softmax", "y", "x"), intAttr("axis", 7))}},
		{"attribute axis has type", []Node{with(node("Softmax", "y", "x"), Attribute{Name: "axis", Type: AttrFloat})}},
		{"attribute axis is", []Node{with(node("Softmax", "y", "x"), intAttr("axis", math.MaxInt64))}},
		{"index 9", []Node{node("Gather", "y", "x", "nine")}},
		{"too large", []Node{node("ConstantOfShape", "c", "huge"), node("Add", "y", "c", "x")}},
		{"more than", []Node{node("Expand", "y", "x", "vast")}},
		{"outside", []Node{node("Expand", "y", "x", "negative")}},
		{`output "y" is produced by no node`, []Node{node("Relu", "z", "x")}},
	} {
		g := Graph{Inputs: []ValueInfo{floats("x", 2, 3)}, Outputs: []ValueInfo{floats("y", 1)}, Nodes: c.nodes,
			Initializers: []Tensor{initializer("w", []int{2}, 1, 2), integers("nine", 9), integers("huge", 1<<13, 1<<13),
				integers("vast", 1<<30, 1<<30, 1, 1), integers("negative", -1)}}
		_, err := Import(model(g), Config{})
		assert.ErrorContains(t, err, c.want)
	}
	for _, c := range []struct {
		want string
		m    Model
	}{
		{"opset 99", Model{Opsets: []Opset{{"", 99}}, Graph: &Graph{}}},
		{"default operator set", Model{Opsets: []Opset{{"other", 1}}, Graph: &Graph{}}},
		{"functions", Model{Functions: []string{"f"}, Graph: &Graph{}}},
	} {
		_, err := Import(&c.m, Config{})
		assert.ErrorContains(t, err, c.want)
	}
}

// Outputs may be constants, inputs, of any type, used by other nodes, or the same value twice.
func TestOutputs(t *testing.T) {
	g := Graph{Inputs: []ValueInfo{floats("x", 2)}, Initializers: []Tensor{integers("k", 7), initializer("w", []int{2}, 1, 2)},
		Nodes: []Node{node("Less", "lt", "x", "w"), node("Mul", "a", "x", "w"), node("Neg", "b", "a"), node("Identity", "a2", "a")}}
	for _, name := range []string{"lt", "k", "a", "a2", "x", "b", "w"} {
		g.Outputs = append(g.Outputs, ValueInfo{Name: name})
	}
	r, err := Import(model(g), Config{})
	require.NoError(t, err)
	x := tensor.From(tensor.Dims(2), []float64{0.5, 3})
	out := r.outputs(tensor.Float64, map[string]tensor.Tensor{"x": x})
	want := []string{"bool[2]{1 0}", "i64[1]{7}", "f64[2]{0.5 6}", "f64[2]{0.5 6}", "f64[2]{0.5 3}", "f64[2]{-0.5 -6}", "f64[2]{1 2}"}
	for i := range want {
		assert.Equal(t, want[i], out[i].String(), r.Outputs[i].Name)
	}
	assert.Equal(t, -1, r.Outputs[1].Index)

	for _, name := range []string{"lt", "x", "w"} { // alone, these are no vertex that an energy can be measured at
		g.Outputs = []ValueInfo{{Name: name}}
		_, err := Import(model(g), Config{})
		assert.NoError(t, err, name)
	}
	g.Outputs = []ValueInfo{{Name: "k"}}
	r, err = Import(model(g), Config{})
	require.NoError(t, err)
	assert.Nil(t, r.Graph)
}

// Names that would make a vertex a member of a population, and names used twice, are changed, not refused.
func TestNames(t *testing.T) {
	g := Graph{Inputs: []ValueInfo{floats("in/9", 2)}, Outputs: []ValueInfo{floats("h/1", 2)},
		Initializers: []Tensor{initializer("in/3", []int{2}, 1, 2), initializer("in/4", []int{2}, 1, 2)},
		Nodes:        []Node{node("Mul", "h/7", "in/9", "in/4"), node("Mul", "h/1", "h/7", "in/3")}}
	r, err := Import(model(g), Config{})
	require.NoError(t, err)
	assert.Equal(t, "in/4", r.Parameters[0].Name)
	assert.Equal(t, "in/3", r.Parameters[1].Name)
}

// A branch is imported if its condition is known, and sees the names around it.
func TestIf(t *testing.T) {
	yes := &Graph{Nodes: []Node{node("Mul", "out", "x", "two")}, Initializers: []Tensor{initializer("two", nil, 2)}, Outputs: []ValueInfo{{Name: "out"}}}
	no := &Graph{Nodes: []Node{node("Neg", "out", "x")}, Outputs: []ValueInfo{{Name: "out"}}}
	for _, want := range []float64{6, -3} {
		g := Graph{Inputs: []ValueInfo{floats("x")}, Outputs: []ValueInfo{{Name: "y"}},
			Initializers: []Tensor{TensorOf("c", tensor.From(tensor.Shape{}, []bool{want > 0}))},
			Nodes: []Node{with(node("If", "y", "c"), Attribute{Name: "then_branch", Type: AttrGraph, Graph: yes},
				Attribute{Name: "else_branch", Type: AttrGraph, Graph: no})}}
		r, err := Import(model(g), Config{})
		require.NoError(t, err)
		out := r.outputs(tensor.Float64, map[string]tensor.Tensor{"x": tensor.From(tensor.Shape{}, []float64{3})})
		assert.Equal(t, want, out[0].Float(0))
	}
}

// The mask of dropout in training is an input; in inference there is no vertex.
func TestDropout(t *testing.T) {
	g := Graph{Inputs: []ValueInfo{floats("x", 4)}, Outputs: []ValueInfo{{Name: "y"}},
		Initializers: []Tensor{initializer("r", nil, 0.75), TensorOf("train", tensor.From(tensor.Shape{}, []bool{true}))},
		Nodes:        []Node{node("Dropout", "d", "x", "r", "train"), node("Neg", "y", "d")}}
	r, err := Import(model(g), Config{})
	require.NoError(t, err)
	require.Len(t, r.Inputs, 2)
	assert.Equal(t, Leaf{Name: "d.mask", Type: Bool, Shape: tensor.Dims(4), Keep: 0.25}, r.Inputs[1])
	out := r.outputs(tensor.Float64, map[string]tensor.Tensor{"x": tensor.From(tensor.Dims(4), []float64{1, 2, 3, 4}),
		"d.mask": tensor.From(tensor.Dims(4), []bool{true, false, false, true})})
	assert.Equal(t, []float64{-4, 0, 0, -16}, out[0].Float64s())

	g.Nodes[0].Inputs = []string{"x", "r"}
	r, err = Import(model(g), Config{})
	require.NoError(t, err)
	assert.Len(t, r.Inputs, 1)
	assert.Equal(t, 2, r.Graph.Len())
}

// lstmReference is the LSTM of the specification, one number at a time: peepholes, and an input gate coupled to the
// forget gate.
func lstmReference(x, w, r, b, p, h, c []float64, steps, in, n int, reverse, coupled bool) []float64 {
	sig := func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
	y := make([]float64, steps*n)
	for i := range steps {
		t := i
		if reverse {
			t = steps - 1 - i
		}
		a := make([]float64, 4*n)
		for k := range a {
			a[k] = b[k] + b[4*n+k]
			for j := range in {
				a[k] += w[k*in+j] * x[t*in+j]
			}
			for j := range n {
				a[k] += r[k*n+j] * h[j]
			}
		}
		h = make([]float64, n)
		for k := range n {
			gi := sig(a[k] + p[k]*c[k])
			gf := sig(a[2*n+k] + p[2*n+k]*c[k])
			if coupled {
				gf = 1 - gi
			}
			c[k] = gf*c[k] + gi*math.Tanh(a[3*n+k])
			h[k] = sig(a[n+k]+p[n+k]*c[k]) * math.Tanh(c[k])
			y[t*n+k] = h[k]
		}
	}
	return y
}

// Both directions of an LSTM with peepholes and initial states, with and without coupled gates, in both layouts, are the
// reference's.
func TestLSTM(t *testing.T) {
	const seed, steps, in, n = 7, 4, 2, 3
	rnd := rand.New(rand.NewPCG(seed, 0))
	draw := func(dims ...int) tensor.Tensor {
		x := tensor.New(tensor.Float64, tensor.Dims(dims...))
		for i := range x.Float64s() {
			x.Float64s()[i] = rnd.NormFloat64()
		}
		return x
	}
	for k := range 4 {
		layout, coupled := k&1, k>>1
		x, w, r, b, p := draw(steps, 1, in), draw(2, 4*n, in), draw(2, 4*n, n), draw(2, 8*n), draw(2, 3*n)
		h, c := draw(2, 1, n), draw(2, 1, n)
		xs, hs := x.Shape(), h.Shape()
		if layout == 1 {
			xs, hs = tensor.Dims(1, steps, in), tensor.Dims(1, 2, n)
		}
		g := Graph{Outputs: []ValueInfo{{Name: "y"}}, Inputs: []ValueInfo{floats("x", int64(xs.Dim(0)), int64(xs.Dim(1)), in)},
			Initializers: []Tensor{TensorOf("w", w), TensorOf("r", r), TensorOf("b", b), TensorOf("p", p),
				TensorOf("h", h.Reshape(hs)), TensorOf("c", c.Reshape(hs))},
			Nodes: []Node{with(node("LSTM", "y", "x", "w", "r", "b", "", "h", "c", "p"), intAttr("layout", int64(layout)),
				intAttr("input_forget", int64(coupled)), intAttr("hidden_size", n),
				Attribute{Name: "direction", Type: AttrString, String: "bidirectional"})}}
		m, err := Import(model(g), Config{})
		require.NoError(t, err)
		assert.Len(t, m.Parameters, 6)
		got := m.outputs(tensor.Float64, map[string]tensor.Tensor{"x": x.Reshape(xs)})[0]
		for d := range 2 {
			part := func(x tensor.Tensor) []float64 { return x.Clone().Rows(d, d+1).Float64s() }
			want := lstmReference(x.Float64s(), part(w), part(r), part(b), part(p), part(h), part(c), steps, in, n, d == 1, coupled == 1)
			for i := range want {
				at := (i/n*2+d)*n + i%n
				assert.InDelta(t, want[i], got.Float64s()[at], 1e-14, "seed %d, case %d, direction %d, element %d", seed, k, d, i)
			}
		}
	}
}

// Every entry of the table is complete, and the names are in order and unique.
func TestTable(t *testing.T) {
	last := ""
	for _, e := range Table() {
		assert.Less(t, last, e.Name)
		assert.NotEmpty(t, e.Doc, e.Name)
		assert.True(t, e.From >= 1 && e.From <= e.To && e.To <= MaxOpset, e.Name)
		last = e.Name
	}
	assert.Equal(t, fmt.Sprintf("%d–%d", 7, 9), Entry{From: 7, To: 9}.Opsets())
}

// A model with external data, for the documentation of Read.
func ExampleRead() {
	root, err := os.OpenRoot("testdata/torch")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer root.Close()
	m, err := Read(root.FS(), "skips.onnx")
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := Import(m, Config{Inputs: []Input{{Name: "input", Shape: tensor.Dims(3, 4), Sized: true}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range r.Parameters {
		fmt.Println(p.Name, p.Value.Shape())
	}
	// Output:
	// a.weight [4 4]
	// a.bias [4]
	// b.weight [4 4]
	// b.bias [4]
}

// FuzzImport feeds arbitrary models to the importer: every failure is an error. Models of unknown input shapes get
// small ones.
func FuzzImport(f *testing.F) {
	files, _ := filepath.Glob("testdata/torch/*.onnx")
	more, _ := filepath.Glob(dataDir + "/node/*/model.onnx")
	for i, name := range append(files, more...) {
		if i < len(files) || i%7 == 0 {
			if b, err := os.ReadFile(name); err == nil {
				f.Add(b)
			}
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Decode(b)
		if err != nil {
			return
		}
		var cfg Config
		for _, v := range m.Graph.Inputs {
			dims, n := make([]int, len(v.Dims)), 1
			for i, d := range v.Dims {
				dims[i] = int(min(max(d.Size, 2), 64))
				n *= dims[i]
			}
			if d := v.Type.Storage(); len(dims) <= tensor.MaxRank && d != tensor.None && n < 1<<16 {
				in := Input{Name: v.Name, Shape: tensor.Dims(dims...), Sized: true}
				if d == tensor.Int64 {
					in.Value = tensor.New(d, in.Shape)
				}
				cfg.Inputs = append(cfg.Inputs, in)
			}
		}
		_, _ = Import(m, cfg)
	})
}
