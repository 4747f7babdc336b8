package bench

import (
	"math"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/network"
	"github.com/retrodict/retrodict/tensor"
)

// A floor is a plain loop on one thread over a layered network: forward sweep, half the squared error, backprop that adds
// feedback where it belongs, and gradient descent. It has no vertices and no messages; it is what an update cannot be
// cheaper than in this form.
type floor[T tensor.Float] struct {
	width, k int
	from     []int32 // by unit: FanIn inputs
	w        []T     // by unit: FanIn weights and the bias
	x, e     []T     // inputs, then units
	target   []T
	rate     T
}

// newFloor lays out the network that c builds, for one row.
func newFloor[T tensor.Float](c network.Layered, n *network.Network, rate float64) *floor[T] {
	g := n.Graph
	f := &floor[T]{width: c.Width, k: c.FanIn, rate: T(rate)}
	id := make([]int32, g.Len())
	next := int32(0)
	f.from = make([]int32, 0, c.Connections())
	for v := range graph.VertexID(g.Len()) {
		switch r := g.Role(v); {
		case r == graph.Input:
			id[v] = next
			next++
		case r == graph.Computed && v != g.Output():
			id[v] = next
			next++
			for _, a := range g.Args(v)[:c.FanIn] {
				f.from = append(f.from, id[a])
			}
		}
	}
	f.w = make([]T, 0, c.Units()*(c.FanIn+1))
	for _, t := range n.Initial {
		for _, x := range t.Float64s() {
			f.w = append(f.w, T(x))
		}
	}
	f.x, f.e, f.target = make([]T, next), make([]T, next), make([]T, c.Width)
	return f
}

// bytes returns what the loop takes of memory.
func (f *floor[T]) bytes() int64 {
	size := cap(f.w) + cap(f.x) + cap(f.e) + cap(f.target)
	return int64(4*cap(f.from) + size*tensor.TypeOf[T]().Size())
}

// set takes a sample.
func (f *floor[T]) set(inputs []tensor.Tensor, target tensor.Tensor) {
	for i, t := range inputs {
		f.x[i] = T(t.Float(0))
	}
	for i := range f.target {
		f.target[i] = T(target.Float(i))
	}
}

// update learns from the sample and returns its loss.
func (f *floor[T]) update() float64 {
	k, units := f.k, f.x[f.width:]
	for u := range units {
		from, w := f.from[u*k:][:k], f.w[u*(k+1):][:k+1]
		s := w[k]
		for j, a := range from {
			s += w[j] * f.x[a]
		}
		units[u] = T(math.Tanh(float64(s)))
	}
	clear(f.e)
	loss, last := 0.0, len(f.x)-f.width
	for i, t := range f.target {
		d := f.x[last+i] - t
		f.e[last+i] = d
		loss += float64(d) * float64(d) / 2
	}
	for u := len(units) - 1; u >= 0; u-- {
		from, w := f.from[u*k:][:k], f.w[u*(k+1):][:k+1]
		d := f.e[f.width+u] * (1 - units[u]*units[u])
		for j, a := range from {
			f.e[a] += d * w[j]
			w[j] -= f.rate * d * f.x[a]
		}
		w[k] -= f.rate * d
	}
	return loss
}
