package bench

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/engine/enginetest"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// On every job, in both types, an update of sparse Z-IL does exactly the kernel work of backprop, as a multiset of functions,
// shapes and derivatives: in the synchronous engine, in virtual time, with actors and in shards.
func TestSameKernelWork(t *testing.T) {
	for _, j := range Jobs() {
		for _, typ := range []tensor.Type{tensor.Float32, tensor.Float64} {
			t.Run(j.Name+"/"+typ.String(), func(t *testing.T) { testSameKernelWork(t, j, typ) })
		}
	}
}

func testSameKernelWork(t *testing.T, j Job, typ tensor.Type) {
	net, err := j.Build()
	require.NoError(t, err)
	if testing.Short() && large(net) {
		t.Skip("takes long")
	}
	sample := j.sample(net, typ)
	calls := func(build func(engine.Config) (engine.Engine, error)) *enginetest.Ledger {
		l := new(enginetest.Ledger)
		c := l.Count(enginetest.Case{Graph: net.Graph, Initial: net.Initial, Loss: j.Loss}).Config(typ)
		c.Plasticity = synapse.Rule{Rate: 0.01}
		e, err := build(c)
		require.NoError(t, err)
		defer e.Close()
		_, err = e.Learn(context.Background(), sample)
		require.NoError(t, err)
		return l
	}
	engines := builders(pc.ZIL())
	want := calls(engines["bp"])
	assert.Positive(t, want.Total())
	for name, build := range engines {
		assert.NoError(t, calls(build).Compare(want), name)
	}
	if j.Name == "mlp20" || j.Name == "mlp128" { // negative control: the dense form works at every tick
		dense := calls(func(c engine.Config) (engine.Engine, error) { return pc.New(pc.Config{Config: c, Rule: pc.DenseZIL()}) })
		assert.Greater(t, dense.Total(), want.Total())
	}
}

// The work of a perceptron is what can be counted by hand.
func TestWork(t *testing.T) {
	j, err := FindJob("mlp20")
	require.NoError(t, err)
	net, err := j.Build()
	require.NoError(t, err)
	w := WorkOf(net, tensor.Float32)
	assert.Equal(t, 2*20*(784*256*2+256*256*3+256*10*3), int(w.Flops))
	assert.Equal(t, 4*(5*(784*256+256+256*256+256+256*10+10)+20*(4*(256+256+256+256)+2*10)), int(w.Bytes))
	assert.Equal(t, 2*w.Bytes, WorkOf(net, tensor.Float64).Bytes)
}

// A stepper measures as often as it is told.
func TestStepper(t *testing.T) {
	j, err := FindJob("mlp20")
	require.NoError(t, err)
	s, err := NewStepper(context.Background(), Config{Job: j, Type: tensor.Float32}, Entry{Engine: "actors", Schedule: "zil"})
	require.NoError(t, err)
	defer s.Close()
	for range 2 {
		ms, err := s.Measure(context.Background())
		require.NoError(t, err)
		assert.Positive(t, ms)
	}
	assert.Len(t, s.Row().Millis, 2)
	assert.Equal(t, "actor", s.Row().Hosting)
}
