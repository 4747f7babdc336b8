package study

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/sim"
	"github.com/retrodict/retrodict/train"
)

// DefaultSamples is how many samples a point of a study is measured on.
const DefaultSamples = 100

// samples returns how many samples a point is to be measured on, and how many there are.
func samples(s *config.Setup) (asked, there int) {
	asked = s.Config.Sweep.Samples
	if asked == 0 {
		asked = DefaultSamples
	}
	return asked, s.Train.Len() / s.Batches.Size
}

func presented(s *config.Setup) int {
	asked, there := samples(s)
	return min(asked, there)
}

// A point is one run of a study: updates under the configuration's conditions, and then, at frozen weights, measures of
// single samples against backprop.
type point struct {
	*config.Setup
	engine  engine.Engine
	ref     engine.Engine // backprop on the intact graph
	wounded *wounded      // backprop on the graph that lesions leave; nil: there are none
	sums    []float64     // by measure
	counts  []int
	names   []string
	samples int
}

// groups returns the names of groups of parameters, in the order of the first of each: what stands before the first slash.
func groups(p engine.Params) (names []string, of []int) {
	index := map[string]int{}
	of = make([]int, len(p))
	for i := range p {
		g, _, _ := strings.Cut(p[i].Name, "/")
		k, ok := index[g]
		if !ok {
			k = len(names)
			index[g] = k
			names = append(names, g)
		}
		of[i] = k
	}
	return names, of
}

// measures returns the names of what is measured, in the order of the table.
func measures(groups []string, lesions bool) []string {
	list := []string{"accuracy", "loss", "energy", "residual", "cosine", "relative_l2", "differing", "no_update"}
	if lesions {
		list = append(list, "cosine_lesioned", "relative_l2_lesioned")
	}
	for _, g := range groups {
		list = append(list, "cosine_"+g, "relative_l2_"+g)
	}
	return append(list, "ticks", "converged", "messages", "milliseconds", "late", "lost", "stale", "duplicated", "expired")
}

// measured is what a point came to.
type measured struct {
	values  []float64 // by measure, NaN where there is none
	events  int64
	hosting string // of vertices: actor, shard, or none
}

// measure runs the point of s and returns the values of the named measures.
func measure(ctx context.Context, s *config.Setup, names []string) (m measured, err error) {
	p := &point{Setup: s, names: names, sums: make([]float64, len(names)), counts: make([]int, len(names)), samples: presented(s)}
	if err := p.pretrain(ctx); err != nil {
		return m, err
	}
	defer func() {
		for _, e := range []engine.Engine{p.engine, p.ref} {
			if e != nil {
				err = errors.Join(err, e.Close())
			}
		}
		if p.wounded != nil {
			err = errors.Join(err, p.wounded.Close())
		}
	}()
	if err := p.open(); err != nil {
		return m, err
	}
	if err := p.learn(ctx); err != nil {
		return m, err
	}
	if err := p.freeze(ctx); err != nil {
		return m, err
	}
	m.values = make([]float64, len(names))
	for k := range m.values {
		m.values[k] = math.NaN()
		if p.counts[k] > 0 {
			m.values[k] = p.sums[k] / float64(p.counts[k])
		}
	}
	m.events = p.stats().Events
	m.hosting, _ = config.Hosting(p.engine)
	return m, nil
}

// pretrain gives the network the weights that backprop learns in so many updates.
func (p *point) pretrain(ctx context.Context) (err error) {
	n := p.Config.Sweep.Pretrain
	if n == 0 {
		return nil
	}
	e, err := p.Engine("bp", p.Rule)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	c := p.training(e)
	c.Updates, c.Test = n, nil
	if err := train.Run(ctx, c); err != nil {
		return err
	}
	for i, q := range e.Params() {
		p.Network.Initial[i] = q.Value.Clone()
	}
	return nil
}

func (p *point) training(e engine.Engine) train.Config {
	c := p.Config
	return train.Config{Engine: e, Model: p.Network, Loss: p.Loss, Train: p.Train, Test: p.Test, Batches: p.Batches, Seed: c.Seed,
		Epochs: c.Learning.Epochs, Updates: c.Learning.Updates}
}

func (p *point) open() (err error) {
	if p.engine, err = p.Engine(p.Config.Time.Engine, p.Rule); err != nil {
		return err
	}
	if p.ref, err = p.Engine("bp", p.Rule); err != nil {
		return err
	}
	p.wounded, err = newWounded(p.Setup, p.engine)
	return err
}

// learn makes the updates, and evaluates.
func (p *point) learn(ctx context.Context) error {
	c := p.training(p.engine)
	if e, ok := p.engine.(sim.Subject); ok && c.Updates == 0 && c.Epochs == 0 {
		if err := p.Strike(e, 1); err != nil {
			return err
		}
	}
	if c.Updates > 0 || c.Epochs > 0 {
		c.Test = nil
		if err := train.Run(ctx, c); err != nil {
			return err
		}
		c.Test = p.Test
	}
	_, accuracy, err := train.Evaluate(ctx, c)
	p.add("accuracy", accuracy)
	return err
}

// add adds a value to a measure, if it is asked for and finite.
func (p *point) add(name string, x float64) {
	if !math.IsNaN(x) && !math.IsInf(x, 0) {
		p.enter(name, x)
	}
}

// enter adds a value to a measure, if it is asked for. One that is not finite leaves no mean.
func (p *point) enter(name string, x float64) {
	for k, n := range p.names {
		if n == name {
			p.sums[k] += x
			p.counts[k]++
		}
	}
}

// freeze measures samples at the weights that there are, in the order of the first epoch.
func (p *point) freeze(ctx context.Context) error {
	take(p.ref, p.engine.Params())
	if p.wounded != nil {
		take(p.wounded, p.engine.Params())
	}
	loader, err := data.NewLoader(p.Train, p.Batches)
	if err != nil {
		return err
	}
	inputs := p.Network.NewInputs(p.Type)
	before := p.stats()
	n := 0
	for b := range loader.Train(p.Config.Seed, 1) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if n++; n > p.samples {
			break
		}
		if err := p.Network.Inputs(b.X, inputs); err != nil {
			return err
		}
		if err := p.sample(ctx, engine.Sample{Inputs: inputs, Target: b.Y, Scale: 1 / float64(p.Batches.Size)}); err != nil {
			return fmt.Errorf("sample %d: %w", n, err)
		}
	}
	p.traffic(before)
	return nil
}

// sample compares the updates of one sample.
func (p *point) sample(ctx context.Context, s engine.Sample) error {
	t := p.now()
	f, r, err := p.engine.Gradient(ctx, s)
	if err != nil {
		return err
	}
	p.add("milliseconds", p.now()-t)
	g, _, err := p.ref.Gradient(ctx, s)
	if err != nil {
		return err
	}
	converged := 1.0
	if r.Status == engine.NotConverged {
		converged = 0
	}
	for _, m := range []struct {
		name string
		x    float64
	}{{"loss", r.Loss}, {"energy", r.Energy}, {"residual", r.Residual}, {"ticks", float64(r.Ticks)}, {"messages", float64(r.Messages)}, {"converged", converged}} {
		p.add(m.name, m.x)
	}
	p.compare("", f, g)
	names, of := groups(f)
	for k, name := range names {
		p.compare("_"+name, group(f, of, k), group(g, of, k))
	}
	if p.wounded != nil {
		p.wounded.follow()
		h, _, err := p.wounded.Gradient(ctx, s)
		if err != nil {
			return err
		}
		p.compare("_lesioned", f, h)
	}
	return nil
}

func group(p engine.Params, of []int, k int) engine.Params {
	var list engine.Params
	for i := range p {
		if of[i] == k {
			list = append(list, p[i])
		}
	}
	return list
}

// compare adds the distances of f to g. An update that is zero, or not finite, has no direction: its cosine counts as 0. One
// that is not finite leaves no mean distance; from a reference that is zero there is none, and the others count.
func (p *point) compare(suffix string, f, g engine.Params) {
	d := compareUpdates(f, g)
	cosine, none := direction(d)
	p.add("cosine"+suffix, cosine)
	if !math.IsInf(d.RelativeL2, 1) {
		p.enter("relative_l2"+suffix, d.RelativeL2)
	}
	if suffix == "" {
		p.add("differing", float64(d.Differing)/float64(max(d.Params, 1)))
		p.add("no_update", map[bool]float64{true: 1}[none])
	}
}

// stats returns what became of messages, nothing for engines in which they take no time.
func (p *point) stats() sim.Stats {
	if e, ok := p.engine.(timed); ok {
		return e.Stats()
	}
	return sim.Stats{}
}

// now returns the engine's time in ms, NaN if it has none.
func (p *point) now() float64 {
	if e, ok := p.engine.(timed); ok {
		return float64(e.Now()) * p.Config.Time.Resolution.Milliseconds()
	}
	return math.NaN()
}

// traffic adds what became of messages: shares of those sent, and of those delivered that were late.
func (p *point) traffic(before sim.Stats) {
	after := p.stats()
	sent := after.Sent - before.Sent
	if sent == 0 {
		return
	}
	for _, m := range []struct {
		name string
		n    int64
	}{{"lost", after.Lost - before.Lost}, {"stale", after.Stale - before.Stale}, {"duplicated", after.Duplicated - before.Duplicated},
		{"expired", after.Expired - before.Expired}} {
		p.add(m.name, float64(m.n)/float64(sent))
	}
	p.add("late", float64(after.Late-before.Late)/float64(max(after.Delivered-before.Delivered, 1)))
}
