package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/tensor"
)

// patient is a free-running experiment with 12 hidden units and 6 updates of 50 ms.
const patient = `network: {layers: [64, 12, 10], grain: neuron}
data: {set: digits, batch: 1}
learning: {schedule: il, plasticity: {rate: 0.02}, il: {tau: 10 ms, settle: 50 ms}, updates: 6}
time: {engine: sim, mode: free}
`

// What is asked for and will not happen is said; what will happen is not.
func TestNotes(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"seed=2", ""},
		{`links=[{match: "output/* -> hidden/*", both: {delay: 0.3 ms}}]`, `links[0].match: "output/* -> hidden/*" fits vertices, but no edge between them`},
		{`links=[{match: "hidden/* -> output/*", both: {delay: 0.3 ms}}]`, ""},
		{`interventions=[{at: {update: 2000}, lesion: {vertices: "hidden/*"}}]`, "interventions[0].at: update 2000 does not come: there are 6"},
		{`interventions=[{at: {update: 6}, lesion: {vertices: "hidden/*"}}]`, ""},
		{`interventions=[{at: {after: 500 ms}, noise: {vertices: "hidden/*", sd: 1}}]`, "interventions[0].at: 500 ms after the beginning of an update it is over: a sample lasts 50 ms"},
		{`interventions=[{at: {after: 49 ms}, noise: {vertices: "hidden/*", sd: 1}}]`, ""},
		{`interventions=[{at: {update: 2}, lesion: {vertices: "hidden/*", share: 0.04}}]`, "interventions[0].lesion: nothing happens: a share of 0.04 is less than half of one"},
		{`interventions=[{at: {update: 2}, lesion: {vertices: "hidden/*", share: 0}}]`, ""},
		{`interventions=[{at: {update: 2}, cut: {edges: "output/* -> hidden/*", share: 0.5}}]`, `interventions[0].cut: "output/* -> hidden/*" fits vertices, but no edge between them`},
		{`interventions=[{at: {update: 2}, heal: {vertices: "hidden/*"}}]`, "interventions[0].heal: nothing happens: there is no lesion and no cut"},
		{`interventions=[{at: {update: 2}, cut: {edges: "hidden/* -> output/*"}}, {at: {update: 3}, heal: {edges: "hidden/* -> output/*"}}]`, ""},
		{`interventions=[{at: {update: 2}, thaw: {parameters: "hidden/w/*"}}]`, "interventions[0].thaw: nothing happens: no parameter is frozen"},
		{`interventions=[{at: {update: 2}, free: {vertices: "hidden/*"}}]`, "interventions[0].free: nothing happens: no value is fixed"},
		{`interventions=[{at: {update: 2}, free: {vertices: readout}}]`, ""},
		{`interventions=[{at: {update: 2}, free: {vertices: input}}]`, ""},
		{`record=[{what: [energy], every: update, updates: [99]}]`, "record.traces[0].updates: nothing is recorded: there are 6 updates, counted from 0"},
		{`record=[{what: [energy], every: update, updates: [5, 99]}]`, ""},
		{`record=[{what: [value], of: "hidden/0..70", every: update}]`, `record.traces[0].of: "hidden/0..70" goes beyond what there is, which ends at hidden/11`},
		{`record=[{what: [value], of: "hidden/0..11", every: update}]`, ""},
		{`interventions=[{at: {}, cut: {edges: "hidden/0..3 -> output/0..20"}}]`, `interventions[0].cut: "output/0..20" goes beyond what there is, which ends at output/9`},
		{`links=[{match: "input/* -> hidden/*", up: {delay: 0.3 ms}}]`, `links[0].up: nothing travels this way along "input/* -> hidden/*" under schedule il in mode free`},
		{`links=[{match: "hidden/w/* -> *", both: {loss: 0.3}}]`, "links[0].both: nothing travels this way"},
		{`interventions=[{at: {}, link: {match: "input/* -> hidden/*", down: {delay: 0.3 ms}}}]`, "interventions[0].link.down: nothing travels this way"},
		{`links=[{match: "input/* -> hidden/*", up: {}}]`, ""},
		{`clocks=[{match: "hidden/w/*", kind: poisson}]`, `clocks[0].match: "hidden/w/*" fits inputs and weights alone, which take no turns`},
		{`clocks=[{match: "input", kind: poisson}]`, "clocks[0].match: "},
		{`clocks=[{match: hidden, kind: poisson}, {match: readout, drift: 0.1}, {drift: 0.1}]`, ""},
		{`links=[{match: "* -> *", both: {delay: 0.3 ms}}]`, ""},
		{"time.settle=8 ms", "time.settle is not used"},
		{"learning.il.tau=0.5 ms", "a relaxation has step γ = 2, more than 1"},
		{"learning.il.tau=1 ms", ""},
		{"learning.return={kind: stale}", "learning.return: stale weights that are refreshed after every update are the weights themselves"},
		{"learning.return={kind: stale, refresh: 2}", ""},
	} {
		l, err := Parse("x.yaml", []byte(patient), c.set)
		require.NoError(t, err, c.set)
		s, err := l.Open()
		require.NoError(t, err, c.set)
		if c.want == "" {
			assert.Empty(t, s.Notes(), c.set)
			continue
		}
		require.Len(t, s.Notes(), 1, c.set)
		assert.True(t, strings.HasPrefix(s.Notes()[0], c.want), "%s: %s", c.set, s.Notes()[0])
	}
}

// A sample lasts as long as the rule says, if no time is given.
func TestTimesBeyondTheSampleAreNoted(t *testing.T) {
	for _, c := range [][3]string{
		{"learning.il={gamma: 0.1, ticks: 12}", "12 ms", "12 ms"},
		{"learning.il={gamma: 0.1, ticks: 12}", "11.99 ms", ""},
		{"learning={schedule: zil, updates: 6}", "2 ms", "2 ms"},
		{"learning={schedule: zil, updates: 6}", "1.5 ms", ""},
	} {
		for _, clocks := range []string{"[]", "[{phase: uniform}]"} {
			l, err := Parse("x.yaml", []byte(strings.Replace(patient, "il: {tau: 10 ms, settle: 50 ms}, ", "", 1)), c[0], "clocks="+clocks, `interventions=[{at: {after: `+c[1]+`}, cut: {edges: "hidden/* -> output/*"}}]`)
			require.NoError(t, err)
			s, err := l.Open()
			require.NoError(t, err)
			over := slices.ContainsFunc(s.Notes(), func(n string) bool { return strings.HasSuffix(n, "it is over: a sample lasts "+c[2]) })
			longer := clocks != "[]" && strings.Contains(c[0], "zil") // levels with clocks have two ticks more
			assert.Equal(t, c[2] != "" && !longer, over, "%v %s: %v", c, clocks, s.Notes())
		}
	}
}

// In a stream time goes on from sample to sample.
func TestTimesBeyondAStreamAreNoted(t *testing.T) {
	for after, want := range map[string]bool{"40 ms": false, "99 ms": false, "100 ms": true, "900 ms": true} {
		l, err := Parse("x.yaml", []byte(patient), "time.stream=true", `interventions=[{at: {update: 5, after: `+after+`}, lesion: {vertices: "hidden/*"}}]`)
		require.NoError(t, err)
		s, err := l.Open()
		require.NoError(t, err)
		var list []string
		if want {
			list = []string{"interventions[0].at: " + after + " after the beginning of update 5 the run is over: a sample lasts 50 ms"}
		}
		assert.Equal(t, list, s.Notes())
	}
}

// A schedule that the configuration cannot do with is not proposed.
func TestTakes(t *testing.T) {
	for set, want := range map[string]bool{
		"seed=2": true, "time.stream=true": false, "learning.infer=input": false,
		"interventions=[{at: {update: 2}, fix: {vertices: input, value: 0}}]": false,
	} {
		l, err := Parse("x.yaml", []byte(patient), set)
		require.NoError(t, err, set)
		s, err := l.Open()
		require.NoError(t, err, set)
		assert.Equal(t, want, s.Takes("zil"), set)
		assert.True(t, s.Takes("il"), set)
	}
}

// What is said of a rule that has no use for it is said to be idle, unless a sweep may come to it.
func TestIdleKeys(t *testing.T) {
	for _, c := range []struct {
		set  []string
		want []string
	}{
		{[]string{"learning.schedule=zil-dense"}, []string{"learning.il is not used: schedule zil-dense has no relaxations to set; how long a sample lasts is time.settle"}},
		{[]string{"learning.schedule=zil-dense", "sweep.learning.schedule=[zil-dense, il]"}, nil},
		{[]string{"time.engine=pc", "learning.schedule=zil"}, []string{"learning.il is not used: schedule zil has no relaxations to set"}},
		{[]string{"learning.schedule=fixed"}, nil},
		{[]string{"learning.schedule=event-delta", "clocks=[{drift: 0.1}]"}, []string{"learning.il", "clocks are not used: under schedule event-delta"}},
		{[]string{"time.engine=bp"}, []string{"learning.il is not used: engine bp has no predictive coding"}},
		{[]string{"time.engine=bp", "learning.precision={hidden: 2}", "learning.return={kind: sign}", "learning.state=absolute"},
			[]string{"learning.precision is", "learning.il is", "learning.return is", "learning.state is"}},
	} {
		text := patient
		if strings.HasPrefix(c.set[0], "time.engine") {
			text = strings.Replace(text, "time: {engine: sim, mode: free}", "", 1)
		}
		l, err := Parse("x.yaml", []byte(text), c.set...)
		require.NoError(t, err, c.set)
		var notes []string
		for _, n := range l.Notes() {
			if !strings.HasPrefix(n, "nobody waits") {
				notes = append(notes, n)
			}
		}
		require.Len(t, notes, len(c.want), "%v: %v", c.set, notes)
		for i, want := range c.want {
			assert.True(t, strings.HasPrefix(notes[i], want), notes[i])
		}
	}
}

// What a run would refuse is refused before, with its place.
func TestPatternsAreResolved(t *testing.T) {
	for _, c := range [][2]string{
		{`interventions=[{at: {update: 1}, fix: {vertices: hidden/99, value: 1}}]`, `interventions[0].fix: pattern "hidden/99": no vertex is called`},
		{`interventions=[{at: {update: 1}, lesion: {vertices: readout}}]`, `interventions[0].lesion: "readout" fits no vertex that is computed and not the output`},
		{`interventions=[{at: {update: 1}, freeze: {parameters: "hidden/3"}}]`, "interventions[0].freeze: \"hidden/3\" fits no parameter"},
		{`interventions=[{at: {update: 1}, link: {match: "nobody -> *", both: {delay: 1 ms}}}]`, "interventions[0].link: pattern"},
		{`record=[{what: [weight], of: "hidden/0..7", every: update}]`, "record.traces[0]: "},
		{`links=[{match: "nobody -> *", both: {delay: 1 ms}}]`, "links[0].match: "},
		{`clocks=[{match: nobody, drift: 0.1}]`, "clocks[0].match: "},
		{`learning.precision={nobody: 2}`, "learning.precision.nobody: "},
		{`learning.precision={input: 2}`, "learning.precision.input: \"input\" fits no vertex that has an error: inputs and parameters have none"},
		{`learning.precision={"hidden/w/*": 2}`, "learning.precision.hidden/w/*: \"hidden/w/*\" fits no vertex that has an error"},
		{"learning.infer=hidden/*", `learning.infer: "hidden/*" fits no input`},
	} {
		l, err := Parse("x.yaml", []byte(patient), c[0])
		require.NoError(t, err, c[0])
		_, err = l.Open()
		var bad *Error
		require.ErrorAs(t, err, &bad, c[0])
		assert.Contains(t, err.Error(), "--set "+strings.Split(c[0], "=")[0])
		assert.Contains(t, err.Error(), c[1])
	}
}

// Precisions other than 1 need a dense form: zil has one, event is refused.
func TestPrecisionNeedsTheDenseForm(t *testing.T) {
	for _, engine := range []string{"sim", "pc", "actors"} {
		of := func(more ...string) (*Loaded, error) {
			return Parse("x.yaml", []byte("network: {layers: [64, 12, 10]}\n"), append([]string{"time.engine=" + engine}, more...)...)
		}
		for precision, form := range map[string]string{"{hidden: 2}": "zil-dense", "{hidden: 1}": "zil", "{hidden: 1.0}": "zil"} {
			l, err := of("learning.precision=" + precision)
			require.NoError(t, err)
			assert.Equal(t, form, l.rule().Name, precision)
			assert.Equal(t, form != "zil", len(l.Notes()) == 1)
			s, err := l.Open()
			require.NoError(t, err)
			e, err := s.Engine(engine, s.Rule)
			require.NoError(t, err)
			require.NoError(t, e.Close())
		}
		_, err := of("learning.precision={hidden: 2}", "learning.schedule=event")
		assert.ErrorContains(t, err, "learning.precision: schedule event gathers errors of precision 1")
	}
}

func TestBadNumbers(t *testing.T) {
	for _, c := range [][2]string{
		{`interventions=[{at: {update: 1}, noise: {vertices: "hidden/*", sd: -2}}]`, "interventions[0].noise.sd: -2: want a standard deviation of 0 or more"},
		{`interventions=[{at: {update: 1}, noise: {vertices: "hidden/*"}}]`, "interventions[0].noise.sd: no standard deviation"},
		{"sweep.seeds=0", "sweep.seeds: 0 seeds: want 1 or more"},
		{`links=[{match: "* -> *", both: {loss: {gilbert-elliott: {good_bad: 0.1, bad_good: 0.2}}}}]`, "links[0].both.loss.gilbert-elliott: loss_bad is missing: want the probabilities good_bad, bad_good and loss_bad"},
		{`links=[{match: "* -> *", both: {loss: {gilbert-elliott: {good_bad: 0.1, loss_bad: 0.2}}}}]`, "links[0].both.loss.gilbert-elliott: bad_good is missing"},
		{`time={engine: sim, mode: lockstep} ; links=[{match: "* -> *", both: {loss: 1}}]`, "links[0].both.loss: everything can get lost, and lockstep sends again what is lost"},
		{"sweep={seeds: -1}", "sweep.seeds: -1 seeds: want 1 or more"},
		{"sweep={samples: -1}", "sweep.samples: -1 samples: want 1 or more"},
		{"sweep={pretrain: -1}", "sweep.pretrain: -1 updates: want 0 or more"},
		{"sweep={seed: [1, 2]}", "sweep.seed: seeds are varied by sweep.seeds"},
		{"sweep={sweep.seeds: [1, 2]}", "sweep.sweep.seeds: a point of the study cannot vary that"},
		{"sweep={dtype: []}", "sweep.dtype: the list is empty: want one value or more"},
		{"sweep={learning.il.gamma: [0.1, 0.10]}", "sweep.learning.il.gamma: 0.1 is there twice"},
		{"sweep={time.tick: [1 ms, 1000 us]}", "sweep.time.tick: 1000 us is there twice"},
	} {
		_, err := Parse("x.yaml", []byte(patient), strings.Split(c[0], " ; ")...)
		assert.ErrorContains(t, err, c[1])
	}
}

// What a rule or a mode has no use for is said; in a sweep another one may have.
func TestWhatIsNotUsed(t *testing.T) {
	for _, c := range []struct {
		set  []string
		want string
	}{
		{[]string{"time.mode=lockstep", `links=[{match: "* -> *", down: {loss: 0.1, on_loss: zero}}]`}, "links[0].down.on_loss is not used: in lockstep what is lost is sent again"},
		{[]string{"time.mode=lockstep", `links=[{match: "* -> *", down: {loss: 0.1, on_loss: keep-last}}]`}, ""},
		{[]string{`links=[{match: "* -> *", both: {loss: 0.1, on_loss: zero}}]`}, ""},
		{[]string{"learning.schedule=event-delta", `interventions=[{at: {update: 2}, link: {match: "* -> *", up: {loss: 0.1, on_loss: zero}}}]`},
			"interventions[0].link.up.on_loss is not used: under schedule event-delta receivers add up what comes, and what is lost is missing for good"},
		{[]string{"learning.schedule=event-delta", "clocks={drift: 0.1}"}, "clocks are not used: under schedule event-delta a vertex acts when something arrives"},
		{[]string{"learning.schedule=event-delta", "clocks={drift: 0.1}", "sweep={learning.schedule: [event-delta, il], seeds: 2}"}, ""},
		{[]string{"learning.schedule=event-delta", "time.settle=8 ms"}, ""},
		{[]string{"learning.schedule=event-delta", "time.settle=8 ms", "time.engine=actors"}, ""},
		{[]string{"learning.il.settle=20.6 ms", "time.mode=lockstep"}, "learning.il.settle is 20.6 ms, no multiple of the tick, 1 ms: 21 relaxations are made"},
		{[]string{"learning.il.settle=0.2 ms", "time={engine: pc}", "time.mode=lockstep"}, "learning.il.settle is 0.2 ms, no multiple of the tick, 1 ms: 1 relaxation is made"},
		{[]string{"learning.il.settle=20.6 ms"}, ""},
		{[]string{"learning.schedule=zil", "time.mode=lockstep", "learning.il.settle=20.6 ms"}, ""},
	} {
		l, err := Parse("x.yaml", []byte(patient), c.set...)
		require.NoError(t, err, c.set)
		notes := slices.DeleteFunc(l.Notes(), func(n string) bool { return strings.HasPrefix(n, "learning.il is not used") })
		if c.want == "" {
			assert.Empty(t, notes, c.set)
			continue
		}
		require.Len(t, notes, 1, c.set)
		assert.Equal(t, c.want, notes[0])
	}
}

// The tick that is used is the one that γ is computed from.
func TestGammaFollowsTheRoundedTick(t *testing.T) {
	l, err := Parse("x.yaml", []byte(patient), "time.tick=1.005 ms")
	require.NoError(t, err)
	assert.Equal(t, 0.101, l.rule().Gamma)
}

// Where there is one clock, a clock that says nothing is that one.
func TestAClockThatSaysNothing(t *testing.T) {
	l, err := Parse("x.yaml", []byte(patient), "time.mode=lockstep", "clocks={match: hidden}")
	require.NoError(t, err)
	s, err := l.Open()
	require.NoError(t, err)
	e, err := s.NewSim(s.Rule)
	require.NoError(t, err)
	require.NoError(t, e.Close())
}

// A clock that is too fast for the resolution is found before anything runs.
func TestPeriodsAreHalved(t *testing.T) {
	for _, drift := range []string{"-0.3", "{normal: {sd: 0.2}}"} {
		l, err := Parse("x.yaml", []byte(patient), "time.tick=0.02 ms", "clocks={drift: "+drift+"}")
		require.NoError(t, err)
		_, err = l.Open()
		assert.ErrorContains(t, err, "clocks[0].drift: ")
		assert.ErrorContains(t, err, "a period of less than two units of the resolution, 0.01 ms")
	}
}

// An override can put γ in the place of τ, and ticks in that of settle: 0 takes away what the file says.
func TestZeroTakesAway(t *testing.T) {
	l, err := Parse("x.yaml", []byte(patient), "learning.il.tau=0", "learning.il.gamma=0.25", "learning.il.settle=0", "learning.il.ticks=7")
	require.NoError(t, err)
	assert.Equal(t, 0.25, l.rule().Gamma)
	assert.Equal(t, 7, l.rule().Ticks)
	for set, want := range map[string]string{
		"learning.il.tau=0":     "learning.il.tau: 0: want a time above 0",
		"learning.il.settle=0":  "learning.il.settle: 0: want a time above 0",
		"learning.il.gamma=0.5": "tau and gamma exclude each other: set one to 0",
		"learning.il.ticks=7":   "settle and ticks exclude each other: set one to 0",
	} {
		_, err := Parse("x.yaml", []byte(patient), set)
		assert.ErrorContains(t, err, want)
	}
	for _, set := range [][2]string{{"tau", "gamma"}, {"settle", "ticks"}} {
		_, err := Parse("x.yaml", []byte(patient), "learning.il."+set[0]+"=0", "learning.il."+set[1]+"=0")
		assert.ErrorContains(t, err, "above 0")
		assert.ErrorContains(t, err, "learning.il."+set[0])
	}
	l, err = Parse("x.yaml", []byte(patient), "learning.il.gamma=0", "learning.il.ticks=0")
	require.NoError(t, err)
	assert.Equal(t, 0.1, l.rule().Gamma)
}

// Which links are idle depends on the rule, and on which inputs move.
func TestIdleLinks(t *testing.T) {
	for _, c := range []struct {
		schedule, match, more string
		up, down              bool // used
	}{
		{"il", "hidden/* -> *", "", true, true},
		{"il", "hidden/w/* -> *", "", false, false},
		{"zil", "hidden/w/* -> *", "", false, true},
		{"event", "hidden/* -> *", "", false, true},
		{"il", "input/* -> *", "time.stream=true", true, false},
		{"il", "input/* -> *", "learning.infer=input/*", true, true},
		{"il", "input/* -> *", `interventions=[{at: {update: 1}, free: {vertices: "input/3"}}]`, true, true},
	} {
		for way, used := range map[string]bool{"up": c.up, "down": c.down} {
			set := []string{"learning.schedule=" + c.schedule, `links=[{match: "` + c.match + `", ` + way + `: {delay: 0.2 ms, loss: 1}}]`}
			if c.more != "" {
				set = append(set, c.more)
			}
			l, err := Parse("x.yaml", []byte(patient), set...)
			require.NoError(t, err)
			s, err := l.Open()
			require.NoError(t, err)
			assert.Equal(t, used, len(s.idle()) == 0, "%v", set)
			e, err := s.NewSim(s.Rule)
			require.NoError(t, err)
			inputs, target := s.Network.NewInputs(s.Type), tensor.New(s.Type, s.Network.Output())
			for i := range inputs {
				inputs[i].Fill(0.3)
			}
			target.SetFloat(0, 1)
			for range 2 {
				_, err = e.Learn(t.Context(), engine.Sample{Inputs: inputs, Target: target, Scale: 1})
				require.NoError(t, err)
			}
			assert.Equal(t, used, e.Stats().Lost > 0, "%v", set)
			require.NoError(t, e.Close())
		}
	}
}
