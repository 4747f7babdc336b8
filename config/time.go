package config

import (
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// A Time says what carries the messages, and how time passes in it.
type Time struct {
	Engine     string   `yaml:"engine"`            // actors, pc, sim or bp
	Workers    int      `yaml:"workers,omitempty"` // goroutines that compute; 0: one for every core
	BLAS       string   `yaml:"blas"`              // matrix products: builtin, openblas or gonum
	Hosting    string   `yaml:"hosting"`           // actors: every vertex an actor, or hosted by one shard actor per core; auto: by their number
	Mode       string   `yaml:"mode,omitempty"`    // sim, actors: lockstep (the clock waits for everybody), or free (nobody waits)
	Resolution Duration `yaml:"resolution,omitempty"`
	Tick       Duration `yaml:"tick,omitempty"`
	Settle     Duration `yaml:"settle,omitempty"` // free: how long a sample lasts under rules without il.settle; default: their ticks, where levels have clocks and two more
	Stream     bool     `yaml:"stream,omitempty"` // free: a sample starts from where the last one ended
	Scale      Duration `yaml:"scale,omitempty"`  // actors, free: how long a millisecond lasts on the wall's clock
}

// tick returns the duration of a tick, also for engines without time.
func (c Config) tick() Duration {
	t := c.Time
	switch {
	case t.Tick <= 0:
		return DefaultTick
	case (t.Engine == "sim" || c.Wall()) && t.Resolution > 0:
		n, _ := t.Tick.Units(t.Resolution)
		return Duration(max(n, 2)) * t.Resolution
	}
	return t.Tick
}

// An IL says how values relax, under the schedules il, fixed and ipc. Others have no use for it.
type IL struct {
	Tau    Duration `yaml:"tau,omitempty"`    // time constant: γ = tick/τ
	Settle Duration `yaml:"settle,omitempty"` // how long a sample is presented: settle/tick relaxations
	Ticks  int      `yaml:"ticks,omitempty"`  // relaxations, instead of settle
	Gamma  float64  `yaml:"gamma,omitempty"`  // step of a relaxation, instead of tau
	Tol    float64  `yaml:"tol,omitempty"`    // stop at this residual
}

// A Return says through which weights errors travel back.
type Return struct {
	Kind    string `yaml:"kind,omitempty"`    // transpose, random, sign or stale
	Refresh int    `yaml:"refresh,omitempty"` // stale: updates between two refreshes; with 1, or left out, it is transpose
}

func (r *Return) decode(d *decoder, n ast.Node, path string) (bool, error) {
	s, ok := text(n)
	if ok {
		r.Kind = s
		d.where[join(path, "kind")] = d.position(n)
	}
	return ok, nil
}

// A Clock says what gives some vertices their turns, free-running.
type Clock struct {
	Match string `yaml:"match,omitempty"` // which vertices; default all
	Kind  string `yaml:"kind,omitempty"`  // periodic, poisson or event
	Drift Drift  `yaml:"drift,omitempty"`
	Phase Phase  `yaml:"phase,omitempty"`
	Gamma string `yaml:"gamma,omitempty"` // fixed per tick, or proportional to the time that has elapsed
}

// Clocks are tried from the last to the first: the last that matches a vertex is its clock.
type Clocks []Clock

func (c *Clocks) decode(d *decoder, n ast.Node, path string) (bool, error) {
	if _, ok := n.(ast.MapNode); !ok {
		return false, nil
	}
	*c = make(Clocks, 1)
	return true, d.set(n, path, elem(&(*c)[0]))
}

// A Drift is the relative deviation of a clock's period: a number for all, or drawn for each.
type Drift struct {
	Constant *float64   `yaml:"constant,omitempty"`
	Normal   *Deviation `yaml:"normal,omitempty"`
}

// A Deviation is the standard deviation of a normal distribution around 0.
type Deviation struct {
	SD float64 `yaml:"sd"`
}

func (x *Drift) decode(d *decoder, n ast.Node, path string) (bool, error) {
	*x = Drift{}
	if _, scalar := n.(ast.ScalarNode); !scalar {
		return false, nil
	}
	x.Constant = new(float64)
	return true, d.set(n, path, elem(x.Constant))
}

// A Phase is the offset of a clock's first turn in periods: the same for all, or drawn for each, uniformly.
type Phase struct {
	Uniform bool
	Periods float64 // in [0, 1)
}

func (x *Phase) decode(d *decoder, n ast.Node, path string) (bool, error) {
	*x = Phase{}
	if s, ok := text(n); ok && s == "uniform" {
		x.Uniform = true
		return true, nil
	}
	if p, ok := number(n); ok && p >= 0 && p < 1 {
		x.Periods = p
		return true, nil
	}
	return true, d.errorf(n, path, "got %s, want uniform, or a share of a period from 0 to below 1", describe(n))
}

// MarshalYAML implements yaml.InterfaceMarshaler.
func (x Phase) MarshalYAML() (any, error) {
	if x.Uniform {
		return "uniform", nil
	}
	return x.Periods, nil
}

// IsZero reports whether nothing is asked for.
func (x Phase) IsZero() bool { return x == Phase{} }

// IsZero reports whether nothing is asked for.
func (x Drift) IsZero() bool { return x.Constant == nil && x.Normal == nil }

// An Every says how often something is done: epoch, update, end, or a number of updates.
type Every string

func (x *Every) decode(d *decoder, n ast.Node, path string) (bool, error) {
	if i, ok := integer(n); ok && i > 0 {
		*x = Every(n.GetToken().Value)
		return true, nil
	}
	if _, is := text(n); !is {
		return true, d.errorf(n, path, "got %s, want epoch, update, end, or a number of updates from 1 on", describe(n))
	}
	return false, nil
}

// Updates returns the number of updates, 0 if it is none.
func (x Every) Updates() int {
	n, err := strconv.Atoi(string(x))
	if err != nil {
		return 0
	}
	return n
}

// MarshalYAML implements yaml.InterfaceMarshaler.
func (x Every) MarshalYAML() (any, error) {
	if n := x.Updates(); n > 0 {
		return n, nil
	}
	return string(x), nil
}
