package config

import (
	"math"

	"github.com/retrodict/retrodict/data"
	"github.com/retrodict/retrodict/tensor"
)

// hidden is the number of hidden units, where the file gives no layers.
const hidden = 48

// suit gives the sizes of the network that the file leaves out the values that the data have.
func (l *Loaded) suit(s *data.Set) {
	n := &l.Network
	switch n.Arch {
	case "mlp":
		l.layers(inputs(s), s.Targets())
	case "residual":
		if len(n.Layers) == 0 {
			n.Layers = []int{inputs(s), hidden, hidden, hidden, hidden, s.Targets()}
		}
	case "layered":
		set(&n.Width, inputs(s))
	case "diamond":
		l.layers(inputs(s), s.Targets())
	case "lenet", "cnn", "alexnet", "resnet18":
		if len(n.Image) == 0 {
			n.Image = image(s.X.Shape())
		}
		set(&n.Classes, s.Targets())
	case "rnn", "lstm", "gru":
		n.EveryStep = n.EveryStep || s.Y.Type() == tensor.Int64 && s.Y.Shape().Rank() == 2
		steps, wide := sequence(s)
		set(&n.Steps, steps)
		outputs := s.Targets()
		if n.EveryStep {
			outputs /= max(n.Steps, 1)
		}
		l.layers(wide, outputs)
	case "transformer", "lm":
		l.suitTransformer(s)
	}
}

func (l *Loaded) layers(inputs, outputs int) {
	if len(l.Network.Layers) == 0 {
		l.Network.Layers = []int{inputs, hidden, outputs}
	}
}

func (l *Loaded) suitTransformer(s *data.Set) {
	n := &l.Network
	steps, wide := sequence(s)
	set(&n.Steps, steps)
	every := s.Y.Shape().Rank() > 1
	if s.X.Type() == tensor.Int64 {
		set(&n.Vocabulary, len(s.Classes))
	} else if n.Arch == "transformer" && n.Vocabulary == 0 {
		set(&n.Width, wide)
		if n.Heads == 0 && wide%4 != 0 { // four are the default
			n.Heads = 1
		}
	}
	if n.Arch == "transformer" {
		n.Mean = n.Mean || !every
		classes := s.Targets()
		if !n.Mean {
			classes /= max(n.Steps, 1)
		}
		set(&n.Classes, classes)
	}
}

func set(n *int, to int) {
	if *n == 0 {
		*n = to
	}
}

// image returns the dimensions of one image: those of the data, or one channel of a square with as many numbers.
func image(x tensor.Shape) []int {
	if x.Rank() == 4 {
		return x.Slice()[1:]
	}
	n := x.Len() / max(x.Dim(0), 1)
	if side := int(math.Sqrt(float64(n))); side*side == n {
		return []int{1, side, side}
	}
	return nil
}

// sequence returns the number of steps of a row, and of numbers of a step. A row without steps is read as a square.
func sequence(s *data.Set) (steps, wide int) {
	x := s.X.Shape()
	if s.X.Type() == tensor.Int64 {
		return x.Dim(1), len(s.Classes)
	}
	if x.Rank() == 3 {
		return x.Dim(1), x.Dim(2)
	}
	n := s.Features()
	if side := int(math.Sqrt(float64(n))); side*side == n {
		return side, side
	}
	return 1, n
}

// checkTokens returns an error if the data hold numbers that the network, which looks them up in a table, does not know.
func (l *Loaded) checkTokens(s *Setup) error {
	n := s.Network.Tokens
	if n == 0 {
		return nil
	}
	for _, set := range []*data.Set{s.Train, s.Test} {
		for i := range set.X.Len() {
			if x := set.X.Float(i); x != math.Trunc(x) || x < 0 || x >= float64(n) {
				return l.where.error("data", "row %d holds %v: %s takes whole numbers from 0 to %d", i/max(set.Features(), 1), x, s.Network.Name, n-1)
			}
		}
	}
	return nil
}
