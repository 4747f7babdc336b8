package config

import (
	"fmt"
	"math"
)

// rounded returns the times that are no multiple of the resolution, each with the value that is used, and whether delays are
// drawn, which are rounded too.
func (c Config) rounded() []string {
	if c.Time.Engine != "sim" && !c.Wall() {
		return nil
	}
	r := roundings{resolution: c.Time.Resolution}
	r.time("time.tick", c.Time.Tick)
	r.time("time.settle", c.Time.Settle)
	if c.Free() {
		r.time("learning.il.settle", c.Learning.IL.Settle)
	}
	for i := range c.Links {
		r.link(fmt.Sprintf("links[%d]", i), &c.Links[i])
	}
	for i := range c.Interventions {
		path := fmt.Sprintf("interventions[%d]", i)
		r.time(path+".at.after", c.Interventions[i].At.After)
		if l := c.Interventions[i].Link; l != nil {
			r.link(path+".link", l)
		}
	}
	if r.drawn {
		r.list = append(r.list, fmt.Sprintf("delays that are drawn are rounded to the resolution, %v", c.Time.Resolution))
	}
	return r.list
}

// roundings gathers what is not used as it was written.
type roundings struct {
	resolution Duration
	list       []string
	drawn      bool // some delays
}

func (r *roundings) time(what string, t Duration) {
	if n, exact := t.Units(r.resolution); !exact {
		r.note(what, t, n)
	}
}

func (r *roundings) note(what string, t Duration, n int64) {
	r.list = append(r.list, fmt.Sprintf("%s is %v, no multiple of the resolution: %v is used", what, t, Duration(n)*r.resolution))
}

func (r *roundings) link(path string, l *Link) {
	for _, w := range l.ways() {
		if w.way != nil {
			r.way(path+"."+w.key+".delay", w.way)
		}
	}
}

// way notes a delay that is the same for all messages, or that it is drawn. Displaced by jitter it is drawn as well; the
// lengths of a distance are drawn by edge.
func (r *roundings) way(path string, w *Way) {
	link, _ := w.link(r.resolution)
	length, drawn := 0.0, false
	if c := w.Delay.Distance; c != nil {
		length = c.Length[0]
		drawn = c.Length[len(c.Length)-1] != length
	}
	mean, sd := link.Delay.Moments(length)
	_, jitter := link.Jitter.Moments(0)
	drawn = drawn || sd != 0
	r.drawn = r.drawn || drawn || jitter != 0
	if n, exact := link.Delay.Rounded(length); !exact && !drawn {
		r.note(path, Duration(math.Round(mean*float64(r.resolution))), n)
	}
}
