package enginetest

import (
	"fmt"
	"sync"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// Clamped counts what is computed about leaves, which do not move during an update: no derivative of an input is wanted, and
// what is predicted from leaves alone is predicted once. It may be used by several goroutines.
type Clamped struct {
	mu          sync.Mutex
	firsts      int // vertices that have leaves alone as arguments
	predictions int // of firsts
	vjps        int
	unwanted    int // derivatives of inputs and constants that were asked for
}

// Watch returns c with functions that enter what they compute. Each is a function of its own, with a name of its own.
func (n *Clamped) Watch(c Case) Case {
	g := c.Graph
	return c.rebuild(func(v graph.VertexID, o op.Op) op.Op {
		args, first := g.Args(v), true
		clamped := make([]bool, len(args))
		for k, a := range args {
			clamped[k] = g.Role(a) == graph.Input || g.Role(a) == graph.Constant
			first = first && g.Role(a) != graph.Computed
		}
		if first {
			n.firsts++
		}
		return named{name: fmt.Sprintf("%s@%d", o.Name(), v), hooked: hooked{Op: o,
			forward: func(op.Op, tensor.Tensor, []tensor.Tensor) { n.predicted(first) },
			vjp:     func(_ op.Op, d, _ []tensor.Tensor) { n.differentiated(d, clamped) }}}
	})
}

func (n *Clamped) predicted(first bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if first {
		n.predictions++
	}
}

func (n *Clamped) differentiated(d []tensor.Tensor, clamped []bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.vjps++
	for k := range d {
		if clamped[k] && d[k].Wanted() {
			n.unwanted++
		}
	}
}

// Check returns an error if the work of the given number of updates was not what it should be.
func (n *Clamped) Check(updates int) error {
	switch {
	case n.firsts == 0 || n.vjps == 0:
		return fmt.Errorf("enginetest: %d vertices after leaves and %d vector–Jacobian products: nothing was watched", n.firsts, n.vjps)
	case n.unwanted > 0:
		return fmt.Errorf("enginetest: %d derivatives of inputs and constants were computed", n.unwanted)
	case n.predictions != n.firsts*updates:
		return fmt.Errorf("enginetest: %d predictions from leaves in %d updates, want one for each of %d vertices", n.predictions, updates, n.firsts)
	}
	return nil
}

// named is hooked under another name.
type named struct {
	hooked
	name string
}

// Name implements op.Op.
func (n named) Name() string { return n.name }
