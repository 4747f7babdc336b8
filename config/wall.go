package config

import (
	"time"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/neuron"
)

// Wall reports whether actors run freely, on the clock of the wall: then two runs differ.
func (c Config) Wall() bool { return c.Time.Engine == "actors" && c.Time.Mode == "free" }

// Free reports whether nobody waits for messages.
func (c Config) Free() bool { return c.Time.Mode == "free" && (c.Time.Engine == "sim" || c.Wall()) }

// unit returns how long a unit of the resolution lasts on the wall.
func (t Time) unit() time.Duration {
	return time.Duration(float64(t.Scale) / float64(Millisecond) * float64(t.Resolution) / float64(Nanosecond))
}

// checkWall returns an error if free-running actors cannot do what is asked for, or others are given a scale.
func (l *Loaded) checkWall() error {
	t := l.Time
	switch {
	case t.Engine == "actors" && t.Mode != "" && t.Mode != "lockstep" && t.Mode != "free":
		return l.oneOf("time.mode", t.Mode, "lockstep", "free")
	case !l.Wall() && l.given("time.scale"):
		return l.where.error("time.scale", "only free-running actors follow the clock of the wall: set time.engine to actors and time.mode to free, or leave it out")
	case !l.Wall():
		return nil
	case t.Scale <= 0:
		return l.where.error("time.scale", "%v: want the time that a millisecond takes on the wall", t.Scale)
	case t.Resolution > 0 && t.unit() < time.Nanosecond:
		return l.where.error("time.scale", "%v for a millisecond leaves less than a nanosecond for a unit of %v", t.Scale, t.Resolution)
	case t.Hosting == actors.HostShard.String():
		return l.where.error("time.hosting", "free-running actors are not hosted in shards: leave it out")
	}
	return nil
}

// NewFree returns new free-running actors, with links, clocks and interventions as the configuration has them. journal is called after
// every sample with what happened in it; nil: not at all.
func (s *Setup) NewFree(rule neuron.Rule, journal func([]neuron.Entry)) (*actors.Free, error) {
	c, w, err := s.timed(rule)
	if err != nil {
		return nil, err
	}
	f, err := actors.NewFree(actors.FreeConfig{Config: c, Unit: s.Config.Time.unit(), Journal: journal})
	if err != nil {
		return nil, err
	}
	plan, err := w.plan(f.Graph().Graph)
	if err == nil && len(plan) > 0 {
		err = f.Plan(plan...)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}
