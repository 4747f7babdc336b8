package config

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/pc"
)

// Defaults of virtual time.
const (
	DefaultResolution = 10 * Microsecond
	DefaultTick       = Millisecond
	DefaultScale      = Millisecond // on the wall's clock: as fast as it says
)

// fillTime sets the defaults of virtual time and of relaxation.
func (l *Loaded) fillTime() {
	t := &l.Time
	if t.Engine == "sim" || l.Wall() {
		t.Mode = or(t.Mode, "lockstep")
		if t.Resolution == 0 && !l.given("time.resolution") {
			t.Resolution = DefaultResolution
		}
		if t.Tick == 0 && !l.given("time.tick") {
			t.Tick = max(DefaultTick, 2*t.Resolution)
		}
		if l.Wall() && t.Scale == 0 && !l.given("time.scale") {
			t.Scale = DefaultScale
		}
	}
	c := &l.Learning
	if c.Epochs == 0 && !l.given("learning.updates") && !l.given("learning.epochs") {
		c.Epochs = DefaultEpochs
	}
	d, err := pc.ParseSchedule(c.Schedule)
	if err != nil || d.Ticks == 0 {
		return
	}
	il := &c.IL
	if il.Gamma == 0 && il.Tau == 0 && !l.given("learning.il.gamma") {
		il.Gamma = d.Gamma
	}
	if il.Ticks == 0 && il.Settle == 0 && !l.given("learning.il.ticks") {
		il.Ticks = d.Ticks
	}
}

// DefaultEpochs is how long a run is if nothing says so.
const DefaultEpochs = 20

func schedules() []string {
	var names []string
	for _, r := range pc.Rules() {
		names = append(names, r.Name)
	}
	return names
}

// checkRule returns an error if the keys that make the rule do not fit each other.
func (l *Loaded) checkRule() error {
	c := l.Learning
	if err := l.oneOf("learning.schedule", c.Schedule, schedules()...); err != nil {
		return err
	}
	il := c.IL
	switch {
	case il.Tau < 0 || il.Tau == 0 && l.given("learning.il.tau") && (il.Gamma == 0 || !l.given("learning.il.gamma")):
		return l.where.error("learning.il.tau", "%v: want a time above 0", il.Tau)
	case il.Gamma < 0 || il.Gamma == 0 && l.given("learning.il.gamma") && il.Tau == 0:
		return l.where.error("learning.il.gamma", "%v: want a number above 0", il.Gamma)
	case il.Tau != 0 && il.Gamma != 0:
		return l.where.error("learning.il.gamma", "gamma is tick/tau: tau and gamma exclude each other: set one to 0")
	case il.Settle < 0 || il.Settle == 0 && l.given("learning.il.settle") && (il.Ticks == 0 || !l.given("learning.il.ticks")):
		return l.where.error("learning.il.settle", "%v: want a time above 0", il.Settle)
	case il.Ticks < 0 || il.Ticks == 0 && l.given("learning.il.ticks") && il.Settle == 0:
		return l.where.error("learning.il.ticks", "%d relaxations: want 1 or more", il.Ticks)
	case il.Settle != 0 && il.Ticks != 0:
		return l.where.error("learning.il.ticks", "a sample lasts settle/tick relaxations: settle and ticks exclude each other: set one to 0")
	case il.Settle/l.tick() > math.MaxInt32:
		return l.where.error("learning.il.settle", "%v is more than 2³¹ ticks of %v", il.Settle, l.tick())
	}
	if err := l.oneOf("learning.return.kind", or(c.Return.Kind, "transpose"), "transpose", "random", "sign", "stale"); err != nil {
		return err
	}
	if err := l.oneOf("learning.state", or(c.State, "displacement"), "displacement", "absolute"); err != nil {
		return err
	}
	if c.Return.Refresh != 0 && c.Return.Kind != "stale" {
		return l.where.error("learning.return.refresh", "only stale weights are refreshed: leave it out")
	}
	if c.Schedule == "event-delta" && l.Time.Engine == "actors" && !l.Wall() {
		return l.where.error("learning.schedule", "actors in lockstep do not know when event-delta is over: use event, time.mode free, or engine pc or sim")
	}
	if c.Infer != "" && !l.infers() {
		return l.where.error("learning.infer", "schedule %s does not infer values: use il or ipc", c.Schedule)
	}
	if c.Infer != "" && l.Time.Engine == "bp" {
		return l.where.error("learning.infer", "bp does not infer values: use the engine pc, actors or sim")
	}
	for _, p := range c.Precision {
		if x, err := p.number(); err != nil || !(x > 0) {
			return l.where.error("learning.precision."+p.Name, "%q: want a number above 0", clip(p.Value))
		}
	}
	if l.form() == "event" && c.weighted() && l.Time.Engine != "bp" {
		return l.where.error("learning.precision", "schedule event gathers errors of precision 1: use event-delta, or zil-dense")
	}
	return nil
}

// form returns the name of the rule that runs under the schedule. Free-running, zil and event stand for the forms that do not
// wait; with precisions zil stands for the dense form, since the sparse one has none.
func (c Config) form() string {
	switch name := c.Learning.Schedule; {
	case name == "zil" && (c.Free() || c.Learning.weighted()):
		return "zil-dense"
	case name == "event" && c.Free():
		return "event-delta"
	default:
		return name
	}
}

// weighted reports whether a vertex may have another precision than 1.
func (c Learning) weighted() bool {
	return slices.ContainsFunc(c.Precision, func(p Setting) bool {
		x, err := p.number()
		return err == nil && x != 1
	})
}

// rule returns the rule of the schedule, in the form that runs.
func (l *Loaded) rule() neuron.Rule {
	c := l.Learning
	r, _ := pc.ParseSchedule(l.form())
	if r.Ticks > 0 {
		r.Ticks, r.Tol = c.IL.Ticks, c.IL.Tol
		if c.IL.Settle > 0 {
			n, _ := c.IL.Settle.Units(l.tick())
			r.Ticks = int(max(n, 1))
		}
		if r.Gamma = c.IL.Gamma; c.IL.Tau > 0 {
			r.Gamma = float64(l.tick()) / float64(c.IL.Tau)
		}
	}
	if c.State == "absolute" {
		r.State = neuron.Absolute
	}
	for k := neuron.Transpose; k <= neuron.Stale; k++ {
		if c.Return.Kind == k.String() {
			r.Return = k
		}
	}
	r.Refresh = c.Return.Refresh
	if r.Return == neuron.Random {
		r.Seed = l.Seed
	}
	return r
}

// checkTime returns an error if the keys about virtual time do not fit each other, or another engine has no use for them.
func (l *Loaded) checkTime() error {
	t := l.Time
	if err := l.checkWall(); err != nil {
		return err
	}
	if t.Engine != "sim" && !l.Wall() {
		for _, key := range []string{"time.mode", "time.settle", "time.stream", "links", "clocks", "interventions"} {
			if p := l.where.at(key); l.given(key) && l.matters(key) {
				return &Error{Position: p, Path: key, Message: fmt.Sprintf("engine %s has no virtual time: set time.engine to sim, or leave it out", t.Engine)}
			}
		}
		return nil
	}
	if err := l.oneOf("time.mode", t.Mode, "lockstep", "free"); err != nil {
		return err
	}
	switch {
	case t.Resolution <= 0:
		return l.where.error("time.resolution", "%v: want a time above 0", t.Resolution)
	case t.Tick < 2*t.Resolution:
		return l.where.error("time.tick", "%v: a tick has two halves, so at least two units of the resolution, %v", t.Tick, t.Resolution)
	case t.Settle < 0:
		return l.where.error("time.settle", "%v: want a time above 0", t.Settle)
	case t.Mode == "lockstep" && t.Settle > 0:
		return l.where.error("time.settle", "in lockstep a sample lasts as long as its ticks: leave it out, or use mode free")
	case t.Mode == "lockstep" && t.Stream:
		return l.where.error("time.stream", "samples without reset need mode free")
	}
	if err := l.checkFree(); err != nil {
		return err
	}
	for i := range l.Links {
		if err := l.checkLink(&l.Links[i], fmt.Sprintf("links[%d]", i)); err != nil {
			return err
		}
	}
	if err := l.checkClocks(); err != nil {
		return err
	}
	return l.checkInterventions()
}

// checkFree returns an error if the rule makes no sense where nobody waits, or samples are not separated.
func (l *Loaded) checkFree() error {
	r := l.rule()
	if l.Time.Mode == "free" && r.Gate == neuron.Incremental {
		return l.where.error("learning.schedule", "schedule %s moves values and weights from one snapshot at every tick: it needs one clock; use mode lockstep, or il", r.Name)
	}
	if !l.Time.Stream {
		return nil
	}
	why := ""
	switch {
	case r.Event == neuron.Delta:
		why = "starts from a forward sweep"
	case r.Frozen:
		why = "predicts as the forward sweep did, which only the first sample has"
	case r.Gate == neuron.OnWave || r.Gate == neuron.OnValue:
		why = "learns once after a forward sweep, which only the first sample has"
	case r.Gate != neuron.AtEnd:
		why = "opens levels by the ticks since the forward sweep, which only the first sample has"
	default:
		return nil
	}
	return l.where.error("time.stream", "schedule %s %s: use il, or leave it out", r.Name, why)
}

// matters reports whether a key says something else than its default.
func (l *Loaded) matters(key string) bool {
	switch key {
	case "time.mode": // the clock of actors and the loop of pc wait for everybody anyway
		return l.Time.Engine == "bp" || l.Time.Mode != "lockstep"
	case "links":
		return len(l.Links) > 0
	case "clocks":
		return len(l.Clocks) > 0
	case "interventions":
		return len(l.Interventions) > 0
	}
	return true
}

func (l *Loaded) checkClocks() error {
	if len(l.Clocks) > 0 && l.Time.Mode != "free" {
		for i, c := range l.Clocks {
			if c != (Clock{Match: c.Match}) {
				return l.where.error(fmt.Sprintf("clocks[%d]", i), "in lockstep there is one clock: use mode free")
			}
		}
	}
	for i, c := range l.Clocks {
		path := fmt.Sprintf("clocks[%d]", i)
		switch {
		case !slices.Contains([]string{"", "periodic", "poisson", "event"}, c.Kind):
			return l.where.error(join(path, "kind"), "unknown name %q: use one of periodic, poisson, event", clip(c.Kind))
		case !slices.Contains([]string{"", "fixed", "elapsed"}, c.Gamma):
			return l.where.error(join(path, "gamma"), "unknown name %q: use fixed or elapsed", clip(c.Gamma))
		case c.Drift.Constant != nil && c.Drift.Normal != nil:
			return l.where.error(join(path, "drift"), "constant and normal exclude each other")
		case c.Drift.Constant != nil && !(math.Abs(*c.Drift.Constant) < 0.5):
			return l.where.error(join(path, "drift"), "%v: want a relative deviation of less than a half", *c.Drift.Constant)
		case c.Drift.Normal != nil && !(c.Drift.Normal.SD >= 0 && c.Drift.Normal.SD <= 0.2):
			return l.where.error(join(path, "drift"), "%v: want a standard deviation from 0 to 0.2", c.Drift.Normal.SD)
		case c.Kind != "" && c.Kind != "periodic" && (!c.Drift.IsZero() || !c.Phase.IsZero()):
			return l.where.error(path, "clock %s has neither drift nor phase", c.Kind)
		}
	}
	return nil
}

func (l *Loaded) checkInterventions() error {
	for i := range l.Interventions {
		x, path := &l.Interventions[i], fmt.Sprintf("interventions[%d]", i)
		name, n := x.action()
		switch {
		case n != 1:
			return l.where.error(path, "%d actions: want one of lesion, heal, cut, fix, free, noise, freeze, thaw, link", n)
		case x.At.Update < 0 || x.At.After < 0:
			return l.where.error(join(path, "at"), "neither update nor after may be negative")
		case x.At.After != 0 && l.Time.Mode != "free":
			return l.where.error(join(path, "at.after"), "in lockstep an intervention happens at the start of an update: leave it out, or use mode free")
		case name == "link":
			if err := l.checkLink(x.Link, join(path, "link")); err != nil {
				return err
			}
			continue
		case name == "noise" && !(x.Noise.SD >= 0 && x.Noise.SD <= math.MaxFloat64):
			return l.where.error(join(path, "noise.sd"), "%v: want a standard deviation of 0 or more", x.Noise.SD)
		case name == "noise" && !l.given(join(path, "noise.sd")):
			return l.where.error(join(path, "noise.sd"), "no standard deviation: give the one that is added to values")
		case name == "fix" && len(x.Fix.Value) == 0:
			return l.where.error(join(path, "fix.value"), "no values: give one for all elements, or one for each")
		case name == "noise":
			if r := l.rule(); r.Sparse || r.Event == neuron.Delta {
				return l.where.error(join(path, name), "%v", stays(r))
			}
			continue
		case name == "fix":
			continue
		}
		if err := l.checkTarget(x.target(), name, join(path, name)); err != nil {
			return err
		}
	}
	return nil
}

// target returns what the action strikes, nil if it has another form.
func (i *Intervention) target() *Target {
	for _, t := range []*Target{i.Lesion, i.Heal, i.Cut, i.Free, i.Freeze, i.Thaw} {
		if t != nil {
			return t
		}
	}
	return nil
}

func (l *Loaded) checkTarget(t *Target, name, path string) error {
	used := map[string]string{"lesion": "vertices", "heal": "vertices edges", "cut": "edges", "free": "vertices", "freeze": "parameters", "thaw": "parameters"}[name]
	n := 0
	for _, k := range [][2]string{{"vertices", t.Vertices}, {"edges", t.Edges}, {"parameters", t.Parameters}} {
		if k[1] == "" {
			continue
		}
		n++
		if !strings.Contains(used, k[0]) {
			return l.where.error(join(path, k[0]), "%s is about %s", name, strings.ReplaceAll(used, " ", " or "))
		}
	}
	switch {
	case n != 1:
		return l.where.error(path, "want %s", strings.ReplaceAll(used, " ", " or "))
	case t.Share != nil && !(*t.Share >= 0 && *t.Share <= 1):
		return l.where.error(join(path, "share"), "%v: want a share from 0 to 1", *t.Share)
	}
	return nil
}
