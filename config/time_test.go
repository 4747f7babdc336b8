package config

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/tensor"
)

const jitter = `name: digits-jitter
seed: 7
knobs: {jitter: 0, loss: 0, lesion: 0}
network: {arch: mlp, layers: [64, 12, 10], activation: tanh, grain: neuron}
data: {set: digits, batch: 1}
learning: {schedule: zil, loss: half-squared-error, plasticity: {rule: sgd, rate: 0.02}, precision: {hidden: 1}, il: {tau: 10 ms, settle: 200 ms}, updates: 5000}
time: {engine: sim, mode: free, resolution: 0.01 ms, tick: 1 ms}
clocks: {drift: {normal: {sd: 1e-4}}, phase: uniform}
links:
  - {match: "* -> *", both: {delay: {constant: 0.5 ms}, on_loss: keep-last}}
  - {match: "hidden/* -> output/*", down: {delay: {lognormal: {mean: 0.5 ms, sd: $jitter}}, loss: $loss}}
interventions:
  - {at: {update: 2500}, lesion: {vertices: "hidden/*", share: $lesion}}
compare: {reference: bp, every: 100, measures: [cosine, relative_l2, accuracy]}
sweep:
  knobs.jitter: [0, 0.05 ms, 0.1 ms, 0.2 ms, 0.5 ms, 1 ms]
  knobs.loss: [0, 0.01, 0.1]
  learning.schedule: [zil, fazil, event, il]
  seeds: 10
  plots: [{x: jitter, y: cosine, by: learning.schedule, band: ci95}]
`

func TestParseDuration(t *testing.T) {
	for text, want := range map[string]Duration{"0": 0, "0.5 ms": 500 * Microsecond, "10us": 10 * Microsecond, "1e-3 s": Millisecond,
		" 3 µs ": 3 * Microsecond, "7ns": 7 * Nanosecond, "2 s": 2 * Second, "-1 ms": -Millisecond, "0.001 ns": Picosecond} {
		d, err := ParseDuration(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, d, text)
		again, err := ParseDuration(d.String())
		require.NoError(t, err, d.String())
		assert.Equal(t, d, again)
	}
	for _, text := range []string{"", "ms", "1", "1 m", "1 2 ms", "1e400 ms", "1e-9 ns", "1e30 s", "x ms", "1/2 ms", "0x1 ms"} {
		_, err := ParseDuration(text)
		assert.Error(t, err, text)
	}
	n, exact := (25 * Microsecond).Units(10 * Microsecond)
	assert.Equal(t, int64(3), n)
	assert.False(t, exact)
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"0", "0.5 ms", "1e-3s", "-7 ns", "9e9us"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			return
		}
		again, err := ParseDuration(d.String())
		require.NoError(t, err, d.String())
		require.Equal(t, d, again)
	})
}

// The whole vocabulary of virtual time loads, resolves to a fixed point, and builds.
func TestVirtualTime(t *testing.T) {
	l, err := Parse("x.yaml", []byte(jitter))
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	text, err := s.Config.Marshal()
	require.NoError(t, err)
	again, err := Parse("again.yaml", text)
	require.NoError(t, err, string(text))
	assert.Equal(t, s.Config, again.Config, string(text))
	assert.Equal(t, "zil-dense", s.Rule.Name, "the form that does not wait")
	points := l.Sweep.Points(l.Seed)
	assert.Len(t, points, 6*3*4*10)
	assert.Equal(t, []string{"knobs.jitter=0", "knobs.loss=0", "learning.schedule=zil", "seed=8"}, points[1].Overrides)
	e, err := s.Engine("sim", s.Rule)
	require.NoError(t, err)
	require.NoError(t, e.Close())
	l, err = Parse("x.yaml", []byte(jitter), "knobs.jitter=0.2 ms", "knobs.loss=0.25", "learning.schedule=il")
	require.NoError(t, err)
	assert.Equal(t, 200*Microsecond, l.Links[1].Down.Delay.LogNormal.SD)
	assert.Equal(t, 0.25, *l.Links[1].Down.Loss.Bernoulli)
	assert.Equal(t, 0.1, l.rule().Gamma)
	assert.Equal(t, 200, l.rule().Ticks)
}

func TestMistakesOfTimeAreLocated(t *testing.T) {
	for _, c := range []struct{ change, by, want string }{
		{"resolution: 0.01 ms", "resolution: 0.01", `x.yaml:7:45: time.resolution: got "0.01": a time without a unit: write 0.01 ms, or another of s, us, ns`},
		{"tick: 1 ms", "tick: 0.01 ms", "x.yaml:7:60: time.tick: 0.01 ms: a tick has two halves"},
		{"mode: free", "mode: fre", `x.yaml:7:27: time.mode: unknown name "fre": use one of lockstep, free`},
		{"loss: $loss}", "loss: $los}", `x.yaml:11:99: links[1].down.loss: unknown knob "$los"; there are jitter, loss, lesion`},
		{"loss: $loss}", "loss: 1.5}", "x.yaml:11:99: links[1].down.loss: bernoulli: rate is 1.5, want a probability"},
		{"lognormal:", "lognormel:", "x.yaml:11:52: links[1].down.delay.lognormel: unknown key; did you mean lognormal?"},
		{"constant: 0.5 ms", "constant: 0.5 ms, exponential: 1 ms", "links[0].both.delay: 2 distributions: keep one"},
		{"on_loss: keep-last", "on_loss: keep", `unknown name "keep": use keep-last or zero`},
		{`"* -> *"`, `"*"`, `x.yaml:10:13: links[0].match: "*": want edges`},
		{"phase: uniform", "phase: 2", "x.yaml:8:46: clocks.phase: got 2, want uniform, or a share"},
		{"lesion: {vertices", "lesion: {edges", "interventions[0].lesion.edges: lesion is about vertices"},
		{"tau: 10 ms", "tau: 10 ms, gamma: 0.1", "tau and gamma exclude each other"},
		{"schedule: zil,", "schedule: zill,", "use one of zil, zil-dense, fazil, fazil-value, event, event-delta, il, fixed, ipc"},
		{"precision: {hidden: 1}", "precision: {hidden: -1}", "learning.precision.hidden: \"-1\": want a number above 0"},
		{"x: jitter", "x: jiter", `sweep.plots[0].x: "jiter" is not swept; there are knobs.jitter, knobs.loss, learning.schedule`},
		{"knobs.loss: [0, 0.01, 0.1]", "knobs.loss: 0.1", "x.yaml:17:15: sweep.knobs.loss: got 0.1, want a list of values"},
		{"mode: free", "mode: lockstep", "clocks[0]: in lockstep there is one clock: use mode free"},
		{"engine: sim", "engine: pc", "engine pc has no virtual time: set time.engine to sim, or leave it out"},
		{"every: 100", "every: -1", "compare.every: got -1, want epoch, update, end, or a number of updates from 1 on"},
	} {
		text := strings.Replace(jitter, c.change, c.by, 1)
		require.NotEqual(t, jitter, text)
		_, err := Parse("x.yaml", []byte(text))
		assert.ErrorContains(t, err, c.want, c.by)
	}
	for _, c := range [][2]string{
		{"knobs.x=1", "--set knobs.x=1: knobs.x: unknown knob; there are jitter, loss, lesion"},
		{"knobs.jitter=[1]", "knobs.jitter: want a number, a time or a word"},
		{"sweep.seeds=x", `sweep.seeds: got "x", want a whole number`},
	} {
		_, err := Parse("x.yaml", []byte(jitter), c[0])
		assert.ErrorContains(t, err, c[1])
	}
}

func TestPatternsThatFitNothingAreLocated(t *testing.T) {
	for _, c := range []struct{ change, by, want string }{
		{`"hidden/* -> output/*"`, `"hiden/* -> output/*"`, `x.yaml:11:13: links[1].match: pattern "hiden/* -> output/*": no vertex is called "hiden/*"`},
		{`vertices: "hidden/*"`, `vertices: "hidden/w/*"`, "interventions[0].lesion: \"hidden/w/*\" fits no vertex that is computed and not the output"},
		{"precision: {hidden: 1}", "precision: {hiden: 1}", "learning.precision.hiden: pattern"},
		{"clocks: {", "clocks: {match: nobody, ", "clocks[0].match"},
	} {
		l, err := Parse("x.yaml", []byte(strings.Replace(jitter, c.change, c.by, 1)))
		require.NoError(t, err)
		_, err = l.Open()
		assert.ErrorContains(t, err, c.want, c.by)
	}
}

func TestRoundingIsReported(t *testing.T) {
	l, err := Parse("x.yaml", []byte(strings.Replace(jitter, "constant: 0.5 ms", "constant: 0.123 ms", 1)), "knobs.jitter=0.1 ms", "time.tick=1.004 ms")
	require.NoError(t, err)
	assert.Equal(t, []string{"time.tick is 1.004 ms, no multiple of the resolution: 1 ms is used",
		"links[0].both.delay is 0.123 ms, no multiple of the resolution: 0.12 ms is used",
		"delays that are drawn are rounded to the resolution, 0.01 ms",
		"nobody waits in mode free: schedule zil runs as zil-dense, its dense form"}, l.Notes())
}

// Delays that do not differ are reported whatever family they are written as, and those of interventions as well; of those
// that are drawn it is said once.
func TestEveryDelayThatIsRoundedIsReported(t *testing.T) {
	const want = " is 0.504 ms, no multiple of the resolution: 0.5 ms is used"
	const drawn = "delays that are drawn are rounded to the resolution, 0.01 ms"
	for delay, list := range map[string][]string{
		"0.504 ms":                                                              {"links[0].up.delay" + want},
		"{lognormal: {mean: 0.504 ms, sd: 0}}":                                  {"links[0].up.delay" + want},
		"{normal: {mean: 0.504 ms}}":                                            {"links[0].up.delay" + want},
		"{gamma: {mean: 0.504 ms}}":                                             {"links[0].up.delay" + want},
		"{uniform: {low: 0.504 ms, high: 0.504 ms}}":                            {"links[0].up.delay" + want},
		"{distance: {velocity: 1000, length: [504]}}":                           {"links[0].up.delay" + want},
		"{distance: {velocity: 1000, length: [404], offset: 0.1 ms}}":           {"links[0].up.delay" + want},
		"{distance: {velocity: 1000, length: [400, 504]}}":                      {drawn},
		"{distance: {velocity: 1000, length: [500]}}":                           nil,
		"{uniform: {low: 0.1 ms, high: 0.504 ms}}":                              {drawn},
		"{exponential: 0.504 ms}":                                               {drawn},
		"0.5 ms":                                                                nil,
		"0.5 ms}, down: {delay: {lognormal: {mean: 0.504 ms, sd: 1 ms}}":        {drawn},
		"0.504 ms, jitter: 1 ms":                                                {"links[0].up.delay" + want, drawn},
		"0.5 ms, jitter: 1 ms}, down: {delay: {normal: {mean: 1 ms, sd: 1 ms}}": {drawn},
	} {
		l, err := Parse("", nil, "time={engine: sim}", "links=[{match: '* -> *', up: {delay: "+delay+"}}]")
		require.NoError(t, err, delay)
		assert.Equal(t, list, l.rounded(), delay)
	}
	l, err := Parse("", nil, "time={engine: sim}", "interventions=[{at: {update: 2}, link: {match: '* -> *', down: {delay: 0.504 ms}}}]")
	require.NoError(t, err)
	assert.Equal(t, []string{"interventions[0].link.down.delay" + want}, l.rounded())
}

// What is wrong is said with the path of its key, and times as they were written.
func TestMistakesOfLinks(t *testing.T) {
	for way, want := range map[string]string{
		"delay: -1 ms": "links[0].both.delay: constant is -1 ms, want no negative time",
		"delay: {uniform: {low: 2 ms, high: 1 ms}}":                   "links[0].both.delay: uniform: low is 2 ms, more than high, 1 ms",
		"delay: {lognormal: {mean: 1 ms, sd: -0.5 ms}}":               "links[0].both.delay: lognormal.sd is -0.5 ms, want no negative time",
		"delay: {exponential: -1 ms}":                                 "links[0].both.delay: exponential is -1 ms",
		"delay: {distance: {velocity: -2, length: [1]}}":              "links[0].both.delay: distance.velocity is -2, want",
		"delay: {distance: {velocity: 1, length: [1], offset: -1 s}}": "links[0].both.delay: distance.offset is -1 s",
		"jitter: -1 ms": "links[0].both.jitter: normal.sd is -1 ms",
		"jitter: {uniform: {low: 1 ms, high: -1 ms}}": "links[0].both.jitter: uniform: low is 1 ms, more than high, -1 ms",
		"duplicate: 2":        "links[0].both.duplicate: ",
		"quantum: -1":         "links[0].both.quantum: ",
		"noise: -1":           "links[0].both.noise: ",
		"loss: 2":             "links[0].both.loss: ",
		"noise: 1, delay: 0":  "links[0].both.noise: noise and quantisation change",
		"quantum: 1, loss: 0": "links[0].both.quantum: noise and quantisation change",
	} {
		_, err := Parse("", nil, "time={engine: sim}", "links=[{match: '* -> *', both: {"+way+"}}]")
		assert.ErrorContains(t, err, want, way)
	}
	_, err := Parse("", nil, "time={engine: sim, mode: free}", "links=[{match: '* -> *', both: {jitter: {uniform: {low: -1 ms, high: 1 ms}}}}]")
	assert.NoError(t, err)
}

// A mistake is blamed on who made it: the override, the section that stands for a list, the knob behind a reference.
func TestMistakesAreBlamedOnWhoMadeThem(t *testing.T) {
	const file = "time: {engine: sim, mode: free}\nlearning: {return: random}\nclocks: {drift: 0.9}\n"
	_, err := Parse("x.yaml", []byte(file))
	assert.ErrorContains(t, err, "x.yaml:3:17: clocks[0].drift: 0.9: want")
	_, err = Parse("x.yaml", []byte(file), "learning.return=wibble")
	assert.ErrorContains(t, err, "--set learning.return=wibble: learning.return.kind: unknown name")
	_, err = Parse("x.yaml", []byte(jitter), "knobs.jitter=abc")
	assert.ErrorContains(t, err, `: got "abc": want a time such as`)
	assert.ErrorContains(t, err, "x.yaml:")
	assert.ErrorContains(t, err, " ($jitter: --set knobs.jitter=abc)")
	_, err = Parse("x.yaml", []byte(jitter), "knobs.jitter=-1 ms")
	assert.ErrorContains(t, err, "sd is -1 ms")
	assert.ErrorContains(t, err, " ($jitter: --set knobs.jitter=-1 ms)")
	for _, every := range []string{"0", "1.5", "true", "-3"} {
		_, err = Parse("", nil, "compare.every="+every)
		assert.ErrorContains(t, err, "compare.every: got "+every+", want epoch, update, end, or a number of updates from 1 on")
	}
}

// pc waits for everybody, as actors do: the mode that says so is no mistake.
func TestLockstepIsTheModeOfPC(t *testing.T) {
	for _, engine := range []string{"pc", "actors"} {
		_, err := Parse("x.yaml", []byte("time: {engine: sim, mode: lockstep}"), "time.engine="+engine)
		assert.NoError(t, err, engine)
	}
	_, err := Parse("x.yaml", []byte("time: {engine: sim, mode: free}"), "time.engine=pc")
	assert.ErrorContains(t, err, "engine pc has no virtual time")
}

// Actors in lockstep wait for the end of a tick, which event-delta does not have: it is refused before anything is built, and an
// engine that cannot be made is none.
func TestActorsInLockstepHaveNoEventDelta(t *testing.T) {
	text := []byte("learning: {schedule: event-delta}")
	_, err := Parse("x.yaml", text)
	assert.ErrorContains(t, err, "x.yaml:1:22: learning.schedule: actors in lockstep do not know when event-delta is over: use event, time.mode free, or engine pc or sim")
	for _, set := range []string{"time.mode=free", "time.engine=pc", "time.engine=sim", "time.engine=bp"} {
		_, err := Parse("x.yaml", text, set)
		assert.NoError(t, err, set)
	}
	for _, name := range []string{"actors", "pc", "sim", "bp"} {
		e, err := NewEngine(name, engine.Config{}, pc.EventDelta(), actors.HostAuto)
		assert.Error(t, err, name)
		assert.True(t, e == nil, name)
	}
}

// The last link that fits counts, for each direction on its own; edges of weights only if they are named.
func TestWhichLinkCounts(t *testing.T) {
	l, err := Parse("x.yaml", []byte(jitter), "links=[{match: '* -> *', both: {delay: 0.1 ms}}, {match: 'hidden/* -> output/*', down: {delay: 0.3 ms}}, {match: 'output/w/0..1 -> output/*', up: {delay: 0.2 ms}}]")
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	w := &wiring{Setup: s, graph: s.Network.Graph}
	path, err := w.paths()
	require.NoError(t, err)
	g := graph.Level(s.Network.Graph, graph.Unlevelled, false)
	count := map[string]int{}
	for e := range graph.EdgeID(g.Edges()) {
		for k := range 2 {
			p := path(g, e, neuron.Kind(k))
			if p.Link == nil {
				count["ideal"]++
				assert.Equal(t, graph.Parameter, g.Role(g.From(e)))
			} else {
				count[p.Link.Delay.String()]++
			}
		}
	}
	assert.Equal(t, 2, count["constant(20)"], "two weights, predictions")
	assert.Equal(t, 120, count["constant(30)"], "hidden to output, errors")
	assert.Equal(t, 2*(64*12)+120+2*10, count["constant(10)"])
	assert.Equal(t, 2*22-2, count["ideal"], "weights")
}

// Lesions strike the share that is asked for; a larger share contains a smaller one; and the engine runs through every
// action.
func TestInterventions(t *testing.T) {
	text := strings.Replace(jitter, "interventions:\n", `interventions:
  - {at: {update: 1, after: 1 ms}, noise: {vertices: "hidden/*", sd: 0.1}}
  - {at: {update: 1}, fix: {vertices: hidden/0, value: 0.5}}
  - {at: {update: 2}, free: {vertices: hidden/0}}
  - {at: {update: 1}, cut: {edges: "hidden/* -> output/*", share: 0.5}}
  - {at: {update: 2}, heal: {edges: "hidden/* -> output/*"}}
  - {at: {update: 1}, freeze: {parameters: "hidden/w/*"}}
  - {at: {update: 2}, link: {match: "hidden/* -> output/*", both: {delay: 0.2 ms, loss: {gilbert-elliott: {good_bad: 0.1, bad_good: 0.5, loss_bad: 1}}}}}
`, 1)
	l, err := Parse("x.yaml", []byte(text), "knobs.lesion=0.5", "learning.schedule=il", "learning.il={tau: 10 ms, settle: 5 ms}")
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	e, err := s.NewSim(s.Rule)
	require.NoError(t, err)
	defer func() { require.NoError(t, e.Close()) }()
	loader, err := data.NewLoader(s.Train, s.Batches)
	require.NoError(t, err)
	inputs := s.Network.NewInputs(s.Type)
	before := e.Params().Clone()
	for b := range loader.Train(1, 1) {
		require.NoError(t, s.Network.Inputs(b.X, inputs))
		_, err := e.Learn(context.Background(), engine.Sample{Inputs: inputs, Target: b.Y})
		require.NoError(t, err)
		if b.Index == 2 {
			break
		}
	}
	for i, p := range e.Params() {
		if strings.HasPrefix(p.Name, "hidden/w") {
			assert.Zero(t, engine.Diff(engine.Params{p}, before[i:i+1]).Differing, p.Name)
		}
	}
	assert.Positive(t, e.Stats().Sent)
}

// In the generative direction, inputs are inferred with the output held: the energy is lower than with the inputs held, and the
// same in every engine.
func TestInferredInputs(t *testing.T) {
	energy := func(name, infer string) float64 {
		l, err := Parse("x.yaml", []byte("network: {layers: [4, 6, 3], grain: neuron}\ndata: {set: iris, batch: 1}\n"+
			"learning: {schedule: il, loss: half-squared-error, il: {gamma: 0.1, ticks: 60}"+infer+"}\ntime: {engine: "+name+"}\n"))
		require.NoError(t, err)
		s, err := l.Open()
		require.NoError(t, err)
		e, err := s.Engine(name, s.Rule)
		require.NoError(t, err)
		defer func() { require.NoError(t, e.Close()) }()
		loader, err := data.NewLoader(s.Train, s.Batches)
		require.NoError(t, err)
		inputs := s.Network.NewInputs(s.Type)
		for b := range loader.Train(1, 1) {
			require.NoError(t, s.Network.Inputs(b.X, inputs))
			r, err := e.Learn(context.Background(), engine.Sample{Inputs: inputs, Target: b.Y})
			require.NoError(t, err)
			return r.Energy
		}
		return 0
	}
	held, free := energy("pc", ""), energy("pc", `, infer: "input/*"`)
	assert.Less(t, free, 0.95*held)
	assert.Equal(t, free, energy("actors", `, infer: "input/*"`))
	assert.Equal(t, free, energy("sim", `, infer: input`))
	assert.Less(t, free, energy("pc", `, infer: "input/0..1"`))

	_, err := Parse("x.yaml", nil, "learning.infer='input/*'")
	assert.ErrorContains(t, err, "learning.infer: schedule zil does not infer values: use il or ipc")
	l, err := Parse("x.yaml", nil, "learning.infer='hidden/*'", "learning.schedule=il", "time.engine=pc")
	require.NoError(t, err)
	_, err = l.Open()
	assert.ErrorContains(t, err, `learning.infer: "hidden/*" fits no input`)
}

// A change of links in the middle of a run is the whole link: with what a loss leaves, and with the length of every edge.
func TestChangedLinkIsWhole(t *testing.T) {
	run := func(link string) (hash string, oldest int64) {
		l, err := Parse("x.yaml", []byte(`
network: {layers: [4, 5, 3]}
data: {set: iris, batch: 1}
learning: {schedule: il, plasticity: {rule: sgd, rate: 0.1}, updates: 3}
time: {engine: sim, mode: free}
interventions: [{at: {update: 1}, link: {match: "* -> *", both: `+link+`}}]
`))
		require.NoError(t, err)
		s, err := l.Open()
		require.NoError(t, err)
		e, err := s.NewSim(s.Rule)
		require.NoError(t, err)
		defer e.Close()
		x := engine.Sample{Inputs: s.Network.NewInputs(s.Type), Target: tensor.New(s.Type, s.Network.Output())}
		x.Inputs[0].Fill(0.5)
		for range 3 {
			_, err := e.Learn(context.Background(), x)
			require.NoError(t, err)
		}
		return e.Params().Hash(), e.Stats().MaxAge
	}
	keep, _ := run("{loss: 0.3, on_loss: keep-last}")
	zero, _ := run("{loss: 0.3, on_loss: zero}")
	assert.NotEqual(t, keep, zero)
	_, oldest := run("{delay: {distance: {velocity: 1, length: [5]}}}")
	assert.Equal(t, int64(500), oldest, "5 ms, in units of 0.01 ms")
}

// Inputs are held and let go where the rule infers values: held ones are the sample's, or what they are fixed at, to the bit;
// one that is let go is inferred.
func TestInputsAreHeldAndFreed(t *testing.T) {
	run := func(schedule, what string) (e *sim.Engine, x float64, hash string, err error) {
		l, err := Parse("x.yaml", []byte(`
network: {layers: [4, 5, 3], grain: layer}
data: {set: iris, batch: 1}
learning: {schedule: `+schedule+`, plasticity: {rule: sgd, rate: 0.1}, updates: 3}
time: {engine: sim, mode: free}
interventions: [`+what+`]
`))
		require.NoError(t, err)
		s, err := l.Open()
		if err != nil {
			return nil, 0, "", err
		}
		e, err = s.NewSim(s.Rule)
		require.NoError(t, err)
		defer e.Close()
		sample := engine.Sample{Inputs: s.Network.NewInputs(s.Type), Target: tensor.New(s.Type, s.Network.Output())}
		sample.Inputs[0].Fill(0.5)
		sample.Target.Fill(1)
		for range 3 {
			_, err := e.Learn(context.Background(), sample)
			require.NoError(t, err)
		}
		v := e.Graph().InputVertex(0)
		return e, e.Population().X(v).Float(1), e.Params().Hash(), nil
	}
	_, x, plain, err := run("il", "")
	require.NoError(t, err)
	assert.Equal(t, 0.5, x)
	_, x, hash, err := run("il", "{at: {update: 9}, free: {vertices: input}}")
	require.NoError(t, err)
	assert.Equal(t, 0.5, x)
	assert.Equal(t, plain, hash, "held at the sample until it is let go")
	_, x, hash, err = run("il", "{at: {update: 2, after: 3 ms}, free: {vertices: input}}")
	require.NoError(t, err)
	assert.NotEqual(t, 0.5, x)
	assert.NotEqual(t, plain, hash)
	_, x, _, err = run("il", "{at: {update: 2, after: 3 ms}, fix: {vertices: input, value: [1, 2, 3, 4]}}")
	require.NoError(t, err)
	assert.Equal(t, 2.0, x)
	_, _, _, err = run("il", "{fix: {vertices: input, value: [1, 2]}}")
	assert.ErrorContains(t, err, "2 values, input has 4 elements")
	_, _, _, err = run("zil", "{fix: {vertices: input, value: 1}}")
	assert.ErrorContains(t, err, "schedule zil does not infer values: use il or ipc")
	_, _, _, err = run("event", "{fix: {vertices: '*', value: 1}}")
	assert.ErrorContains(t, err, "interventions[0].fix: schedule event-delta keeps values")
}

// The output is held by the target of the sample, or at another value, which is then the target, under every rule; or by nothing,
// and then nothing is learnt.
func TestOutputIsHeldAndFreed(t *testing.T) {
	run := func(schedule, what, more string, target float64) (params string, energy float64) {
		l, err := Parse("x.yaml", []byte(`
network: {layers: [4, 5, 3], grain: layer}
data: {set: iris, batch: 1}
learning: {schedule: `+schedule+`, loss: half-squared-error, plasticity: {rule: sgd, rate: 0.1}, updates: 3}
time: {engine: sim`+more+`}
interventions: [`+what+`]
`))
		require.NoError(t, err)
		s, err := l.Open()
		require.NoError(t, err)
		e, err := s.NewSim(s.Rule)
		require.NoError(t, err)
		defer e.Close()
		sample := engine.Sample{Inputs: s.Network.NewInputs(s.Type), Target: tensor.New(s.Type, s.Network.Output())}
		sample.Inputs[0].Fill(0.5)
		for n := range 3 {
			sample.Target.Fill(1)
			if n == 1 {
				sample.Target.Fill(target)
			}
			r, err := e.Learn(context.Background(), sample)
			require.NoError(t, err)
			if n == 1 {
				energy = r.Energy
			}
		}
		return e.Params().Hash(), energy
	}
	for _, c := range [][2]string{{"zil", ""}, {"zil-dense", ", mode: free"}, {"event", ""}, {"event", ", mode: free"}, {"fazil", ", mode: free"}, {"il", ""}, {"il", ", mode: free"}, {"il", ", mode: free, stream: true"}, {"fixed", ", mode: free"}} {
		plain, _ := run(c[0], "", c[1], 1)
		other, energy := run(c[0], "", c[1], -0.25)
		require.NotEqual(t, plain, other)
		held, its := run(c[0], "{at: {update: 2}, fix: {vertices: output, value: -0.25}}, {at: {update: 3}, fix: {vertices: output, value: [1, 1, 1]}}", c[1], 7)
		require.Equal(t, other, held, c)
		require.Equal(t, energy, its, c)
		_, free := run(c[0], "{at: {update: 2}, free: {vertices: output}}", c[1], 7)
		require.Less(t, free, energy, c)
	}
	plain, _ := run("zil", "{at: {update: 1}, free: {vertices: output}}, {at: {update: 3}, fix: {vertices: output, value: 1}}", "", 1)
	once, _ := run("zil", "{at: {update: 2}, free: {vertices: output}}", "", 1)
	require.Equal(t, once, plain, "one update learns something, whichever it is")
	middle, _ := run("il", "{at: {update: 2, after: 3 ms}, fix: {vertices: output, value: -0.25}}", ", mode: free", 1)
	start, _ := run("il", "{at: {update: 2}, fix: {vertices: output, value: -0.25}}", ", mode: free", 1)
	require.NotEqual(t, start, middle)

	for says, more := range map[string]string{
		"interventions[0].fix: schedule event asks the output once": "{learning: {schedule: event}, time: {engine: sim, mode: free}, interventions: [{at: {after: 1 ms}, fix: {vertices: readout, value: 1}}]}",
		"interventions[0].fix: the output is held by the target":    "{learning: {schedule: zil, loss: nll}, time: {engine: sim}, interventions: [{fix: {vertices: readout, value: 1}}]}",
	} {
		l, err := Parse("x.yaml", []byte(more))
		require.NoError(t, err)
		_, err = l.Open()
		assert.ErrorContains(t, err, says)
	}
}

// Every edge draws a length of its own, in large networks too.
func TestLengthsOfManyEdges(t *testing.T) {
	w := &Way{Delay: Delay{Distance: &Conduction{Velocity: 1, Length: []float64{0, 1}}}}
	seen := map[float64]bool{}
	for e := range 1 << 20 {
		seen[w.length(1, graph.EdgeID(e))] = true
	}
	assert.Greater(t, len(seen), 1<<20-100)
}
