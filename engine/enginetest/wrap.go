package enginetest

import (
	"fmt"
	"sort"
	"strings"
	"sync"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// rebuild returns c with every elementary function replaced by wrap of it. Vertices, edges and ports stay as they are. Of
// functions with the same name only the first stays.
func (c Case) rebuild(wrap func(v graph.VertexID, o op.Op) op.Op) Case {
	g, b := c.Graph, graph.NewBuilder()
	id := make([]graph.VertexID, g.Len())
	leaves := func(n int, leaf func(int) graph.Leaf, declare func(graph.Leaf) graph.VertexID) {
		for i := range n {
			if l := leaf(i); l.Vertex >= 0 {
				id[l.Vertex] = declare(l)
			} else {
				declare(l)
			}
		}
	}
	leaves(g.Inputs(), g.Input, func(l graph.Leaf) graph.VertexID { return b.Input(l.Name, l.Type, l.Shape) })
	leaves(g.Parameters(), g.Parameter, func(l graph.Leaf) graph.VertexID { return b.Parameter(l.Name, l.Shape) })
	for v := range graph.VertexID(g.Len()) {
		switch g.Role(v) {
		case graph.Constant:
			id[v] = b.Constant("", g.Constant(v))
		case graph.Computed:
			var args []graph.VertexID
			for _, a := range g.Args(v) {
				args = append(args, id[a])
			}
			id[v] = b.Apply("", wrap(v, g.Op(v)), args...)
		}
	}
	for _, v := range g.Outputs() {
		b.Output(id[v])
	}
	h, err := b.Build()
	if err != nil {
		panic("enginetest: rebuild: " + err.Error())
	}
	c.Graph = h
	return c
}

// hooked is an Op that reports what is asked of it.
type hooked struct {
	op.Op
	forward func(o op.Op, dst tensor.Tensor, args []tensor.Tensor)
	vjp     func(o op.Op, d, args []tensor.Tensor)
}

// Type implements op.Typed.
func (h hooked) Type(args ...tensor.Type) (tensor.Type, error) { return op.ResultType(h.Op, args...) }

// Apart implements op.Aparter.
func (h hooked) Apart() bool { return op.Apart(h.Op) }

func (h hooked) Forward(c *tensor.Ctx, dst tensor.Tensor, args []tensor.Tensor) {
	h.forward(h.Op, dst, args)
	h.Op.Forward(c, dst, args)
}

func (h hooked) VJP(c *tensor.Ctx, d, args []tensor.Tensor, out, eps tensor.Tensor) {
	if h.vjp != nil {
		h.vjp(h.Op, d, args)
	}
	h.Op.VJP(c, d, args, out, eps)
}

// A Ledger counts the work of kernels, by function, shapes and what is wanted. Of a function whose derivatives share no work
// (op.Apart) every derivative that a call wants counts as one, since calls for the one and for the other do the work of a call
// for both; of any other function a call counts as one. It may be used by several goroutines.
type Ledger struct {
	mu    sync.Mutex
	count map[string]int
	total int
}

func (l *Ledger) add(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count == nil {
		l.count = map[string]int{}
	}
	l.count[fmt.Sprintf(format, args...)]++
	l.total++
}

// Total returns the number of entries.
func (l *Ledger) Total() int { return l.total }

// Compare returns an error that lists the work of which l and want have different numbers.
func (l *Ledger) Compare(want *Ledger) error {
	var diff []string
	for k, n := range l.count {
		if m := want.count[k]; n != m {
			diff = append(diff, fmt.Sprintf("%s: %d times, want %d", k, n, m))
		}
	}
	for k, m := range want.count {
		if _, ok := l.count[k]; !ok {
			diff = append(diff, fmt.Sprintf("%s: not at all, want %d", k, m))
		}
	}
	if len(diff) == 0 {
		return nil
	}
	sort.Strings(diff)
	return fmt.Errorf("%s", strings.Join(diff, "; "))
}

// Count returns c with functions and loss that enter what they compute into l.
func (l *Ledger) Count(c Case) Case {
	c = c.rebuild(func(_ graph.VertexID, o op.Op) op.Op {
		return hooked{Op: o,
			forward: func(o op.Op, _ tensor.Tensor, args []tensor.Tensor) { l.add("%s%v forward", o.Name(), shapesOf(args)) },
			vjp: func(o op.Op, d, args []tensor.Tensor) {
				wanted, apart := make([]bool, len(d)), op.Apart(o)
				for k := range d {
					if wanted[k] = d[k].Wanted(); wanted[k] && apart {
						l.add("%s%v derivative %d", o.Name(), shapesOf(args), k)
					}
				}
				if !apart {
					l.add("%s%v vjp %v", o.Name(), shapesOf(args), wanted)
				}
			}}
	})
	if c.Loss == nil {
		c.Loss = op.HalfSquared{}
	}
	c.Loss = countedLoss{c.Loss, l}
	return c
}

func shapesOf(args []tensor.Tensor) []tensor.Shape {
	s := make([]tensor.Shape, len(args))
	for i := range args {
		s[i] = args[i].Shape()
	}
	return s
}

type countedLoss struct {
	op.Loss
	ledger *Ledger
}

func (c countedLoss) Energy(mu, target tensor.Tensor) float64 {
	c.ledger.add("energy")
	return c.Loss.Energy(mu, target)
}

func (c countedLoss) Grad(dst, mu, target tensor.Tensor) {
	c.ledger.add("gradient of the energy")
	c.Loss.Grad(dst, mu, target)
}
