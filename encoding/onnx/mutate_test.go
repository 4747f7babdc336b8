package onnx

import (
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"testing"
	"time"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/require"
)

// hostile numbers are those that sizes, axes and strides must survive.
func hostile(r *rand.Rand) int64 {
	list := []int64{0, 1, -1, 2, 3, 7, 100, 65536, 1 << 20, 1 << 30, math.MaxInt32, math.MinInt32, 1 << 40, math.MaxInt64, math.MinInt64}
	return list[r.IntN(len(list))]
}

// mutate changes one thing in a model: an attribute, an initializer, an operator, the inputs of a node.
func mutate(r *rand.Rand, m *Model, ops []string) {
	g := m.Graph
	if len(g.Nodes) == 0 {
		return
	}
	n := &g.Nodes[r.IntN(len(g.Nodes))]
	switch r.IntN(6) {
	case 0, 1:
		if len(n.Attributes) == 0 {
			return
		}
		a := &n.Attributes[r.IntN(len(n.Attributes))]
		a.Int, a.Float, a.String = hostile(r), float32(hostile(r)), a.String[min(len(a.String), 2):]
		if len(a.Ints) > 0 {
			a.Ints = slices.Clone(a.Ints)
			a.Ints[r.IntN(len(a.Ints))] = hostile(r)
			a.Ints = a.Ints[r.IntN(2)*r.IntN(len(a.Ints)):]
		}
	case 2:
		n.Op = ops[r.IntN(len(ops))]
	case 3:
		if len(n.Inputs) > 0 {
			n.Inputs = slices.Clone(n.Inputs)
			n.Inputs[r.IntN(len(n.Inputs))] = ""
		}
	case 4:
		if len(n.Inputs) > 0 {
			n.Inputs = append([]string{n.Inputs[len(n.Inputs)-1]}, n.Inputs...)
		}
	case 5:
		m.Opsets = []Opset{{"", 1 + r.Int64N(MaxOpset)}}
	}
	for i := range g.Initializers {
		if v := g.Initializers[i].Value; v.Type() == tensor.Int64 && v.Len() > 0 && r.IntN(4) == 0 {
			v.Int64s()[r.IntN(v.Len())] = hostile(r)
		}
	}
}

// mutatedInputs are inputs of about the right shape, whose integers are hostile.
func mutatedInputs(r *rand.Rand, m *Model) Config {
	var cfg Config
	for i := range m.Graph.Inputs {
		v := &m.Graph.Inputs[i]
		if len(v.Dims) > tensor.MaxRank || v.Type.Storage() == tensor.None {
			continue
		}
		dims, large := make([]int, len(v.Dims)), 1.0
		for k, d := range v.Dims {
			dims[k] = int(min(max(d.Size, 0), 64))
			if r.IntN(12) == 0 {
				dims[k] = []int{0, 1, 2, 5, 1 << 20, math.MaxInt32}[r.IntN(6)]
			}
			large *= float64(max(dims[k], 1))
		}
		v.Known = false
		in := Input{Name: v.Name, Shape: tensor.Dims(dims...), Sized: true}
		if v.Dims = nil; large < 1<<16 {
			in.Value = tensor.New(v.Type.Storage(), in.Shape)
			for k := range in.Value.Len() {
				in.Value.SetFloat(k, float64(hostile(r)))
			}
		}
		cfg.Inputs = append(cfg.Inputs, in)
	}
	return cfg
}

// Models of ONNX's own suite with one or more things wrong are imported or refused, quickly, and never make the importer
// panic.
func TestMutated(t *testing.T) {
	needData(t)
	const seed = 2
	var ops []string
	for _, e := range Table() {
		ops = append(ops, e.Name)
	}
	files, err := filepath.Glob(dataDir + "/*/*/model.onnx")
	require.NoError(t, err)
	rounds := 3
	if testing.Short() {
		rounds = 1
	}
	imported := 0
	for k, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		for round := range rounds {
			m, err := Decode(b)
			if err != nil {
				break
			}
			r := rand.New(rand.NewPCG(seed, uint64(k*1000+round)))
			for range 1 + r.IntN(3) {
				mutate(r, m, ops)
			}
			cfg, start := mutatedInputs(r, m), time.Now()
			func() {
				defer func() {
					if p := recover(); p != nil {
						t.Errorf("%s, seed %d, round %d: panic: %v\n%s", file, seed, round, p, debug.Stack())
					}
				}()
				if _, err := Import(m, cfg); err == nil {
					imported++
				}
			}()
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("%s, seed %d, round %d: took %v", file, seed, round, d)
			}
		}
	}
	t.Logf("%d of %d mutated models import", imported, rounds*len(files))
}
