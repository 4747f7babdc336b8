package config

import (
	"fmt"
	"slices"
	"strings"
)

// checkSweep returns an error if the sweep cannot be run. Keys and values are checked when its points are loaded.
func (l *Loaded) checkSweep() error {
	s := l.Sweep
	switch {
	case l.given("sweep.seeds") && s.Seeds < 1:
		return l.where.error("sweep.seeds", "%d seeds: want 1 or more", s.Seeds)
	case s.Samples < 0:
		return l.where.error("sweep.samples", "%d samples: want 1 or more, or 0 for the default", s.Samples)
	case s.Pretrain < 0:
		return l.where.error("sweep.pretrain", "%d updates: want 0 or more", s.Pretrain)
	}
	for _, a := range s.Axes {
		if err := l.checkAxis(a); err != nil {
			return err
		}
	}
	for i := range s.Plots {
		if err := l.checkPlot(i); err != nil {
			return err
		}
	}
	return nil
}

// checkAxis returns an error if a is nothing that a sweep can vary, or has a value twice: its points would count as seeds more.
func (l *Loaded) checkAxis(a Axis) error {
	path := "sweep." + a.Key
	switch a.Key {
	case "seed":
		return l.where.error(path, "seeds are varied by sweep.seeds, the number of them from seed on")
	case "sweep.seeds", "sweep.plots", "sweep.cases":
		return l.where.error(path, "a point of the study cannot vary that: it is of the study as a whole")
	}
	for k, v := range a.Values {
		if slices.ContainsFunc(a.Values[:k], func(w string) bool { return sameValue(v, w) }) {
			return l.where.error(path, "%s is there twice", clip(v))
		}
	}
	return nil
}

// sameValue reports whether two values are the same text, or the same time.
func sameValue(a, b string) bool {
	if a == b {
		return true
	}
	x, e := ParseDuration(a)
	y, err := ParseDuration(b)
	return e == nil && err == nil && x == y
}

// checkPlot returns an error if plot i names what is not swept, or files that cannot be. Package study checks what it measures.
func (l *Loaded) checkPlot(i int) error {
	s, path := l.Sweep, fmt.Sprintf("sweep.plots[%d]", i)
	p := s.Plots[i]
	for _, k := range [][2]string{{"x", p.X}, {"by", p.By}} {
		if k[1] == "" && k[0] == "by" {
			continue
		}
		if _, err := s.Column(k[1]); err != nil {
			return l.where.error(join(path, k[0]), "%v", err)
		}
	}
	if !slices.Contains([]string{"", "ci95", "median"}, p.Band) {
		return l.where.error(join(path, "band"), "unknown name %q: use ci95 or median", clip(p.Band))
	}
	name := p.File()
	if strings.ContainsAny(name, `/\`) || name == "results" {
		return l.where.error(join(path, "name"), "%q: want a name for files in the folder of the study, other than that of its table", clip(name))
	}
	for k, q := range s.Plots[:i] {
		if q.File() == name {
			return l.where.error(path, "plots[%d] has the same files, %s: give it a name of its own", k, clip(name))
		}
	}
	return nil
}

// File returns the name of the plot's files, without their endings.
func (p Plot) File() string {
	if p.Name != "" {
		return p.Name
	}
	name := p.Y + "-" + p.X[strings.LastIndexByte(p.X, '.')+1:]
	if p.Against != "" {
		name += "-difference"
	}
	return name
}
