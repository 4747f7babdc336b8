package config

import (
	"fmt"
	"time"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A Setup is everything that a configuration stands for, read and built, but no engine yet.
type Setup struct {
	Config      Config // with all defaults written out
	Source      string // the file it comes from, "" for none
	Train, Test *data.Set
	Batches     data.Batches // how sets are handed out
	Network     *network.Network
	Loss        op.Loss
	Type        tensor.Type
	Rule        neuron.Rule // of the schedule
	Backend     tensor.Backend
	Seconds     float64 // that Open took

	loaded *Loaded
}

// Open reads the data, builds the graph and checks that they fit.
func (l *Loaded) Open() (*Setup, error) {
	start := time.Now()
	backend, err := OpenBackend(l.Time.BLAS)
	if err != nil {
		return nil, l.where.error("time.blas", "%v", err)
	}
	train, test, err := l.load()
	if err != nil {
		return nil, err
	}
	s := &Setup{Train: train, Test: test, Type: l.float(), Rule: l.rule(), Backend: backend}
	if err := l.openLoss(s); err != nil {
		return nil, err
	}
	labels := train.Y.Type() == tensor.Int64
	s.Batches = data.Batches{Size: l.Data.Batch, Type: s.Type, OneHot: labels && !takesLabels(s.Loss), OneHotX: true}
	l.row = train.X.Shape().Slice()[1:]
	l.suit(train)
	if s.Network, err = l.OpenNetwork(l.Data.Batch); err != nil {
		return nil, err
	}
	s.Batches.OneHotX = s.Network.Tokens == 0
	s.Config, s.Source, s.loaded = l.Config, l.Source, l
	s.Seconds = time.Since(start).Seconds()
	if err := l.fit(s); err != nil {
		return s, err
	}
	return s, s.resolve()
}

// resolve returns an error if a pattern of the configuration fits nothing in the network, or not what it has to.
func (s *Setup) resolve() error {
	l, g := s.loaded, s.Network.Graph
	if err := l.checkTargets(g, s.Network.Initial); err != nil {
		return err
	}
	if l.Time.Engine == "bp" {
		return nil
	}
	if _, err := s.predictive(s.Rule); err != nil {
		return err
	}
	w := &wiring{Setup: s, graph: g}
	for i, x := range l.Links {
		if _, err := w.edges(g, x.Match); err != nil {
			return w.errorf(fmt.Sprintf("links[%d].match", i), "%v", trim(err))
		}
	}
	if _, err := w.clocks(); err != nil {
		return err
	}
	for i := range l.Interventions {
		x := &l.Interventions[i]
		if _, err := w.action(g, x, uint64(i)); err != nil {
			name, _ := x.action()
			return w.errorf(fmt.Sprintf("interventions[%d].%s", i, name), "%v", trim(err))
		}
	}
	return nil
}

// Takes reports whether the configuration can do with another schedule.
func (s *Setup) Takes(schedule string) bool {
	text, err := s.Config.Marshal()
	if err != nil {
		return false
	}
	l, err := Parse(s.Source, text, "learning.schedule="+schedule)
	if err != nil {
		return false
	}
	c := *s
	c.Config, c.Rule, c.loaded = l.Config, l.rule(), l
	return c.resolve() == nil
}

// Coarse returns the setup with the perceptron at the grain of layers and new initial weights, to time backprop with: nothing
// is left that names single units. It returns nil if that is its grain or it is none.
func (s *Setup) Coarse() (*Setup, error) {
	l := *s.loaded
	if l.Network.Arch != "mlp" || l.Network.Grain == string(network.Layer) {
		return nil, nil
	}
	l.Network.Grain = string(network.Layer)
	l.Learning.Precision, l.Learning.Infer = nil, ""
	l.Links, l.Clocks, l.Interventions, l.Record.Traces = nil, nil, nil, nil
	return s.with(&l)
}

// openLoss sets the loss: what was asked for, or what suits the data.
func (l *Loaded) openLoss(s *Setup) error {
	if l.Learning.Loss == "" {
		l.Learning.Loss = op.HalfSquared{}.Name()
		if s.Train.Y.Type() == tensor.Int64 {
			l.Learning.Loss = op.CrossEntropy{}.Name()
		}
	}
	loss, err := op.ParseLoss(l.Learning.Loss)
	if err != nil {
		return l.where.error("learning.loss", "%v", err)
	}
	s.Loss = loss
	return nil
}

func takesLabels(l op.Loss) bool {
	return l.Name() == op.CrossEntropy{}.Name() || l.Name() == op.NLL{}.Name()
}

// inputs returns the number of features that a row of s gives to a network.
func inputs(s *data.Set) int {
	if s.X.Type() == tensor.Int64 {
		return s.Features() * len(s.Classes)
	}
	return s.Features()
}

// fit returns an error if the data do not fit the graph and the loss.
func (l *Loaded) fit(s *Setup) error {
	loader, err := data.NewLoader(s.Train, s.Batches)
	if err != nil {
		return l.where.error("data", "%v", trim(err))
	}
	x, y := loader.Shapes()
	if x.Len() != s.Network.X.Len() {
		return l.where.error(l.sizes(), "%s takes %d numbers a row, the data have %d", s.Network.Name, s.Network.X.Len()/l.Data.Batch, x.Len()/l.Data.Batch)
	}
	typ := s.Train.Y.Type()
	if typ.IsFloat() || s.Batches.OneHot {
		typ = s.Type
	}
	if err := s.Loss.Check(s.Network.Output(), typ, y); err != nil {
		return l.where.error("learning.loss", "the data do not fit the network: %v", err)
	}
	if takesLabels(s.Loss) && typ == tensor.Int64 && len(s.Train.Classes) > s.Network.Output().Dim(-1) {
		return l.where.error(l.sizes(), "%s gives %d classes, the data have %d", s.Network.Name, s.Network.Output().Dim(-1), len(s.Train.Classes))
	}
	if err := l.checkTokens(s); err != nil {
		return err
	}
	for _, t := range s.Network.Initial {
		for i := range t.Len() {
			if x := t.Float(i); x-x != 0 {
				return l.where.error("network.init", "an initial weight is %v", x)
			}
		}
	}
	return nil
}

// sizes returns the key that decides the sizes of the network.
func (l *Loaded) sizes() string {
	switch {
	case l.Network.ONNX != "":
		return "network.onnx"
	case len(l.Network.Layers) > 0:
		return "network.layers"
	}
	return "network"
}

// Shrunk returns the setup with a perceptron whose hidden layers are no wider than width. Other architectures have no
// such form: an error.
func (s *Setup) Shrunk(width int) (*Setup, error) {
	l := *s.loaded
	if l.Network.Arch != "mlp" {
		return nil, l.where.error("network.arch", "%s is too large to be timed, and only mlp can be cut down", s.Network.Name)
	}
	l.Network.Layers = append([]int(nil), l.Network.Layers...)
	for k := 1; k < len(l.Network.Layers)-1; k++ {
		l.Network.Layers[k] = min(l.Network.Layers[k], width)
	}
	return s.with(&l)
}

// with returns the setup with the network of l and new initial weights.
func (s *Setup) with(l *Loaded) (*Setup, error) {
	l.Network.Init.From = ""
	n, err := l.OpenNetwork(l.Data.Batch)
	if err != nil {
		return nil, err
	}
	c := *s
	c.Config, c.Network, c.loaded = l.Config, n, l
	return &c, nil
}

// Base returns what all engines of the setup have in common.
func (s *Setup) Base() engine.Config {
	return engine.Config{Graph: s.Network.Graph, Initial: s.Network.Initial, Type: s.Type, Loss: s.Loss,
		Plasticity: s.Config.Learning.Plasticity.rule(), Compute: tensor.Config{Workers: s.Config.Time.Workers, Backend: s.Backend}}
}

// Evaluator returns an engine for the network's form for evaluation, nil if the engine that learns serves.
func (s *Setup) Evaluator() (engine.Engine, error) {
	if s.Network.Eval == nil {
		return nil, nil
	}
	base := s.Base()
	base.Graph = s.Network.Eval
	return bp.New(base)
}

// Engine returns a new engine of the given name that runs the given rule.
func (s *Setup) Engine(name string, rule neuron.Rule) (engine.Engine, error) {
	if name == "sim" && s.Config.Time.Engine == "sim" {
		return OrNone(s.NewSim(rule))
	}
	if name == "actors" && s.Config.Wall() {
		return OrNone(s.NewFree(rule, nil))
	}
	c, err := s.predictive(rule)
	if err != nil {
		return nil, err
	}
	hosting, err := actors.ParseHosting(s.Config.Time.Hosting)
	if err != nil {
		return nil, err
	}
	return newEngine(name, c, hosting)
}
