package onnx

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "rewrite testdata/unsupported.txt")

const unsupportedList = "testdata/unsupported.txt"

// evaluate computes every vertex of g in order, in float type f, and returns the values of the outputs.
func evaluate(g *graph.Graph, f tensor.Type, inputs, params []tensor.Tensor) []tensor.Tensor {
	c := tensor.NewCtx(tensor.Config{Workers: 1})
	defer c.Close()
	value := make([]tensor.Tensor, g.Len())
	as := func(t tensor.Tensor) tensor.Tensor {
		if t.Type().IsFloat() {
			return t.Convert(f)
		}
		return t
	}
	for i := range g.Inputs() {
		if v := g.Input(i).Vertex; v >= 0 {
			value[v] = as(inputs[i])
		}
	}
	for i := range g.Parameters() {
		if v := g.Parameter(i).Vertex; v >= 0 {
			value[v] = as(params[i])
		}
	}
	for i := range value {
		v := graph.VertexID(i)
		switch g.Role(v) {
		case graph.Constant:
			value[v] = as(g.Constant(v))
		case graph.Computed:
			var args []tensor.Tensor
			for _, a := range g.Args(v) {
				args = append(args, value[a])
			}
			typ := g.Type(v)
			if typ.IsFloat() {
				typ = f
			}
			value[v] = tensor.New(typ, g.Shape(v))
			g.Op(v).Forward(c, value[v], args)
		}
	}
	var out []tensor.Tensor
	for _, v := range g.Outputs() {
		out = append(out, value[v])
	}
	return out
}

// outputs runs an imported model and returns its outputs in the order of the file.
func (r *Imported) outputs(f tensor.Type, inputs map[string]tensor.Tensor) []tensor.Tensor {
	var vertices []tensor.Tensor
	if r.Graph != nil {
		var in, params []tensor.Tensor
		for _, l := range r.Inputs {
			in = append(in, inputs[l.Name])
		}
		for _, p := range r.Parameters {
			params = append(params, p.Value)
		}
		vertices = evaluate(r.Graph, f, in, params)
	}
	var out []tensor.Tensor
	for _, o := range r.Outputs {
		if o.Index < 0 {
			out = append(out, o.Value)
		} else {
			out = append(out, vertices[o.Index])
		}
	}
	return out
}

// differ returns where got is not want within the tolerances of ONNX's own runner, "" if nowhere.
func differ(got, want tensor.Tensor) string {
	if got.Shape() != want.Shape() {
		return fmt.Sprintf("shape %v, want %v", got.Shape(), want.Shape())
	}
	if got.Type() != want.Type() && !(got.Type().IsFloat() && want.Type().IsFloat()) {
		return fmt.Sprintf("type %v, want %v", got.Type(), want.Type())
	}
	for i := range got.Len() {
		g, w := got.Float(i), want.Float(i)
		if g == w || math.IsNaN(g) && math.IsNaN(w) || got.Type().IsFloat() && math.Abs(g-w) <= 1e-7+1e-3*math.Abs(w) {
			continue
		}
		return fmt.Sprintf("element %d is %v, want %v", i, g, w)
	}
	return ""
}

// readTensors reads the inputs or outputs of one data set of a case.
func readTensors(dir, kind string) ([]Tensor, error) {
	var list []Tensor
	for i := 0; ; i++ {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%s_%d.pb", kind, i)))
		if errors.Is(err, os.ErrNotExist) {
			return list, nil
		} else if err != nil {
			return nil, err
		}
		t, err := DecodeTensor(b)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
}

// runCase imports and runs one case on all its data sets: refused is why it cannot be imported, wrong what it computes
// that it should not.
func runCase(dir string) (wrong string, refused error) {
	b, err := os.ReadFile(filepath.Join(dir, "model.onnx"))
	if err != nil {
		return "", err
	}
	m, err := Decode(b)
	if err != nil {
		return "", err
	}
	sets, _ := filepath.Glob(filepath.Join(dir, "test_data_set_*"))
	for _, set := range sets {
		in, err := readTensors(set, "input")
		if err != nil {
			return "", err
		}
		want, err := readTensors(set, "output")
		if err != nil {
			return "", err
		}
		if wrong, refused := runSet(m, in, want); refused != nil || wrong != "" {
			return wrong, refused
		}
	}
	return "", nil
}

func runSet(m *Model, in, want []Tensor) (wrong string, refused error) {
	var cfg Config
	values := map[string]tensor.Tensor{}
	k := 0
	for _, v := range m.Graph.Inputs {
		if slices.ContainsFunc(m.Graph.Initializers, func(t Tensor) bool { return t.Name == v.Name }) {
			continue
		}
		if k == len(in) {
			return "", fmt.Errorf("no data for input %q", v.Name)
		}
		cfg.Inputs = append(cfg.Inputs, Input{Name: v.Name, Value: in[k].Value})
		values[v.Name] = in[k].Value
		k++
	}
	r, err := Import(m, cfg)
	if err != nil {
		return "", err
	}
	for _, l := range r.Inputs {
		if l.Keep != 0 {
			return "", errors.New("its result is random")
		}
	}
	for _, f := range []tensor.Type{tensor.Float64, tensor.Float32} {
		if f == tensor.Float32 && slices.ContainsFunc(in, func(t Tensor) bool { return t.Type == Double }) {
			continue // meant for float64: some hold numbers that a float32 cannot
		}
		for i, got := range r.outputs(f, values) {
			if !want[i].Value.Wanted() {
				return "", fmt.Errorf("output of %v", want[i].Type)
			}
			if d := differ(got, want[i].Value); d != "" {
				return fmt.Sprintf("%v: output %q: %s", f, r.Outputs[i].Name, d), nil
			}
		}
	}
	return "", nil
}

// TestConformance runs ONNX's own cases. Every case gives the right numbers or is on the list of what is not supported,
// which names nothing that works.
func TestConformance(t *testing.T) {
	needData(t)
	listed := map[string]bool{}
	b, err := os.ReadFile(unsupportedList)
	if !*update {
		require.NoError(t, err)
	}
	for line := range strings.Lines(string(b)) {
		if name, _, ok := strings.Cut(line, ": "); ok && line[0] != '#' {
			listed[name] = true
		}
	}
	lines := []string{}
	for _, group := range []string{"node", "simple", "pytorch-converted", "pytorch-operator"} {
		dirs, err := filepath.Glob(filepath.Join(dataDir, group, "*"))
		require.NoError(t, err)
		passed := 0
		for _, dir := range dirs {
			name := group + "/" + filepath.Base(dir)
			wrong, refused := runCase(dir)
			switch {
			case wrong != "":
				t.Errorf("%s: %s", name, wrong)
			case refused != nil:
				lines = append(lines, name+": "+strings.TrimPrefix(refused.Error(), "onnx: "))
				if !listed[name] && !*update {
					t.Errorf("%s: not supported, and not in %s: %v", name, unsupportedList, refused)
				}
			default:
				passed++
				if listed[name] && !*update {
					t.Errorf("%s passes: remove it from %s", name, unsupportedList)
				}
			}
		}
		t.Logf("%s: %d of %d cases pass, the others are declared unsupported", group, passed, len(dirs))
	}
	if *update {
		head := "# The cases of libonnx-testdata that Import refuses, and why. Rewritten by: go test ./encoding/onnx -run Conformance -update\n"
		require.NoError(t, os.MkdirAll("testdata", 0o777))
		require.NoError(t, os.WriteFile(unsupportedList, []byte(head+strings.Join(lines, "\n")+"\n"), 0o666))
	}
}
