package config

import "github.com/goccy/go-yaml/ast"

// An Intervention is what the experimenter does at a time: exactly one of its actions.
type Intervention struct {
	At     Moment  `yaml:"at"`
	Lesion *Target `yaml:"lesion,omitempty"` // silences vertices
	Heal   *Target `yaml:"heal,omitempty"`   // undoes lesions and cuts
	Cut    *Target `yaml:"cut,omitempty"`    // cuts edges
	Fix    *Fix    `yaml:"fix,omitempty"`    // holds values
	Free   *Target `yaml:"free,omitempty"`   // lets go of them
	Noise  *Pulse  `yaml:"noise,omitempty"`  // displaces values, once
	Freeze *Target `yaml:"freeze,omitempty"` // parameters learn no more
	Thaw   *Target `yaml:"thaw,omitempty"`   // parameters learn again
	Link   *Link   `yaml:"link,omitempty"`   // changes links
}

// A Moment is a time in a run.
type Moment struct {
	Update int      `yaml:"update,omitempty"` // number of the update, from 1; 0: every one
	After  Duration `yaml:"after,omitempty"`  // free-running: time since it began
}

// A Target is what an intervention strikes: a pattern, or a share of what fits it, drawn by the seed.
type Target struct {
	Vertices   string   `yaml:"vertices,omitempty"`
	Edges      string   `yaml:"edges,omitempty"`
	Parameters string   `yaml:"parameters,omitempty"`
	Share      *float64 `yaml:"share,omitempty"` // from 0 to 1; left out: all
}

// A Fix holds the values of vertices: all elements at one number, or each at its own.
type Fix struct {
	Vertices string `yaml:"vertices"`
	Value    Values `yaml:"value"`
}

// Values are one number for all elements of a vertex, or a number for each.
type Values []float64

func (x *Values) decode(d *decoder, n ast.Node, path string) (bool, error) {
	*x = nil
	if _, scalar := n.(ast.ScalarNode); !scalar {
		return false, nil
	}
	*x = Values{0}
	return true, d.set(n, path, elem(&(*x)[0]))
}

// MarshalYAML implements yaml.InterfaceMarshaler.
func (x Values) MarshalYAML() (any, error) {
	if len(x) == 1 {
		return x[0], nil
	}
	return []float64(x), nil
}

// A Pulse adds noise of a standard deviation to the values of vertices.
type Pulse struct {
	Vertices string  `yaml:"vertices"`
	SD       float64 `yaml:"sd"`
}

// action returns the name of what is done, and the number of actions.
func (i *Intervention) action() (name string, n int) {
	for _, a := range []struct {
		name string
		set  bool
	}{{"lesion", i.Lesion != nil}, {"heal", i.Heal != nil}, {"cut", i.Cut != nil}, {"fix", i.Fix != nil}, {"free", i.Free != nil},
		{"noise", i.Noise != nil}, {"freeze", i.Freeze != nil}, {"thaw", i.Thaw != nil}, {"link", i.Link != nil}} {
		if a.set {
			name = a.name
			n++
		}
	}
	return name, n
}
