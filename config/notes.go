package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
)

// Notes returns what a user should know before anything runs, as far as it can be told without data or a graph: forms that
// stand for what was asked for, times that are rounded, steps that are too large.
func (l *Loaded) Notes() []string {
	list := l.rounded()
	if l.Time.Engine == "bp" {
		return append(list, l.idleInBP()...)
	}
	switch form, s := l.form(), l.Learning.Schedule; {
	case form != s && l.Free():
		what := map[string]string{"zil": "zil-dense, its dense form", "event": "event-delta, its accumulating form"}[s]
		list = append(list, fmt.Sprintf("nobody waits in mode free: schedule %s runs as %s", s, what))
	case form != s:
		list = append(list, fmt.Sprintf("precisions other than 1 need the dense form: schedule %s runs as %s", s, form))
	}
	if r := l.rule(); r.Ticks > 0 && r.Gamma > 1 {
		list = append(list, fmt.Sprintf("a relaxation has step γ = %.3g, more than 1 (tick/τ): values overshoot, and may diverge", r.Gamma))
	}
	if r := l.Learning.Return; r.Kind == "stale" && r.Refresh <= 1 {
		list = append(list, "learning.return: stale weights that are refreshed after every update are the weights themselves: give refresh, 2 or more")
	}
	if n, exact := l.Learning.IL.Settle.Units(l.tick()); !exact && !l.Free() && l.rule().Ticks > 0 {
		made := "1 relaxation is"
		if n > 1 {
			made = fmt.Sprintf("%d relaxations are", n)
		}
		list = append(list, fmt.Sprintf("learning.il.settle is %v, no multiple of the tick, %v: %s made", l.Learning.IL.Settle, l.tick(), made))
	}
	if l.Sweep.IsZero() {
		list = append(append(list, l.noRelaxations()...), l.unused()...)
	}
	return list
}

// unused returns what the rule, or the mode, has no use for.
func (l *Loaded) unused() (list []string) {
	if l.Time.Engine != "sim" && !l.Wall() {
		return nil
	}
	delta := l.rule().Event == neuron.Delta
	schedule := "under schedule " + l.Learning.Schedule
	if l.Free() && l.Time.Settle > 0 && l.Learning.IL.Settle > 0 && l.rule().Ticks > 0 {
		list = append(list, "time.settle is not used: under this schedule a sample lasts as long as learning.il.settle says")
	}
	if delta && len(l.Clocks) > 0 && l.Free() {
		list = append(list, "clocks are not used: "+schedule+" a vertex acts when something arrives")
	}
	why := ""
	switch {
	case !l.Free():
		why = "in lockstep what is lost is sent again"
	case delta:
		why = schedule + " receivers add up what comes, and what is lost is missing for good"
	default:
		return list
	}
	l.eachLink(func(path string, x *Link) {
		for _, w := range x.ways() {
			if w.way != nil && w.way.OnLoss == "zero" {
				list = append(list, join(path, w.key)+".on_loss is not used: "+why)
			}
		}
	})
	return list
}

// noRelaxations says that the rule does not relax, where relaxations are set.
func (l *Loaded) noRelaxations() []string {
	r := l.rule()
	if r.Ticks > 0 || l.Learning.IL == (IL{}) {
		return nil
	}
	what := "learning.il is not used: schedule " + r.Name + " has no relaxations to set"
	if l.Free() {
		what += "; how long a sample lasts is time.settle"
	}
	return []string{what}
}

// idleInBP returns what is said of predictive coding and has no effect on backprop.
func (l *Loaded) idleInBP() (list []string) {
	c := l.Learning
	if !l.Sweep.IsZero() {
		return nil
	}
	for _, x := range []struct {
		key  string
		used bool
	}{{"precision", len(c.Precision) > 0}, {"il", c.IL != (IL{}) && l.given("learning.il")}, {"return", c.Return != (Return{})}, {"state", c.State == "absolute"}} {
		if x.used {
			list = append(list, "learning."+x.key+" is not used: engine bp has no predictive coding")
		}
	}
	return list
}

// Notes returns what a user should know before anything runs: what Loaded.Notes says, and what is asked for and will not
// happen, since it fits nothing or its time does not come.
func (s *Setup) Notes() []string {
	list := s.loaded.Notes()
	note := func(path, format string, args ...any) { list = append(list, path+": "+fmt.Sprintf(format, args...)) }
	g := s.Network.Graph
	for _, p := range s.patterns() {
		if term, last := graph.Beyond(g, p[1]); term != "" {
			note(p[0], "%q goes beyond what there is, which ends at %s", term, last)
		}
		if strings.Contains(p[1], "->") {
			if (&wiring{Setup: s, graph: g}).unjoined(p[1]) {
				note(p[0], "%q fits vertices, but no edge between them", p[1])
			}
		}
	}
	list = append(list, s.idle()...)
	updates := s.updates()
	for i, t := range s.Config.Record.Traces {
		if len(t.Updates) > 0 && slices.Min(t.Updates) >= updates {
			note(fmt.Sprintf("record.traces[%d].updates", i), "nothing is recorded: there are %d updates, counted from 0", updates)
		}
	}
	for i, x := range s.Config.Interventions {
		path := fmt.Sprintf("interventions[%d].at", i)
		if x.At.Update > max(updates, 1) {
			note(path, "update %d does not come: there are %d", x.At.Update, updates)
		}
		switch t := s.settle(); {
		case t == 0 || x.At.After < t:
		case !s.Config.Time.Stream:
			note(path, "%v after the beginning of an update it is over: a sample lasts %v", x.At.After, t)
		case x.At.After/t > Duration(updates-max(x.At.Update, 1)): // a stream goes on with the next sample
			note(path, "%v after the beginning of update %d the run is over: a sample lasts %v", x.At.After, max(x.At.Update, 1), t)
		}
		if why := s.inert(i); why != "" {
			name, _ := x.action()
			note(fmt.Sprintf("interventions[%d].%s", i, name), "nothing happens: %s", why)
		}
	}
	return list
}

// unjoined reports whether a pattern of edges fits vertices, but no edge.
func (w *wiring) unjoined(pattern string) bool {
	edges, err := w.edges(w.graph, pattern)
	return err == nil && len(edges) == 0
}

// inert returns why intervention i does nothing, whenever it comes; "" if it does something.
func (s *Setup) inert(i int) string {
	w := &wiring{Setup: s, graph: s.Network.Graph}
	x := &s.Config.Interventions[i]
	do, err := w.action(w.graph, x, uint64(i))
	if t := x.target(); err == nil && t != nil && t.Share != nil && *t.Share > 0 && len(do.Of) == 0 && !w.unjoined(t.Edges) {
		return fmt.Sprintf("a share of %v is less than half of one", *t.Share)
	}
	other := func(is func(Intervention) bool) bool { return slices.ContainsFunc(s.Config.Interventions, is) }
	switch {
	case x.Heal != nil && !s.Config.Lesions():
		return "there is no lesion and no cut"
	case x.Thaw != nil && !other(func(o Intervention) bool { return o.Freeze != nil }):
		return "no parameter is frozen"
	case x.Free == nil || other(func(o Intervention) bool { return o.Fix != nil }):
		return ""
	}
	for _, v := range do.Of { // inputs and the output are held by the sample
		if w.graph.Role(v) == graph.Input || v == w.graph.Output() {
			return ""
		}
	}
	return "no value is fixed"
}

// updates returns the number of updates of a run.
func (s *Setup) updates() int {
	if n := s.Config.Learning.Updates; n > 0 {
		return n
	}
	return s.Config.Learning.Epochs * (s.Train.Len() / s.Batches.Size)
}

// settle returns how long a free-running sample lasts, 0 if nothing runs freely or it ends by itself.
func (s *Setup) settle() Duration {
	c, ticks := s.Config, s.Network.Graph.Depth()-1
	switch {
	case s.Rule.Ticks > 0:
		ticks = s.Rule.Ticks
	case len(c.Clocks) > 0:
		ticks += 2 // for levels, with phases and drift
	}
	switch {
	case !c.Free():
		return 0
	case s.Rule.Ticks > 0 && c.Learning.IL.Settle > 0:
		return c.Learning.IL.Settle
	case c.Time.Settle > 0 || s.Rule.Event == neuron.Delta:
		return c.Time.Settle
	}
	return Duration(ticks) * c.Time.Tick
}

// patterns returns the patterns of vertices and edges in the configuration, each with its place.
func (s *Setup) patterns() (list [][2]string) {
	add := func(path, pattern string) {
		if pattern != "" && pattern != "level" {
			list = append(list, [2]string{path, pattern})
		}
	}
	c := s.Config
	for _, p := range c.Learning.Precision {
		add("learning.precision", p.Name)
	}
	add("learning.infer", c.Learning.Infer)
	for i, x := range c.Links {
		add(fmt.Sprintf("links[%d].match", i), x.Match)
	}
	for i, x := range c.Clocks {
		add(fmt.Sprintf("clocks[%d].match", i), x.Match)
	}
	for i := range c.Interventions {
		x := &c.Interventions[i]
		name, _ := x.action()
		path := fmt.Sprintf("interventions[%d].%s", i, name)
		switch t := x.target(); {
		case t != nil:
			add(path, t.Vertices+t.Edges+t.Parameters)
		case x.Fix != nil:
			add(path, x.Fix.Vertices)
		case x.Noise != nil:
			add(path, x.Noise.Vertices)
		case x.Link != nil:
			add(path, x.Link.Match)
		}
	}
	for i, t := range c.Record.Traces {
		add(fmt.Sprintf("record.traces[%d].of", i), t.Of)
	}
	return list
}
