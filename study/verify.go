package study

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"slices"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/model"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// VerifyOptions say what is compared with backprop. Lists that are empty have defaults.
type VerifyOptions struct {
	Archs     []string // default mlp, or that of the experiment
	Grains    []string // of mlp, the others have layers; default layer, or that of the experiment
	Engines   []string // default pc and actors
	Schedules []string // of package pc; default zil and il
	Dtypes    []string // default f64
	Steps     int      // updates for every seed; default 3
	Seeds     int      // default 3
	First     uint64   // the first seed; default 1

	// Load returns the experiment under overrides, to be verified on its own data; nil: small networks and random data.
	Load     func(overrides ...string) (*config.Loaded, error)
	Progress Progress
	BLAS     tensor.Backend // of networks without Load; nil: the built-in one
	Hosting  actors.Hosting // of engine actors, without Load

	// Model, if not nil, is what is verified, on the inputs that it is bound to and with the target, whose floats are of the
	// type given. Seeds draw the masks of dropout anew; a model without them has one seed.
	Model  *model.Bound
	Target func(tensor.Type) (model.Target, error)
}

// A VerifyReport is what came of a verification.
type VerifyReport struct {
	Results   []VerifyResult `json:"results"`
	Hash      string         `json:"hash"` // of the hashes of all results
	NonFinite int            `json:"non_finite,omitempty"`
}

// A VerifyResult compares one engine with backprop over all seeds. What is compared is the feedback of every parameter
// at every update, and its value after the last.
type VerifyResult struct {
	Engine     string  `json:"engine"`
	Schedule   string  `json:"schedule"`
	Dtype      string  `json:"dtype"`
	Hosting    string  `json:"hosting"` // of vertices: actor, shard, or none if the engine has no actors
	Shards     int     `json:"shards"`  // shard actors, at most
	BLAS       string  `json:"blas"`
	Arch       string  `json:"arch"`
	Grain      string  `json:"grain"`
	Params     int     `json:"params"`     // numbers compared
	Differing  int     `json:"differing"`  // of these, in how many a bit differs
	MaxAbs     Number  `json:"max_abs"`    // largest difference, of the graphs in which learning did not diverge
	MaxULP     *uint64 `json:"max_ulp"`    // the same in units in the last place; null where a NaN differs
	Equal      bool    `json:"equal"`      // no bit differs
	Promised   bool    `json:"promised"`   // the schedule promises that
	Messages   int64   `json:"messages"`   // of all updates together
	Ticks      int     `json:"ticks"`      // of all updates together
	Levels     int     `json:"levels"`     // of the deepest graph
	Identities int     `json:"identities"` // that levelling added, in all graphs together

	Graphs       int    `json:"graphs"`                   // compared, one a seed
	Diverged     int    `json:"diverged"`                 // of these, in how many learning went beyond all bounds: not in max_abs
	DoesNotApply string `json:"does_not_apply,omitempty"` // why there is no such engine: nothing was compared

	// Hash is the SHA-256 of everything that the engine came to, over all seeds: the bits of every feedback and every parameter,
	// losses, energies, messages, ticks, and the whole state of the engine after the last update, random streams included.
	Hash string `json:"hash,omitempty"`

	ulp uint64
	sum hash.Hash
}

// Kept reports whether every promise of equality was kept.
func (r VerifyReport) Kept() bool {
	return !slices.ContainsFunc(r.Results, func(v VerifyResult) bool { return v.Promised && !v.Equal })
}

func (o VerifyOptions) filled() VerifyOptions {
	def := func(list *[]string, names ...string) {
		if len(*list) == 0 {
			*list = names
		}
	}
	if o.Model != nil && !o.Model.Random() {
		o.Seeds = 1
	}
	if o.Load == nil && o.Model == nil {
		def(&o.Archs, "mlp")
		def(&o.Grains, "layer")
	}
	def(&o.Archs, "")
	def(&o.Grains, "")
	def(&o.Engines, "pc", "actors")
	def(&o.Schedules, "zil", "il")
	def(&o.Dtypes, "f64")
	o.Steps, o.Seeds, o.First = max(o.Steps, 0), max(o.Seeds, 0), max(o.First, 1)
	if o.Steps == 0 {
		o.Steps = 3
	}
	if o.Seeds == 0 {
		o.Seeds = 3
	}
	if o.Progress == nil {
		o.Progress = silent{}
	}
	return o
}

// Verify compares engines with backprop. Combinations that cannot exist have a row that says why; if none exists, the error is
// a *Refusal, before anything is compared. If ctx ends it returns what there is, and ctx.Err().
func Verify(ctx context.Context, o VerifyOptions) (VerifyReport, error) {
	o = o.filled()
	var r VerifyReport
	shapes, err := o.shapes()
	if err != nil {
		return r, err
	}
	all := make([][]VerifyResult, len(shapes))
	for i, s := range shapes {
		if all[i], err = o.rows(s); err != nil {
			return r, err
		}
	}
	if err := none(all); err != nil {
		return r, err
	}
	defer o.Progress.Hide()
	done, total := 0, len(shapes)*len(o.Dtypes)*o.Seeds
	for i, s := range shapes {
		rows := all[i]
		for k := range rows {
			rows[k].sum = sha256.New()
		}
		for seed := range uint64(o.Seeds) {
			for _, d := range o.Dtypes {
				if err := ctx.Err(); err != nil {
					return finished(r, rows), err
				}
				if err := o.seed(s, o.First+seed, d, rows); err != nil {
					return finished(r, rows), err
				}
				done++
				o.Progress.Show("verifying", done, total)
			}
		}
		r = finished(r, rows)
	}
	return r, nil
}

// finished adds the rows that have a seed to the report.
func finished(r VerifyReport, rows []VerifyResult) VerifyReport {
	for _, v := range rows {
		if v.Graphs == 0 && v.DoesNotApply == "" {
			continue
		}
		if v.sum != nil && v.DoesNotApply == "" {
			v.Hash = hex.EncodeToString(v.sum.Sum(nil))
		}
		ulp := v.ulp
		v.MaxULP = &ulp
		if ulp == math.MaxUint64 {
			v.MaxULP = nil
			r.NonFinite++
		}
		r.NonFinite += nonFinite(v.MaxAbs)
		r.Results = append(r.Results, v)
	}
	all := sha256.New()
	for _, v := range r.Results {
		_, _ = io.WriteString(all, v.Hash)
	}
	r.Hash = hex.EncodeToString(all.Sum(nil))
	return r
}

// shapes returns the pairs of architecture and grain.
func (o VerifyOptions) shapes() ([][2]string, error) {
	var list [][2]string
	for _, a := range o.Archs {
		grains := o.Grains
		if a != "mlp" && a != "" {
			if grains = []string{"layer"}; !slices.Contains(o.Grains, "layer") && !slices.Contains(o.Grains, "") {
				return nil, fmt.Errorf("architecture %s is built of layers: grain %s is only for mlp", a, o.Grains[0])
			}
		}
		for _, g := range grains {
			list = append(list, [2]string{a, g})
		}
	}
	return list, nil
}

// seed compares all engines on one network, and enters the results into the rows of its type.
func (o VerifyOptions) seed(shape [2]string, seed uint64, dtype string, rows []VerifyResult) (err error) {
	p, err := o.problem(shape, seed, dtype)
	if err != nil {
		return err
	}
	ref, err := p.reference(o.Steps)
	if err != nil {
		return err
	}
	for i := range rows {
		if rows[i].Dtype != dtype || rows[i].DoesNotApply != "" {
			continue
		}
		rows[i].Arch, rows[i].Grain = p.arch, p.grain
		if err := p.compare(&rows[i], ref); err != nil {
			return fmt.Errorf("seed %d, %s, %s: %w", seed, rows[i].Engine, rows[i].Schedule, err)
		}
	}
	return nil
}

// A trace is what backprop learnt: the feedback at every update, and the parameters at the end.
type trace struct {
	feedback []engine.Params
	final    engine.Params
}

func (p *problem) reference(steps int) (t trace, err error) {
	e, err := config.NewEngine("bp", p.base, neuron.Rule{}, actors.HostAuto)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	for k := range steps {
		s, err := p.sample(k)
		if err != nil {
			return t, err
		}
		f, _, err := e.Gradient(context.Background(), s)
		if err != nil {
			return t, err
		}
		t.feedback = append(t.feedback, f.Clone())
		if _, err := e.Learn(context.Background(), s); err != nil {
			return t, err
		}
	}
	t.final = e.Params().Clone()
	return t, nil
}

// compare runs the engine of v on the problem, and enters how far it is from the reference.
func (p *problem) compare(v *VerifyResult, ref trace) (err error) {
	e, rule, err := p.build(v)
	if err != nil || e == nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }()
	v.Graphs++
	hosting, shards := config.Hosting(e)
	v.Hosting, v.Shards, v.BLAS = hosting, max(v.Shards, shards), p.backend()
	v.Promised = p.promised(e, rule)
	v.Levels = max(v.Levels, p.base.Graph.Depth())
	if e, ok := e.(config.Predictive); ok {
		g := e.Graph()
		v.Levels = max(v.Levels, g.Depth())
		if g.Form == graph.Identities {
			v.Identities += g.Identities
		}
	}
	far, diverged := 0.0, false
	for k := range ref.feedback {
		s, err := p.sample(k)
		if err != nil {
			return err
		}
		f, _, err := e.Gradient(context.Background(), s)
		if err != nil {
			return err
		}
		diverged = diverged || ref.diverged(f, k)
		v.enter(engine.Diff(f, ref.feedback[k]), &far)
		r, err := e.Learn(context.Background(), s)
		if err != nil {
			return err
		}
		v.Messages += r.Messages
		v.Ticks += r.Ticks
		fmt.Fprintf(v.sum, "%s %x %x %x %d %d ", f.Hash(), math.Float64bits(r.Loss), math.Float64bits(r.Energy), math.Float64bits(r.Residual), r.Messages, r.Ticks)
	}
	fmt.Fprint(v.sum, e.Params().Hash())
	if e, ok := e.(engine.Resumable); ok {
		_, _ = v.sum.Write(e.AppendState(nil))
	}
	v.enter(engine.Diff(e.Params(), ref.final), &far)
	if diverged {
		v.Diverged++
	} else {
		v.MaxAbs = max(v.MaxAbs, Number(far))
	}
	return nil
}

// enter adds a comparison to v, and raises far to its largest difference.
func (v *VerifyResult) enter(d engine.Difference, far *float64) {
	v.Params += d.Params
	v.Differing += d.Differing
	*far = max(*far, d.MaxAbs)
	v.ulp = max(v.ulp, d.MaxULP)
	v.Equal = v.Equal && d.Equal()
}
