package network

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A Random is a branching graph that its seed determines: fields of vertices of shape [Batch, Width] that are joined by
// sums, products, shared weights, concatenations and functions of one value. Arms have unequal lengths, a vertex may be
// used many times and twice by one consumer (x·x), parameters are shared. It serves as a test of exactness, so that the
// features which make trouble can be asked for:
type Random struct {
	Seed     uint64
	Size     int     // computed vertices, about; 0: drawn from the seed, 8 to 40
	Width    int     // 0 stands for 4
	Inputs   int     // number of input leaves; 0 stands for 2
	Batch    int     // rows of a mini-batch; 0 stands for 1
	Dead     bool    // some branches do not reach the output: they are pruned, with a warning
	Masks    bool    // additive masks with −Inf before a softmax, as in causal attention: results stay finite
	Singular bool    // 1/x with x = ±0, so that values and gradients are not finite
	Gain     float64 // of the initial weights; 0 stands for 1
}

// Build returns the network. Its features have shape [Batch, Inputs, Width].
func (c Random) Build() (*Network, error) {
	r := generator(c.Seed, "graph")
	if c.Size == 0 {
		c.Size = 8 + r.IntN(33)
	}
	if c.Width == 0 {
		c.Width = 4
	}
	if c.Inputs == 0 {
		c.Inputs = 2
	}
	if c.Size < 1 || c.Size > 1<<20 || c.Width < 1 || c.Width > 1<<12 || c.Inputs < 1 || c.Inputs > 1<<10 {
		return nil, fmt.Errorf("network: random graph of %d vertices of width %d with %d inputs: want at least 1 of each, at most 2^20, 2^12, 2^10", c.Size, c.Width, c.Inputs)
	}
	m := newMaker(Init{Gain: c.Gain, Seed: c.Seed}, c.Batch)
	if m.err != nil {
		return nil, m.err
	}
	w := &weaver{maker: m, Random: c, r: r}
	n := Network{Name: fmt.Sprintf("random %d", c.Seed), X: tensor.Dims(m.batch, c.Inputs, c.Width), split: true}
	return m.finish(w.weave(), n)
}

// A weaver builds a random graph.
type weaver struct {
	*maker
	Random
	r       *rand.Rand
	pool    []graph.VertexID // vertices of shape [batch, width]
	used    []bool           // by position in pool
	squares []graph.VertexID // weights [width, width]
	tall    []graph.VertexID // weights [2·width, width]
	biases  []graph.VertexID // [width]
	consts  map[string]graph.VertexID
}

func (w *weaver) weave() graph.VertexID {
	w.consts = map[string]graph.VertexID{}
	for k := range w.Inputs {
		w.add(w.Input("input/"+strconv.Itoa(k), tensor.Float64, tensor.Dims(w.batch, w.Width)))
	}
	for i := range w.Inputs { // every input meets a weight, so that there is something to learn
		x := w.Apply("", op.MatMul(), w.pool[i], w.square())
		w.used[i] = true
		w.add(x)
	}
	if w.Masks {
		w.add(w.masked())
	}
	if w.Singular {
		w.add(w.reciprocal())
	}
	makers := w.makers()
	for w.Len() < w.Size+w.Inputs {
		w.add(makers[w.r.IntN(len(makers))]())
	}
	return w.join()
}

// makers returns the ways to make a vertex; several entries of a kind make it more likely.
func (w *weaver) makers() []func() graph.VertexID {
	list := []func() graph.VertexID{w.linear1, w.linear1, w.linear1, w.function, w.function, w.function, w.sum, w.sum, w.product, w.scaled, w.concat, w.square2}
	if w.Masks {
		list = append(list, w.masked, w.masked)
	}
	if w.Singular {
		list = append(list, w.reciprocal)
	}
	return list
}

func (w *weaver) add(v graph.VertexID) {
	w.pool, w.used = append(w.pool, v), append(w.used, false)
}

// pick returns a vertex of the pool, preferring later ones, so that depth grows.
func (w *weaver) pick() graph.VertexID {
	n := len(w.pool)
	k := w.r.IntN(n)
	if w.r.IntN(3) > 0 {
		k = max(k, n-1-w.r.IntN(min(n, 4)))
	}
	w.used[k] = true
	return w.pool[k]
}

// shared returns an entry of list, or with probability one half a new one.
func (w *weaver) shared(list *[]graph.VertexID, name string, in int, dims ...int) graph.VertexID {
	n := len(*list)
	if n > 0 && w.r.IntN(2) == 0 {
		return (*list)[w.r.IntN(n)]
	}
	*list = append(*list, w.weight(name+"/"+strconv.Itoa(n), in, w.Width, dims...))
	return (*list)[n]
}

func (w *weaver) square() graph.VertexID {
	return w.shared(&w.squares, "w", w.Width, w.Width, w.Width)
}
func (w *weaver) bias() graph.VertexID { return w.shared(&w.biases, "b", w.Width, w.Width) }

func (w *weaver) linear1() graph.VertexID {
	if w.r.IntN(2) == 0 {
		return w.Apply("", op.MatMul(), w.pick(), w.square())
	}
	return w.Apply("", op.Linear(), w.pick(), w.square(), w.bias())
}

func (w *weaver) function() graph.VertexID {
	list := []op.Op{op.Tanh(), op.Tanh(), op.Sigmoid(), op.Relu(), op.Gelu(), op.Neg(), op.Identity()}
	return w.Apply("", list[w.r.IntN(len(list))], w.pick())
}

func (w *weaver) sum() graph.VertexID {
	switch w.r.IntN(3) {
	case 0:
		return w.Apply("", op.Sub(), w.pick(), w.pick())
	case 1:
		return w.Apply("", op.SumN(), w.pick(), w.pick(), w.pick())
	}
	return w.Apply("", op.Add(), w.pick(), w.pick())
}

// product multiplies bounded values, so that a chain of products does not overflow.
func (w *weaver) product() graph.VertexID {
	return w.Apply("", op.Mul(), w.Apply("", op.Tanh(), w.pick()), w.pick())
}

// square2 is x·x: one consumer, two edges from the same vertex.
func (w *weaver) square2() graph.VertexID {
	x := w.Apply("", op.Sigmoid(), w.pick())
	return w.Apply("", op.Mul(), x, x)
}

// scaled multiplies every row by a shared vector: the gradient of the vector is reduced over the batch.
func (w *weaver) scaled() graph.VertexID { return w.Apply("", op.Mul(), w.pick(), w.bias()) }

func (w *weaver) concat() graph.VertexID {
	x := w.Apply("", op.Concat(-1), w.pick(), w.pick())
	return w.Apply("", op.MatMul(), x, w.shared(&w.tall, "tall", 2*w.Width, 2*w.Width, w.Width))
}

// masked is softmax(x + mask), where the mask is −Inf at some places, never at the first of a row.
func (w *weaver) masked() graph.VertexID {
	name := "mask" + strconv.Itoa(w.r.IntN(3))
	mask, ok := w.consts[name]
	if !ok {
		t := tensor.New(tensor.Float64, tensor.Dims(w.Width))
		for k := 1; k < w.Width; k++ {
			if w.r.IntN(2) == 0 {
				t.SetFloat(k, math.Inf(-1))
			}
		}
		mask = w.Constant(name, t)
		w.consts[name] = mask
	}
	return w.Apply("", op.Softmax(-1), w.Apply("", op.Add(), w.pick(), mask))
}

// reciprocal is tanh(1/(0·x)): ±0 in the denominator, ±Inf behind it, ±1 behind tanh; gradients are NaN.
func (w *weaver) reciprocal() graph.VertexID {
	for _, c := range []struct {
		name  string
		value float64
	}{{"zero", 0}, {"one", 1}} {
		if _, ok := w.consts[c.name]; !ok {
			t := tensor.New(tensor.Float64, tensor.Dims())
			t.SetFloat(0, c.value)
			w.consts[c.name] = w.Constant(c.name, t)
		}
	}
	x := w.Apply("", op.Mul(), w.pick(), w.consts["zero"])
	return w.Apply("", op.Tanh(), w.Apply("", op.Div(), w.consts["one"], x))
}

// join makes the output of all vertices that nothing uses, or with Dead of some of them and one dead branch.
func (w *weaver) join() graph.VertexID {
	var loose []graph.VertexID
	for k, v := range w.pool {
		if !w.used[k] {
			loose = append(loose, v)
		}
	}
	if w.Dead {
		if len(loose) > 1 {
			loose = loose[1:]
		}
		w.Apply("dead", op.Tanh(), w.Apply("", op.MatMul(), loose[0], w.weight("w-dead", w.Width, w.Width, w.Width, w.Width)))
	}
	x := w.Apply("join", op.SumN(), loose...)
	b := w.filled("output/b", 0, w.Width)
	return w.Apply("output", op.Linear(), x, w.weight("output/w", w.Width, w.Width, w.Width, w.Width), b)
}
