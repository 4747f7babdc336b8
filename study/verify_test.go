package study

import (
	"bytes"
	"context"
	"math"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/config"
)

func TestVerify(t *testing.T) {
	r, err := Verify(context.Background(), VerifyOptions{Archs: []string{"mlp", "random", "diamond", "residual"}, Grains: []string{"layer", "neuron", "synapse"},
		Engines: []string{"pc", "actors", "bp"}, Schedules: []string{"zil", "zil-dense", "il"}, Dtypes: []string{"f64", "f32"}, Seeds: 4})
	require.NoError(t, err)
	require.Len(t, r.Results, (3+3)*3*3*2)
	assert.True(t, r.Kept())
	for _, v := range r.Results {
		assert.Equal(t, v.Schedule != "il" || v.Engine == "bp", v.Promised)
		assert.Equal(t, v.Promised, v.Equal, "%+v", v)
		assert.Equal(t, v.Equal, v.Differing == 0)
		assert.Positive(t, v.Params)
		assert.Equal(t, v.Engine == "bp", v.Messages == 0)
		if v.Schedule == "zil-dense" && v.Arch == "diamond" && v.Engine != "bp" {
			assert.Positive(t, v.Identities)
		}
		if v.Arch != "mlp" {
			assert.Equal(t, "layer", v.Grain)
		}
	}
	var text bytes.Buffer
	require.NoError(t, r.WriteText(&text))
	assert.Contains(t, text.String(), "that promise backprop's bits have them.")
}

func TestVerifyAnExperiment(t *testing.T) {
	load := func(o ...string) (*config.Loaded, error) {
		return config.Load("", append([]string{"network.layers=[64, 6, 10]", "learning.il.ticks=3", "learning.schedule=il"}, o...)...)
	}
	r, err := Verify(context.Background(), VerifyOptions{Load: load, Seeds: 2, Steps: 2, Engines: []string{"pc"}})
	require.NoError(t, err)
	require.Len(t, r.Results, 2)
	assert.Equal(t, []string{"mlp", "neuron"}, []string{r.Results[0].Arch, r.Results[0].Grain})
	assert.Equal(t, 2*3*(64*6+6+6*10+10), r.Results[0].Params, "two seeds, two updates and the end")
	assert.True(t, r.Results[0].Equal)
	assert.False(t, r.Results[1].Equal)
	assert.Equal(t, 2*2*4, r.Results[1].Ticks, "the experiment's own inference learning")
	_, err = Verify(context.Background(), VerifyOptions{Load: load, Archs: []string{"skip"}})
	assert.ErrorContains(t, err, "no layers")
}

func TestVerifyRefusesGrainsThatAreNotThere(t *testing.T) {
	_, err := Verify(context.Background(), VerifyOptions{Archs: []string{"random"}, Grains: []string{"neuron"}})
	assert.ErrorContains(t, err, "grain neuron is only for mlp")
}

func TestVerifyInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	r, err := Verify(ctx, VerifyOptions{Seeds: 10, Progress: stopper{"verifying", 4, cancel}})
	cancel()
	assert.ErrorIs(t, err, context.Canceled)
	require.NotEmpty(t, r.Results)
	assert.Equal(t, 4, r.Results[0].Graphs)
}

func TestBrokenPromisesAreNotKept(t *testing.T) {
	ulp := uint64(math.MaxUint64)
	r := finished(VerifyReport{}, []VerifyResult{{Engine: "pc", Promised: true, Differing: 1, MaxAbs: Number(math.Inf(1)), ulp: ulp, Graphs: 1}, {}})
	assert.False(t, r.Kept())
	assert.Equal(t, 2, r.NonFinite)
	assert.Len(t, r.Results, 1, "rows without a seed are left out")
	assert.Nil(t, r.Results[0].MaxULP)
	var text bytes.Buffer
	require.NoError(t, r.WriteText(&text))
	assert.Contains(t, text.String(), "DIFFERS, equality was promised")
	assert.Contains(t, text.String(), "A promise of equality was broken.")
}

// What cannot exist has a row that says why, beside those that can; nothing is compared if nothing can.
func TestVerifySaysWhatDoesNotApply(t *testing.T) {
	o := VerifyOptions{Engines: []string{"pc", "actors"}, Schedules: []string{"zil", "event-delta"}, Seeds: 2}
	r, err := Verify(context.Background(), o)
	require.NoError(t, err)
	require.Len(t, r.Results, 4)
	for _, v := range r.Results {
		assert.Equal(t, v.Engine == "actors" && v.Schedule == "event-delta", v.DoesNotApply != "", "%+v", v)
		assert.Equal(t, v.DoesNotApply == "", v.Graphs == 2)
	}
	assert.True(t, r.Kept())
	var text bytes.Buffer
	require.NoError(t, r.WriteText(&text))
	assert.Contains(t, text.String(), "does not apply: actors: rule event-delta does not say when a tick is over: use engine pc or sim")
	o.Engines, o.Schedules = []string{"actors"}, []string{"event-delta"}
	_, err = Verify(context.Background(), o)
	var no *Refusal
	require.ErrorAs(t, err, &no)
	assert.ErrorContains(t, err, "none of these combinations exists: actors, event-delta: actors: rule event-delta")
}

// Learning on random graphs does not diverge in backprop itself, so that the distance of inference learning means something.
func TestRandomGraphsDoNotDiverge(t *testing.T) {
	r, err := Verify(context.Background(), VerifyOptions{Archs: []string{"random"}, Engines: []string{"pc"}, Schedules: []string{"zil", "il"}, Seeds: 60})
	require.NoError(t, err)
	for _, v := range r.Results {
		assert.Equal(t, [2]int{60, 0}, [2]int{v.Graphs, v.Diverged})
		assert.Less(t, float64(v.MaxAbs), 1e4)
	}
	assert.Zero(t, r.NonFinite)
	assert.Positive(t, float64(r.Results[1].MaxAbs))
}

// Where learning does go beyond all bounds, that is what is said, and the figure is of the other graphs.
func TestDivergenceIsCounted(t *testing.T) {
	load := func(o ...string) (*config.Loaded, error) {
		return config.Load("", append([]string{"network.layers=[64, 6, 10]", "learning.loss=half-squared-error", "learning.plasticity.rate=1e9"}, o...)...)
	}
	r, err := Verify(context.Background(), VerifyOptions{Load: load, Seeds: 2, Engines: []string{"pc"}, Schedules: []string{"zil"}})
	require.NoError(t, err)
	v := r.Results[0]
	assert.Equal(t, 2, v.Diverged)
	assert.Zero(t, float64(v.MaxAbs))
	assert.True(t, v.Equal, "zil diverges as backprop does, to the bit")
}

// A second verification, and one at another GOMAXPROCS, has the hash of the first; one of other seeds has not.
func TestVerifyHash(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	hash := func(procs int, first uint64) string {
		runtime.GOMAXPROCS(procs)
		r, err := Verify(context.Background(), VerifyOptions{Archs: []string{"random"}, Engines: []string{"pc", "actors", "sim"},
			Schedules: []string{"zil", "fazil", "event", "il"}, Seeds: 4, First: first})
		require.NoError(t, err)
		for _, v := range r.Results {
			assert.Len(t, v.Hash, 64)
		}
		return r.Hash
	}
	want := hash(1, 1)
	assert.Equal(t, want, hash(1, 1))
	assert.Equal(t, want, hash(2, 1))
	assert.NotEqual(t, want, hash(2, 2))
}
