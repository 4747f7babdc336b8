package enginetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/synapse"
	"github.com/retrodict/retrodict/tensor"
)

// A variant is a Setup by name, apart from the network.
type variant struct {
	name string
	set  Setup
}

// exact returns the variants that promise the bits of backprop.
func exact() []variant {
	return []variant{
		{"sparse", Setup{Schedule: "zil"}},
		{"sparse by identities", Setup{Schedule: "zil", Form: graph.Identities}},
		{"sparse unlevelled", Setup{Schedule: "zil", Unlevel: true}},
		{"dense by identities", Setup{Schedule: "zil-dense", Form: graph.Identities}},
		{"dense by delays", Setup{Schedule: "zil-dense", Form: graph.Delays}},
		{"dense with padded leaves", Setup{Schedule: "zil-dense", Form: graph.Identities, PadLeaves: true}},
		{"wave by identities", Setup{Schedule: "fazil", Form: graph.Identities}},
		{"wave by delays", Setup{Schedule: "fazil", Form: graph.Delays}},
		{"event", Setup{Schedule: "event"}},
	}
}

func types() []tensor.Type { return []tensor.Type{tensor.Float64, tensor.Float32} }

// with fills the network into s, makes the engine, runs do with it and closes it. It does nothing if s is refused.
func with(f Factory, s Setup, cfg engine.Config, do func(engine.Engine) error) error {
	s.Config = cfg
	e, err := f(s)
	if errors.Is(err, ErrRefused) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("construction: %w", err)
	}
	err = do(e)
	if cerr := e.Close(); err == nil && cerr != nil {
		err = fmt.Errorf("close: %w", cerr)
	}
	return err
}

// samples draws n samples for c.
func samples(c Case, typ tensor.Type, n int) []engine.Sample {
	r := rand.New(rand.NewPCG(Seed, uint64(n)))
	list := make([]engine.Sample, n)
	for i := range list {
		list[i] = c.Sample(r, typ)
	}
	return list
}

// A lesson is what backprop makes of samples: for each the feedback before it is learnt, the loss, and the parameters
// after it.
type lesson struct {
	grads, params []engine.Params
	loss          []float64
}

// learnt returns the lesson of the samples.
func learnt(cfg engine.Config, list []engine.Sample) (l lesson, err error) {
	ref, err := bp.New(cfg)
	if err != nil {
		return l, err
	}
	defer ref.Close()
	for _, s := range list {
		g, r, err := ref.Gradient(context.Background(), s)
		if err != nil {
			return l, err
		}
		l.grads, l.loss = append(l.grads, g.Clone()), append(l.loss, r.Loss)
		if _, err = ref.Learn(context.Background(), s); err != nil {
			return l, err
		}
		l.params = append(l.params, ref.Params().Clone())
	}
	return l, nil
}

// follows returns an error unless e does on the samples what backprop does, to the bit: the feedback, the parameters
// after each update, and the loss.
func follows(e engine.Engine, cfg engine.Config, list []engine.Sample) error {
	l, err := learnt(cfg, list)
	if err != nil {
		return fmt.Errorf("reference: %w", err)
	}
	return l.followedBy(e, list)
}

// followedBy returns an error unless e does the same on the samples, to the bit.
func (l lesson) followedBy(e engine.Engine, list []engine.Sample) error {
	for k, s := range list {
		g, r, err := e.Gradient(context.Background(), s)
		if err != nil {
			return fmt.Errorf("sample %d: Gradient: %w", k, err)
		}
		if d := engine.Diff(g, l.grads[k]); !d.Equal() {
			return fmt.Errorf("sample %d: the gradient differs from backprop: %+v", k, d)
		}
		if r.Loss != l.loss[k] && (r.Loss == r.Loss || l.loss[k] == l.loss[k]) {
			return fmt.Errorf("sample %d: loss %v, backprop has %v", k, r.Loss, l.loss[k])
		}
		if _, err = e.Learn(context.Background(), s); err != nil {
			return fmt.Errorf("sample %d: Learn: %w", k, err)
		}
		if d := engine.Diff(e.Params(), l.params[k]); !d.Equal() {
			return fmt.Errorf("sample %d: the parameters differ from backprop: %+v", k, d)
		}
	}
	return nil
}

// checkExact: E1 on every architecture, with one update of gradient descent.
func checkExact(f Factory) error {
	for _, c := range Architectures() {
		if err := checkCase(f, c, synapse.Rule{Rate: 0.1}, exact(), 1); err != nil {
			return err
		}
	}
	return nil
}

// checkRandom: E1 on random graphs.
func checkRandom(f Factory) error {
	for seed := range uint64(40) {
		if err := checkCase(f, Random(seed), synapse.Rule{Rate: 0.1}, exact(), 1); err != nil {
			return err
		}
	}
	return nil
}

// checkTraining: E1 over several updates, with plasticities that have a state.
func checkTraining(f Factory) error {
	list := exact()
	for _, c := range append(Architectures(), Random(1000), Random(1001)) {
		for _, rule := range []synapse.Rule{{Rate: 0.05, Decay: 0.01}, {Name: "momentum", Rate: 0.02}, {Name: "adam", Rate: 0.01}} {
			if err := checkCase(f, c, rule, []variant{list[0], list[3], list[4], list[6], list[8]}, 4); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkCase(f Factory, c Case, rule synapse.Rule, list []variant, updates int) error {
	for _, typ := range types() {
		cfg := c.Config(typ)
		cfg.Plasticity = rule
		for _, v := range list {
			err := with(f, v.set, cfg, func(e engine.Engine) error { return follows(e, cfg, samples(c, typ, updates)) })
			if err != nil {
				return fmt.Errorf("%s, %v, %v, %s: %w", c.Name, typ, rule, v.name, err)
			}
		}
	}
	return nil
}

// checkPredict: E1 for the outputs. Predict changes no parameter, and an update after it goes as before.
func checkPredict(f Factory) error {
	for _, c := range Architectures() {
		cfg := c.Config(tensor.Float64)
		list := samples(c, tensor.Float64, 2)
		for _, v := range exact() {
			err := with(f, v.set, cfg, func(e engine.Engine) error {
				before := e.Params().Hash()
				if err := samePrediction(e, cfg, list[1]); err != nil {
					return err
				}
				if e.Params().Hash() != before {
					return fmt.Errorf("a parameter changed in Predict")
				}
				return follows(e, cfg, list)
			})
			if err != nil {
				return fmt.Errorf("%s, %s: %w", c.Name, v.name, err)
			}
		}
	}
	return nil
}

func samePrediction(e engine.Engine, cfg engine.Config, s engine.Sample) error {
	ref, err := bp.New(cfg)
	if err != nil {
		return err
	}
	defer ref.Close()
	want, err := ref.Predict(context.Background(), s.Inputs)
	if err != nil {
		return err
	}
	got, err := e.Predict(context.Background(), s.Inputs)
	if err != nil {
		return fmt.Errorf("in Predict: %w", err)
	}
	if len(got) != len(want) {
		return fmt.Errorf("got %d outputs of Predict, the graph has %d", len(got), len(want))
	}
	for i := range want {
		if n := tensor.Differing(got[i], want[i]); n > 0 {
			return fmt.Errorf("output %d of Predict differs from backprop in %d of %d elements", i, n, want[i].Len())
		}
	}
	return nil
}
