package enginetest

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

//go:embed testdata/*.json
var fixtureFiles embed.FS

// A Fixture is a network with a mini-batch and what PyTorch 1.13 computes of it in float64: loss, output, gradients, and
// losses and parameters over ten steps of gradient descent. testdata/README.md defines the networks, the losses and the
// tolerances. Weights of linear vertices are transposed to [in, out].
type Fixture struct {
	Name    string
	About   string
	Graph   *graph.Graph
	Initial []tensor.Tensor // by parameter of Graph
	Loss    op.Loss
	Sample  engine.Sample // float64; its Scale makes the loss a mean
	Rate    float64       // of gradient descent

	Losses   []float64     // scaled loss before step 1, … and after the last step
	Output   tensor.Tensor // of the output vertex; none if the graph computes its own loss
	Gradient engine.Params // of the scaled loss at the initial parameters
	After    engine.Params // the parameters after len(Losses)−1 steps
}

// Config returns the configuration of an engine for the fixture.
func (f *Fixture) Config() engine.Config {
	c := engine.Config{Graph: f.Graph, Initial: f.Initial, Type: tensor.Float64, Loss: f.Loss}
	c.Plasticity.Rate = f.Rate
	return c
}

// array is a tensor of a fixture's file.
type array struct {
	Shape []int
	Data  []float64
	Ints  []int64 `json:"int_data"`
}

func (a array) tensor() tensor.Tensor {
	if a.Ints != nil {
		return tensor.From(tensor.Dims(a.Shape...), a.Ints)
	}
	return tensor.From(tensor.Dims(a.Shape...), a.Data)
}

// fixtureFile is a fixture's file.
type fixtureFile struct {
	Name        string
	Description string
	LossName    string           `json:"loss_name"`
	Rate        float64          `json:"lr"`
	Inputs      map[string]array // by name, as the following
	Targets     map[string]array
	Params      map[string]array
	Outputs     map[string]array
	Grads       map[string]array
	After       map[string]array `json:"params_after"`
	Losses      []float64
	Nodes       []fixtureNode
	OutputNodes []string `json:"output_nodes"`
}

// fixtureNode is a vertex of a fixture that describes its graph.
type fixtureNode struct {
	ID, Kind, Act string
	In            []json.RawMessage // mul: names; affine: objects with from and w
	B             string
}

func readFixture(t testing.TB, name string, into any) {
	t.Helper()
	data, err := fixtureFiles.ReadFile("testdata/" + name + ".json")
	if err == nil {
		err = json.Unmarshal(data, into)
	}
	if err != nil {
		t.Fatalf("enginetest: fixture %s: %v", name, err)
	}
}

// fixtureNames returns the names of all files, sorted, whose name starts with one of the prefixes.
func fixtureNames(t testing.TB, prefixes ...string) []string {
	t.Helper()
	entries, err := fixtureFiles.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		for _, p := range prefixes {
			if strings.HasPrefix(e.Name(), p) {
				names = append(names, strings.TrimSuffix(e.Name(), path.Ext(e.Name())))
			}
		}
	}
	return names
}

// Fixtures returns all 24 networks whose gradients PyTorch computed.
func Fixtures(t testing.TB) []*Fixture {
	t.Helper()
	var list []*Fixture
	for _, name := range fixtureNames(t, "cnn_", "dag", "mlp_", "resmlp_", "resnet_", "rnn_", "transformer_") {
		f, err := newFixture(t, name)
		if err != nil {
			t.Fatalf("enginetest: fixture %s: %v", name, err)
		}
		list = append(list, f)
	}
	return list
}

func newFixture(t testing.TB, name string) (*Fixture, error) {
	t.Helper()
	n := &fixtureNet{Builder: graph.NewBuilder(), seen: map[string]graph.VertexID{}}
	readFixture(t, name, &n.file)
	out, err := n.build()
	if err != nil {
		return nil, err
	}
	n.Builder.Output(out)
	for _, v := range n.heads {
		n.Builder.Output(v)
	}
	g, err := n.Build()
	if err != nil {
		return nil, err
	}
	f := &Fixture{Name: name, About: n.file.Description, Graph: g, Rate: n.file.Rate, Losses: n.file.Losses}
	f.Sample.Inputs = n.inputs
	for _, p := range n.params {
		f.Initial = append(f.Initial, n.value(n.file.Params, p))
		f.Gradient = append(f.Gradient, engine.Param{Name: p.name, Value: n.value(n.file.Grads, p)})
		f.After = append(f.After, engine.Param{Name: p.name, Value: n.value(n.file.After, p)})
	}
	if len(n.params) != len(n.file.Params) {
		return nil, fmt.Errorf("the graph has %d of %d parameters", len(n.params), len(n.file.Params))
	}
	return f, n.loss(f)
}

// loss sets loss, target and scale of f.
func (n *fixtureNet) loss(f *Fixture) error {
	if len(n.file.Outputs) == 2 { // half_mse_mean(out0) + ce_mean(out1): the graph computes the sum over rows itself
		f.Loss, f.Sample.Scale = op.LinearLoss{}, 1/float64(n.file.Outputs["out0"].Shape[0])
		return nil
	}
	f.Loss, f.Output, f.Sample.Target = op.HalfSquared{}, n.file.Outputs["y"].tensor(), n.file.Targets["y"].tensor()
	rows := float64(f.Output.Shape().Dim(0))
	switch n.file.LossName {
	case "half_mse_mean":
		f.Sample.Scale = 1 / rows
	case "half_mse_sum":
		f.Sample.Scale = 1
	case "ce_mean":
		f.Loss, f.Sample.Scale = op.CrossEntropy{}, 1/rows
	case "half_mse_mean over B, summed over T":
		f.Sample.Scale = 1 / float64(f.Output.Shape().Dim(1))
	default:
		return fmt.Errorf("unknown loss %q", n.file.LossName)
	}
	return nil
}
