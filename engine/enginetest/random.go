package enginetest

import (
	"fmt"
	"math"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// Random returns a random branching graph of fields [2, 3] that seed determines: arms of unequal length, vertices used
// many times and twice by one consumer, parameters shared between levels, masks of −Inf, branches that reach no output.
func Random(seed uint64) Case {
	w := newWeaver(seed<<8 | 0xff)
	w.r.Uint64()
	pool := []graph.VertexID{w.input("x", 2, 3)}
	first := w.param("w0", 0.7, 3, 3)
	squares, biases := []graph.VertexID{first, w.param("w1", 0.7, 3, 3)}, []graph.VertexID{w.param("b0", 0.5, 3), w.param("b1", 0.5, 3)}
	pool = append(pool, w.Apply("", op.MatMul(), pool[0], first))
	pick := func() graph.VertexID { // later ones are likelier, so that depth grows
		k := w.r.IntN(len(pool))
		if w.r.IntN(3) > 0 {
			k = max(k, len(pool)-1-w.r.IntN(3))
		}
		return pool[min(k, len(pool)-1)]
	}
	square := func() graph.VertexID {
		if w.r.IntN(4) == 0 {
			squares = append(squares, w.param(fmt.Sprintf("w%d", len(squares)), 0.7, 3, 3))
		}
		return squares[w.r.IntN(len(squares))]
	}
	mask := w.Constant("mask", causal(3))
	functions := []op.Op{op.Tanh(), op.Relu(), op.Sigmoid(), op.Neg(), op.Identity(), op.Gelu()}
	for range 6 + w.r.IntN(25) {
		var v graph.VertexID
		switch w.r.IntN(9) {
		case 0:
			v = w.Apply("", op.Linear(), pick(), square(), biases[w.r.IntN(2)])
		case 1:
			v = w.Apply("", op.MatMul(), pick(), square())
		case 2:
			v = w.Apply("", op.Add(), pick(), pick())
		case 3:
			v = w.Apply("", op.Mul(), w.Apply("", op.Tanh(), pick()), pick())
		case 4:
			x := pick()
			v = w.Apply("", op.Mul(), x, w.Apply("", op.Sigmoid(), x))
		case 5:
			x := w.Apply("", op.Tanh(), pick())
			v = w.Apply("", op.Mul(), x, x)
		case 6:
			v = w.Apply("", op.SumN(), pick(), pick(), pick())
		case 7:
			v = w.Apply("", op.Exp(), w.Apply("", op.Add(), w.Apply("", op.Tanh(), pick()), mask))
		default:
			v = w.Apply("", functions[w.r.IntN(len(functions))], pick())
		}
		pool = append(pool, v)
	}
	last := w.Apply("", op.SumN(), pool[len(pool)-1], pick(), pick())
	return w.done(fmt.Sprintf("random %d", seed), w.Apply("out", op.MatMul(), w.Apply("", op.Tanh(), last), square()))
}

// causal is a matrix [2, n] with −Inf behind the diagonal.
func causal(n int) tensor.Tensor {
	m := tensor.New(tensor.Float64, tensor.Dims(2, n))
	for i := range 2 {
		for k := i + 1; k < n; k++ {
			m.SetFloat(n*i+k, math.Inf(-1))
		}
	}
	return m
}
