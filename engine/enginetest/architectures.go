package enginetest

import (
	"math"
	"strconv"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// Architectures returns the networks of the suite, small ones, in a fixed order.
func Architectures() []Case {
	unequal := func(c Case) Case { c.Unequal = true; return c }
	singular := func(c Case) Case { c.Singular = true; return c }
	return []Case{
		chain("regression", 3, nil),
		chain("mlp tanh", 4, op.Tanh(), 6, 5, 4),
		chain("mlp relu", 5, op.Relu(), 7, 7),
		classifier(),
		recurrent(),
		convolution(),
		units(),
		heads(),
		unequal(skip()),
		unequal(residual()),
		unequal(diamond()),
		unequal(multiEdges()),
		unequal(mask()),
		unequal(dead()),
		singular(reciprocal()),
	}
}

func chain(name string, rows int, f op.Op, hidden ...int) Case {
	w := newWeaver(uint64(100 + len(hidden)))
	x := w.input("x", rows, 4)
	for k, n := range hidden {
		x = w.layer("h"+strconv.Itoa(k), x, n, f)
	}
	return w.done(name, w.layer("out", x, 3, nil))
}

func classifier() Case {
	w := newWeaver(2)
	h := w.layer("h", w.input("x", 6, 5), 8, op.Sigmoid())
	c := w.done("classifier", w.layer("out", w.layer("k", h, 6, op.Gelu()), 4, nil))
	c.Loss = op.CrossEntropy{}
	return c
}

// recurrent is an unrolled network: h_t = tanh(x_t·U + h_{t−1}·W + b), with three shared parameters.
func recurrent() Case {
	w := newWeaver(3)
	u, v, b := w.param("U", 0.7, 3, 5), w.param("W", 0.7, 5, 5), w.param("b", 0.3, 5)
	h := w.Constant("h0", tensor.New(tensor.Float64, tensor.Dims(2, 5)))
	for t := range 5 {
		n := "/" + strconv.Itoa(t)
		in := w.Apply("in"+n, op.Linear(), w.input("x"+n, 2, 3), u, b)
		h = w.Apply("h"+n, op.Tanh(), w.Apply("sum"+n, op.Add(), in, w.Apply("back"+n, op.MatMul(), h, v)))
	}
	return w.done("recurrent", w.layer("out", h, 3, nil))
}

func convolution() Case {
	w := newWeaver(4)
	x := w.input("x", 2, 2, 6, 6)
	c := w.Apply("conv1", op.Conv(op.ConvConfig{Pad: []int{1}, Bias: true}), x, w.param("k1", 0.5, 3, 2, 3, 3), w.param("c1", 0.5, 3))
	p := w.Apply("pool", op.MaxPool(op.PoolConfig{Kernel: []int{2}, Stride: []int{2}}), w.Apply("relu", op.Relu(), c))
	c = w.Apply("conv2", op.Conv(op.ConvConfig{}), p, w.param("k2", 0.5, 4, 3, 2, 2))
	return w.done("convolution", w.layer("out", w.Apply("flat", op.Flatten(1), w.Apply("tanh", op.Tanh(), c)), 3, nil))
}

// units is a perceptron in which every vertex is one neuron.
func units() Case {
	w := newWeaver(5)
	unit, err := op.Unit("tanh")
	if err != nil {
		panic(err)
	}
	var x []graph.VertexID
	for k := range 3 {
		x = append(x, w.input("x/"+strconv.Itoa(k), 4))
	}
	for l, n := range []int{5, 4, 3} {
		var y []graph.VertexID
		for i := range n {
			name := strconv.Itoa(l) + "/" + strconv.Itoa(i)
			y = append(y, w.Apply("unit"+name, unit, append(append([]graph.VertexID(nil), x...), w.param("w"+name, 0.8, len(x)+1))...))
		}
		x = y
	}
	return w.done("units", w.Apply("out", op.Stack(), x...))
}

// heads has a second output, whose vertices have no error.
func heads() Case {
	w := newWeaver(6)
	h := w.layer("h", w.input("x", 3, 4), 5, op.Tanh())
	return w.done("heads", w.layer("out", h, 3, nil), w.layer("other", w.Apply("n", op.Neg(), h), 2, op.Tanh()))
}

// skip is the counter-example z3·(z1·z2 + 1)·s.
func skip() Case {
	w := newWeaver(7)
	z1, z2, z3 := w.param("z1", 1), w.param("z2", 1), w.param("z3", 1)
	fork := w.Apply("fork", op.Mul(), w.input("s", 2), z3)
	long := w.Apply("long", op.Mul(), w.Apply("mid", op.Mul(), fork, z2), z1)
	return w.done("skip", w.Apply("out", op.Add(), long, fork))
}

func residual() Case {
	w := newWeaver(8)
	h := w.layer("h", w.input("x", 3, 4), 6, op.Tanh())
	for k := range 3 {
		n := strconv.Itoa(k)
		h = w.Apply("sum"+n, op.Add(), h, w.layer("b"+n, h, 6, op.Relu()))
	}
	return w.done("residual", w.layer("out", h, 3, nil))
}

func diamond() Case {
	w := newWeaver(9)
	fork := w.layer("fork", w.input("x", 3, 4), 5, op.Tanh())
	long := fork
	for k := range 3 {
		long = w.layer("long"+strconv.Itoa(k), long, 5, op.Tanh())
	}
	return w.done("diamond", w.layer("out", w.Apply("join", op.Sub(), w.layer("short", fork, 5, op.Sigmoid()), long), 2, nil))
}

// multiEdges has vertices that take one argument twice, and a parameter that is used at three levels.
func multiEdges() Case {
	w := newWeaver(10)
	v := w.param("w", 0.6, 4, 4)
	h := w.Apply("h", op.Tanh(), w.Apply("", op.MatMul(), w.input("x", 2, 4), v))
	sq := w.Apply("square", op.Mul(), h, h)
	k := w.Apply("k", op.MatMul(), sq, v)
	s := w.Apply("sum", op.SumN(), k, h, k, sq, h)
	return w.done("multi-edges", w.Apply("out", op.MatMul(), w.Apply("", op.Sigmoid(), s), v))
}

// mask adds −Inf before an exponential, as causal attention does.
func mask() Case {
	w := newWeaver(11)
	h := w.layer("h", w.input("x", 4, 4), 4, op.Tanh())
	m := tensor.New(tensor.Float64, tensor.Dims(4, 4))
	for i := range 4 {
		for k := i + 1; k < 4; k++ {
			m.SetFloat(4*i+k, math.Inf(-1))
		}
	}
	p := w.Apply("weights", op.Exp(), w.Apply("masked", op.Add(), w.layer("scores", h, 4, op.Tanh()), w.Constant("mask", m)))
	return w.done("mask", w.layer("out", w.Apply("sum", op.Add(), w.Apply("mix", op.MatMul(), p, h), h), 3, nil))
}

// dead has branches that reach no output.
func dead() Case {
	w := newWeaver(12)
	h := w.layer("h", w.input("x", 3, 4), 5, op.Tanh())
	gone := w.layer("gone", h, 5, op.Tanh())
	w.layer("gone2", w.Apply("", op.Add(), gone, w.input("unused", 3, 5)), 2, nil)
	k := w.layer("k", h, 5, op.Relu())
	return w.done("dead branches", w.layer("out", w.Apply("sum", op.Add(), h, k), 3, nil))
}

// reciprocal divides by −0 and +0 and squashes the infinity.
func reciprocal() Case {
	w := newWeaver(13)
	zero, one := tensor.New(tensor.Float64, tensor.Dims()), tensor.New(tensor.Float64, tensor.Dims())
	one.SetFloat(0, 1)
	h := w.layer("h", w.input("x", 3, 4), 4, op.Tanh())
	z := w.Apply("zero", op.Mul(), h, w.Constant("0", zero))
	sign := w.Apply("sign", op.Tanh(), w.Apply("1/x", op.Div(), w.Constant("1", one), z))
	return w.done("reciprocal", w.layer("out", w.Apply("sum", op.Add(), w.layer("k", h, 4, op.Relu()), sign), 3, nil))
}
