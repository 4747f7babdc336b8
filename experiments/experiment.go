package experiments

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/tensor"
)

// A Config says how an experiment is run.
type Config struct {
	Dir      string                             // where results are written; it is made if it does not exist
	Seed     uint64                             // of initial weights and data; 0 stands for 1
	Quick    bool                               // small networks, embedded data, few updates: seconds. All of a claim but times is checked
	Data     string                             // directory of Fashion-MNIST; "" stands for where Debian's package puts it
	Backend  tensor.Backend                     // of matrix products; nil: the built-in one
	Hosting  actors.Hosting                     // of the vertices of actors
	Progress func(what string, done, total int) // called between pieces of work; nil: not at all
}

func (c Config) seed() uint64 { return max(c.Seed, 1) }

// compute returns what engines compute with.
func (c Config) compute() tensor.Config { return tensor.Config{Backend: c.Backend} }

// Hosts returns how the vertices of actors are hosted: HostAuto stands for the same with all networks here, which are small.
func (c Config) Hosts() actors.Hosting { return c.Hosting.For(0) }

func (c Config) show(what string, done, total int) {
	if c.Progress != nil {
		c.Progress(what, done, total)
	}
}

// ErrClaim is wrapped by the error of an experiment whose results contradict its claim. They are written nevertheless.
var ErrClaim = errors.New("the claim does not hold")

// ErrData is wrapped by the error of an experiment whose data are not installed.
var ErrData = errors.New("the data are not installed")

func contradicted(format string, args ...any) error {
	return fmt.Errorf("experiments: %w: %s", ErrClaim, fmt.Sprintf(format, args...))
}

// An Experiment is an entry of the registry.
type Experiment struct {
	Name   string // of its folder: source and table or figure
	About  string // the claim in one line
	Source string
	Run    func(context.Context, Config) error
}

// All returns the experiments in a fixed order.
func All() []Experiment {
	const salvatori = "Salvatori et al., Reverse Differentiation via Predictive Coding, AAAI 2022, arXiv 2103.04689"
	return configured([]Experiment{
		{"salvatori2022-table1", "dense Z-IL without levelling is backprop on chains only, with it everywhere", salvatori + ", Table 1", runTable1},
		{"salvatori2022-table2", "an update of Z-IL costs what one of backprop costs, one of IL many times that", salvatori + ", Table 2", runTable2},
		{"salvatori2022-table3", "each of the three conditions of Z-IL is necessary", salvatori + ", Table 3", runTable3},
		{"salvatori2022-fig3", "a skip connection makes unlevelled Z-IL wrong, levelling repairs it", salvatori + ", Figure 3", runFig3},
		{"salvatori2022-lemma", "under Z-IL an error reaches a level at its own tick and not before", salvatori + ", Lemma A.1", runWave},
		{"millidge2020-toy", "fixed predictions converge to the gradient of a branching function", "Millidge, Tschantz, Buckley: Predictive Coding Approximates Backprop along Arbitrary Computation Graphs, arXiv 2006.04182, §5.1", runToy},
		{"rosenbaum2021-fixedpred", "under fixed prediction errors are backprop's times a binomial tail", "Rosenbaum: On the relationship between predictive coding and backpropagation, arXiv 2106.13082", runFixedPrediction},
		{"fashion-mlp", "a perceptron trained by actors and Z-IL ends with the bits of backprop", "Xiao, Rasul, Vollgraf: Fashion-MNIST, arXiv 1708.07747", runFashion},
		{"opticks-transformer", "a character Transformer trained by actors and Z-IL ends with the bits of backprop", "Newton: Opticks, fourth edition, 1730", runOpticks},
	})
}

// Find returns the experiment with the given name, or an error that lists the names.
func Find(name string) (Experiment, error) {
	var names []string
	for _, e := range All() {
		if e.Name == name {
			return e, nil
		}
		names = append(names, e.Name)
	}
	return Experiment{}, fmt.Errorf("experiments: unknown experiment %q: use one of %s", name, strings.Join(names, ", "))
}
