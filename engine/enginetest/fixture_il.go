package enginetest

import (
	"context"
	"math"
	"sort"
	"strings"
	"testing"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A Trajectory is what inference learning does on a network 5-8-7-3 whose value nodes are v1 = tanh(W1 x + b1),
// v2 = tanh(W2 v1 + b2), each a single vertex, and whose output is linear: simultaneous relaxations of all values by
// Gamma·∂F/∂v from the forward sweep on, then one update. PyTorch computed the derivatives of F.
type Trajectory struct {
	Graph    *graph.Graph // with vertices v1, v2, out
	Initial  []tensor.Tensor
	Sample   engine.Sample
	Gamma    float64
	Rate     float64
	Energies []float64         // F, scaled, before each relaxation and after the last
	Values   [][]tensor.Tensor // v1 and v2 after each relaxation
	Gradient engine.Params     // after the last relaxation, scaled
	After    engine.Params     // parameters after the update
}

// Config returns the configuration of an engine for the trajectory.
func (f *Trajectory) Config() engine.Config {
	c := engine.Config{Graph: f.Graph, Initial: f.Initial, Type: tensor.Float64, Loss: op.HalfSquared{}}
	c.Plasticity.Rate = f.Rate
	return c
}

// A Run is what Torch2PC [Rosenbaum 2021, arXiv 2106.13082] gives on the network of the Trajectory.
type Run struct {
	Name     string // algorithm, steps and step size, such as "FixedPred_n20_eta0.1"
	Gradient engine.Params
}

// tanhNet builds the network of the inference-learning fixtures.
func tanhNet(t testing.TB, file fixtureFile) (*fixtureNet, *graph.Graph) {
	t.Helper()
	n := &fixtureNet{Builder: graph.NewBuilder(), file: file, seen: map[string]graph.VertexID{}}
	v1 := n.Apply("v1", Layer(op.Tanh()), n.input("x"), n.weight("W1"), n.param("b1"))
	v2 := n.Apply("v2", Layer(op.Tanh()), v1, n.weight("W2"), n.param("b2"))
	n.Output(n.Apply("out", op.Linear(), v2, n.weight("W3"), n.param("b3")))
	g, err := n.Build()
	if err != nil {
		t.Fatal(err)
	}
	return n, g
}

// named returns values by parameter of n.
func (n *fixtureNet) named(values map[string]array) engine.Params {
	var list engine.Params
	for _, p := range n.params {
		list = append(list, engine.Param{Name: p.name, Value: n.value(values, p)})
	}
	return list
}

func (n *fixtureNet) initial() []tensor.Tensor {
	var list []tensor.Tensor
	for _, p := range n.named(n.file.Params) {
		list = append(list, p.Value)
	}
	return list
}

// TanhTrajectory returns the trajectory of simultaneous inference learning.
func TanhTrajectory(t testing.TB) *Trajectory {
	t.Helper()
	const name = "il_mlp_tanh_simultaneous"
	var common fixtureFile
	var own struct {
		Eta      float64
		Energies []float64          `json:"energies_mean"`
		Values   []map[string]array `json:"values_after_each_step"`
		Grads    map[string]array   `json:"weight_grads"`
	}
	readFixture(t, name, &common)
	readFixture(t, name, &own)
	n, g := tanhNet(t, common)
	f := &Trajectory{Graph: g, Initial: n.initial(), Gamma: own.Eta, Rate: common.Rate, Energies: own.Energies,
		Gradient: n.named(own.Grads), After: n.named(common.After)}
	target := common.Targets["y"].tensor()
	f.Sample = engine.Sample{Inputs: n.inputs, Target: target, Scale: 1 / float64(target.Shape().Dim(0))}
	for _, v := range own.Values {
		f.Values = append(f.Values, []tensor.Tensor{v["v1"].tensor(), v["v2"].tensor()})
	}
	return f
}

// Torch2PC returns the results of Torch2PC by name, and the graph, parameters and sample that they belong to (as a
// Trajectory without its own results). "Exact" and "FixedPred_n3_eta1.0" are backprop's gradients, "FixedPred_n20_eta0.1"
// is fixed prediction; "Strict" relaxes layer after layer and agrees with no simultaneous rule.
func Torch2PC(t testing.TB) (*Trajectory, []Run) {
	t.Helper()
	const name = "torch2pc_mlp_tanh"
	var common fixtureFile
	var own struct {
		Runs map[string]struct {
			Grads map[string]array `json:"weight_grads"`
		}
	}
	readFixture(t, name, &common)
	readFixture(t, name, &own)
	n, g := tanhNet(t, common)
	f := &Trajectory{Graph: g, Initial: n.initial(), Sample: engine.Sample{Inputs: n.inputs, Target: common.Targets["y"].tensor(), Scale: 1}}
	var runs []Run
	for name, r := range own.Runs {
		runs = append(runs, Run{name, n.named(r.Grads)})
	}
	sort.Slice(runs, func(i, j int) bool { return strings.Compare(runs[i].Name, runs[j].Name) < 0 })
	return f, runs
}

// TestTrajectory checks inference learning against the trajectory: open makes an engine that relaxes the given number of
// times (once or more) by steps of gamma, all values at once, and then learns. The loss before the first relaxation and
// the energy after every number of them must agree, after the last also the gradients and the updated parameters.
func TestTrajectory(t *testing.T, open func(c engine.Config, relaxations int, gamma float64) (engine.Engine, error)) {
	t.Helper()
	f, ctx := TanhTrajectory(t), context.Background()
	for k := 1; k < len(f.Energies); k++ {
		e, err := open(f.Config(), k, f.Gamma)
		if err != nil {
			t.Fatal(err)
		}
		r, err := e.Learn(ctx, f.Sample)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := r.Energy*f.Sample.Scale, f.Energies[k]; !(math.Abs(got-want) <= lossTolerance*math.Abs(want)) {
			t.Errorf("energy after %d relaxations is %v, want %v", k, got, want)
		}
		if got, want := r.Loss*f.Sample.Scale, f.Energies[0]; !(math.Abs(got-want) <= lossTolerance*math.Abs(want)) {
			t.Errorf("loss is %v, want %v", got, want)
		}
		if k == len(f.Energies)-1 {
			for i, p := range e.Params() {
				near(t, p.Name+" after one update", p.Value, f.After[i].Value, paramTolerance)
			}
		}
		e.Close()
	}
	e, err := open(f.Config(), len(f.Energies)-1, f.Gamma)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	g, _, err := e.Gradient(ctx, f.Sample)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range g {
		near(t, "gradient of "+p.Name, p.Value, f.Gradient[i].Value, gradientTolerance)
	}
}

// Layer returns f(x·W + b) as one vertex, where networks have two: inference learning depends on how a graph is cut into
// elementary functions, and the fixtures' value nodes are whole layers.
func Layer(activation op.Op) op.Op { return layer{activation} }

type layer struct{ f op.Op }

func (o layer) Name() string                                   { return "layer[" + o.f.Name() + "]" }
func (layer) Arity() int                                       { return 3 }
func (layer) Shape(args ...tensor.Shape) (tensor.Shape, error) { return op.Linear().Shape(args...) }

func (o layer) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	m := c.Mark()
	pre := c.Scratch(dst.Type(), dst.Shape())
	op.Linear().Forward(c, pre, args)
	o.f.Forward(c, dst, []tensor.Tensor{pre})
	c.Release(m)
}

func (o layer) VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	m := c.Mark()
	pre, delta := c.Scratch(eps.Type(), eps.Shape()), c.Scratch(eps.Type(), eps.Shape())
	op.Linear().Forward(c, pre, args)
	o.f.VJP(c, []tensor.Tensor{delta}, []tensor.Tensor{pre}, out, eps)
	op.Linear().VJP(c, d, args, pre, delta)
	c.Release(m)
}
