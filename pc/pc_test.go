package pc

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

func random(r *rand.Rand, typ tensor.Type, s tensor.Shape) tensor.Tensor {
	t := tensor.New(typ, s)
	for i := range t.Len() {
		t.SetFloat(i, r.NormFloat64())
	}
	return t
}

// skip builds h = tanh(xW1+b1), k = tanh(hW2+b2), out = (k + h)·W3: two paths of unequal length.
func skip(t *testing.T) *graph.Graph {
	b := graph.NewBuilder()
	x := b.Input("x", tensor.Float64, tensor.Dims(5, 4))
	w1, b1 := b.Parameter("W1", tensor.Dims(4, 6)), b.Parameter("b1", tensor.Dims(6))
	w2, b2 := b.Parameter("W2", tensor.Dims(6, 6)), b.Parameter("b2", tensor.Dims(6))
	w3 := b.Parameter("W3", tensor.Dims(6, 3))
	h := b.Apply("h", op.Tanh(), b.Apply("", op.Linear(), x, w1, b1))
	k := b.Apply("k", op.Tanh(), b.Apply("", op.Linear(), h, w2, b2))
	b.Output(b.Apply("out", op.MatMul(), b.Apply("sum", op.Add(), k, h), w3))
	g, err := b.Build()
	require.NoError(t, err)
	return g
}

func TestSkipConnectionEqualsBackprop(t *testing.T) {
	g := skip(t)
	r := rand.New(rand.NewPCG(1, 2))
	var initial []tensor.Tensor
	for i := range g.Parameters() {
		initial = append(initial, random(r, tensor.Float64, g.Parameter(i).Shape))
	}
	for _, typ := range []tensor.Type{tensor.Float64, tensor.Float32} {
		cfg := engine.Config{Graph: g, Initial: initial, Type: typ, Plasticity: synapse.Rule{Rate: 0.1}}
		ref, err := bp.New(cfg)
		require.NoError(t, err)
		x, y := random(r, typ, tensor.Dims(5, 4)), random(r, typ, tensor.Dims(5, 3))
		s := engine.Sample{Inputs: []tensor.Tensor{x}, Target: y, Scale: 0.2}
		var want []engine.Params
		for range 3 {
			_, err = ref.Learn(context.Background(), s)
			require.NoError(t, err)
			want = append(want, ref.Params().Clone())
		}
		check := func(name string, c Config, equal bool) {
			c.Config = cfg
			e, err := New(c)
			require.NoError(t, err, name)
			for k := range want {
				res, err := e.Learn(context.Background(), s)
				require.NoError(t, err, name)
				d := engine.Diff(e.Params(), want[k])
				t.Logf("%s %v step %d: %d of %d differ, cosine %v; %+v", name, typ, k, d.Differing, d.Params, d.Cosine, res)
				require.Equal(t, equal, d.Equal(), name)
			}
		}
		check("sparse, delays", Config{}, true)
		check("sparse, identities", Config{Form: graph.Identities}, true)
		check("sparse, unlevelled", Config{Unlevel: true}, true)
		check("dense, identities", Config{Rule: DenseZIL()}, true)
		check("dense, delays", Config{Rule: DenseZIL(), Form: graph.Delays}, true)
		check("dense, unlevelled", Config{Rule: DenseZIL(), Unlevel: true}, false)
		check("IL", Config{Rule: IL(20, 0.1, 0)}, false)
		check("Fa-Z-IL", Config{Rule: FaZIL()}, true)
		check("Fa-Z-IL by value", Config{Rule: FaZILValue()}, true)
		check("Fa-Z-IL, delays", Config{Rule: FaZIL(), Form: graph.Delays}, true)
		check("Fa-Z-IL, unlevelled", Config{Rule: FaZIL(), Unlevel: true}, false)
		check("event", Config{Rule: Event()}, true)
		check("iPC", Config{Rule: IPC(20, 0.1)}, false)
		for _, a := range Ablations(1) {
			check(a.Name, Config{Rule: a.Rule}, false)
		}
	}
}
