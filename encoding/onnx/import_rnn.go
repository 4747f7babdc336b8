package onnx

import (
	"slices"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// recurrentEntries are the recurrent layers. They are unrolled: every step is matmul, add, sigmoid, tanh and mul vertices
// that share their weights.
func recurrentEntries() []Entry {
	const doc = "unrolled, both directions, any layout; sequence_lens must be constant and full"
	return []Entry{
		{Name: "GRU", From: 3, Doc: doc, load: func(c *call) { c.recurrent(3, []string{"Sigmoid", "Tanh"}, gruStep) }},
		{Name: "LSTM", From: 1, Doc: doc + "; peepholes", load: func(c *call) {
			c.recurrent(4, []string{"Sigmoid", "Tanh", "Tanh"}, lstmStep)
		}},
		{Name: "RNN", From: 1, Doc: doc, load: func(c *call) { c.recurrent(1, []string{"Tanh"}, rnnStep) }},
	}
}

// A cell is one direction of a recurrent layer.
type cell struct {
	*call
	gates, hidden int
	wx, wh        *value   // [I, G·H] and [H, G·H]: the weights transposed, gates side by side
	bx, bh        *value   // [G·H], nil without bias
	bias          *value   // their sum
	peep          []*value // LSTM: [H] for the gates i, o, f, nil without
	act           []op.Op
	clip          op.Op // nil: none
	prefix        string
	cut           map[int]*value // wh of some gates, by the first
	t             int            // steps so far
}

// A state is what a cell hands from one step to the next; c is nil but for LSTM.
type state struct{ h, c *value }

// recurrent unrolls a layer of cells with the given number of gates and default activations.
func (c *call) recurrent(gates int, acts []string, step func(k *cell, x *value, s state) state) {
	x := c.float(0)
	if x.rank() != 3 {
		c.fail("the input has shape %v, want rank 3", x.shape)
	}
	seq, batch := 0, 1 // axes
	if c.flag("layout", false) {
		seq, batch = 1, 0
	}
	steps := x.shape.Dim(seq)
	if steps == 0 {
		c.unsupported("on a sequence of length 0")
	}
	c.fullSequences(steps)
	dirs := c.directions()
	var seqs [][]*value
	var last []state
	for d, reverse := range dirs {
		k := c.newCell(gates, acts, d, len(dirs))
		s := state{h: c.initial(5, d, batch, k.hidden)}
		if gates == 4 {
			s.c = c.initial(6, d, batch, k.hidden)
		}
		hs := make([]*value, steps)
		for i := range steps {
			t := i
			if reverse {
				t = steps - 1 - i
			}
			s = step(k, c.index(x, seq, t), s)
			hs[t] = s.h
			k.t++
		}
		seqs, last = append(seqs, hs), append(last, s)
	}
	c.recurrentOutputs(seqs, last, seq, batch)
}

func (c *call) fullSequences(steps int) {
	if !c.has(4) {
		return
	}
	for _, n := range c.knownInts(4) {
		if n != steps {
			c.unsupported("with sequences shorter than the longest")
		}
	}
}

// directions returns for every direction whether it runs backwards.
func (c *call) directions() []bool {
	switch s := c.str("direction", "forward"); s {
	case "forward":
		return []bool{false}
	case "reverse":
		return []bool{true}
	case "bidirectional":
		return []bool{false, true}
	default:
		c.fail("direction %q", s)
		return nil
	}
}

// newCell collects the weights of direction d of n.
func (c *call) newCell(gates int, acts []string, d, n int) *cell {
	w, r := c.float(1), c.float(2)
	if w.rank() != 3 || r.rank() != 3 || w.shape.Dim(0) != n || r.shape.Dim(0) != n || r.shape.Dim(1) != gates*r.shape.Dim(2) ||
		w.shape.Dim(1) != r.shape.Dim(1) {
		c.fail("weights %v and %v", w.shape, r.shape)
	}
	k := &cell{call: c, gates: gates, hidden: r.shape.Dim(2), prefix: [2]string{"f", "b"}[d]}
	k.wx = c.apply(op.Transpose(1, 0), c.index(w, 0, d))
	k.wh = c.apply(op.Transpose(1, 0), c.index(r, 0, d))
	if c.has(3) {
		b := c.index(c.float(3), 0, d)
		if b.shape != tensor.Dims(2*gates*k.hidden) {
			c.fail("bias %v", c.x(3).shape)
		}
		k.bx, k.bh = c.slice(b, 0, 0, gates*k.hidden), c.slice(b, 0, gates*k.hidden, 2*gates*k.hidden)
		k.bias = c.apply(op.Add(), k.bx, k.bh)
	}
	if gates == 4 && c.has(7) {
		p := c.index(c.float(7), 0, d)
		for g := range 3 {
			k.peep = append(k.peep, c.slice(p, 0, g*k.hidden, (g+1)*k.hidden))
		}
	}
	if c.hasAttr("clip") {
		x := c.num("clip", 0)
		k.clip = op.Clip(-x, x)
	}
	k.act = c.activations(acts, d, n)
	return k
}

// activations returns the functions of direction d of n.
func (c *call) activations(def []string, d, n int) []op.Op {
	names := def
	if a := c.attr("activations", AttrStrings); a != nil {
		if len(a.Strings) != len(def)*n {
			c.fail("%d activations, want %d", len(a.Strings), len(def)*n)
		}
		names = a.Strings[d*len(def) : (d+1)*len(def)]
	}
	if c.hasAttr("activation_alpha") || c.hasAttr("activation_beta") {
		plain := func(s string) bool { return slices.Contains([]string{"relu", "tanh", "sigmoid"}, strings.ToLower(s)) }
		if !slices.ContainsFunc(names, func(s string) bool { return !plain(s) }) {
			c.unsupported("with activation_alpha or activation_beta")
		}
	}
	var acts []op.Op
	for _, s := range names {
		switch strings.ToLower(s) {
		case "relu":
			acts = append(acts, op.Relu())
		case "tanh":
			acts = append(acts, op.Tanh())
		case "sigmoid":
			acts = append(acts, op.Sigmoid())
		case "softsign":
			acts = append(acts, op.Softsign())
		case "softplus":
			acts = append(acts, op.Softplus())
		default:
			c.unsupported("with activation %s", s)
		}
	}
	return acts
}

// initial returns the initial state of direction d, [batch, H]: input i, or zeros.
func (c *call) initial(i, d, batch, hidden int) *value {
	n := c.x(0).shape.Dim(batch)
	if !c.has(i) {
		return constantOf(c.x(0).elem, c.filled(tensor.Float64, tensor.Dims(n, hidden)))
	}
	axis := 0
	if batch == 0 { // layout 1 has the batch first here too
		axis = 1
	}
	h := c.index(c.float(i), axis, d)
	if h.shape != tensor.Dims(n, hidden) {
		c.fail("initial state %v", c.x(i).shape)
	}
	return h
}

// recurrentOutputs joins the hidden states to the outputs Y, Y_h and Y_c.
func (c *call) recurrentOutputs(seqs [][]*value, last []state, seq, batch int) {
	n, hidden := last[0].h.shape.Dim(0), last[0].h.shape.Dim(1)
	if c.wants(0) {
		var dirs []*value
		for _, hs := range seqs {
			parts := make([]*value, len(hs))
			for t, h := range hs {
				s := tensor.Dims(1, 1, n, hidden)
				if batch == 0 {
					s = tensor.Dims(n, 1, 1, hidden)
				}
				parts[t] = c.to(h, s)
			}
			dirs = append(dirs, c.join(parts, seq))
		}
		axis := 1
		if batch == 0 {
			axis = 2
		}
		c.set(0, c.join(dirs, axis))
	}
	final := func(i int, get func(s state) *value) {
		if !c.wants(i) {
			return
		}
		s, axis := tensor.Dims(1, n, hidden), 0
		if batch == 0 {
			s, axis = tensor.Dims(n, 1, hidden), 1
		}
		var parts []*value
		for _, x := range last {
			parts = append(parts, c.to(get(x), s))
		}
		c.set(i, c.join(parts, axis))
	}
	final(1, func(s state) *value { return s.h })
	if last[0].c != nil {
		final(2, func(s state) *value { return s.c })
	}
}

// join concatenates values along an axis.
func (c *call) join(parts []*value, axis int) *value {
	if len(parts) == 1 {
		return parts[0]
	}
	return c.apply(op.Concat(axis), parts...)
}

// index returns x without the given axis, at position i of it.
func (c *call) index(x *value, axis, i int) *value {
	dims := x.shape.Slice()
	return c.to(c.slice(x, axis, i, i+1), tensor.Dims(slices.Delete(dims, axis, axis+1)...))
}

// member applies o as member t of the population part of this direction.
func (k *cell) member(part string, o op.Op, args ...*value) *value {
	name := k.n.Name
	for i := len(k.n.Outputs) - 1; i >= 0; i-- {
		if k.n.Outputs[i] != "" {
			name = k.n.Outputs[i]
		}
	}
	v, err := k.importer.apply(name+"."+k.prefix+"."+part+"/"+strconv.Itoa(k.t), args[0].elem, o, args)
	k.check(err)
	return v
}

// gate applies activation a to a sum, after clipping.
func (k *cell) gate(part string, a int, x *value) *value {
	if k.clip != nil {
		x = k.member(part+"clip", k.clip, x)
	}
	return k.member(part, k.act[a], x)
}

// part returns gate g of a sum of all gates.
func (k *cell) part(name string, x *value, g int) *value {
	return k.member(name, op.Slice(op.Range{Axis: 1, Start: g * k.hidden, End: (g + 1) * k.hidden}), x)
}

// sums returns x·Wᵀ + h·Rᵀ + b of all gates.
func (k *cell) sums(x *value, s state) *value {
	a := k.member("sum", op.Add(), k.member("in", op.MatMul(), x, k.wx), k.member("rec", op.MatMul(), s.h, k.wh))
	if k.bias != nil {
		a = k.member("biased", op.Add(), a, k.bias)
	}
	return a
}

// rnnStep is h' = f(x·Wᵀ + h·Rᵀ + b).
func rnnStep(k *cell, x *value, s state) state { return state{h: k.gate("h", 0, k.sums(x, s))} }

// lstmStep is i, o, f = f(…), g = g(…), c' = f∘c + i∘g, h' = o∘h(c'), with peepholes from c to i and f, from c' to o.
func lstmStep(k *cell, x *value, s state) state {
	a := k.sums(x, s)
	i, o, f, g := k.part("ai", a, 0), k.part("ao", a, 1), k.part("af", a, 2), k.part("ag", a, 3)
	if k.peep != nil {
		i = k.member("pi", op.Add(), i, k.member("mi", op.Mul(), s.c, k.peep[0]))
		f = k.member("pf", op.Add(), f, k.member("mf", op.Mul(), s.c, k.peep[2]))
	}
	gi, gg := k.gate("i", 0, i), k.gate("g", 1, g)
	gf := k.forget(f, gi)
	next := k.member("c", op.Add(), k.member("keep", op.Mul(), gf, s.c), k.member("write", op.Mul(), gi, gg))
	if k.peep != nil {
		o = k.member("po", op.Add(), o, k.member("mo", op.Mul(), next, k.peep[1]))
	}
	return state{h: k.member("h", op.Mul(), k.gate("o", 0, o), k.member("hc", k.act[2], next)), c: next}
}

// forget returns the forget gate: 1 − i if the two are coupled.
func (k *cell) forget(sum, input *value) *value {
	if k.flag("input_forget", false) {
		return k.member("f", op.Sub(), number(1), input)
	}
	return k.gate("f", 0, sum)
}

// gruStep is z, r = f(…), g = g(x·Wᵀ + (r∘h)·Rᵀ + b), or with linear_before_reset g(x·Wᵀ + r∘(h·Rᵀ + b_R) + b_W), and
// h' = (1−z)∘g + z∘h.
func gruStep(k *cell, x *value, s state) state {
	xs := k.member("in", op.MatMul(), x, k.wx)
	after := k.flag("linear_before_reset", false)
	var hs *value
	if after {
		hs = k.member("rec", op.MatMul(), s.h, k.wh)
		if k.bias != nil {
			xs, hs = k.member("inb", op.Add(), xs, k.bx), k.member("recb", op.Add(), hs, k.bh)
		}
	} else {
		if k.bias != nil {
			xs = k.member("inb", op.Add(), xs, k.bias)
		}
		hs = k.member("rec", op.MatMul(), s.h, k.gateWeights(0, 2))
	}
	z := k.gate("z", 0, k.member("sz", op.Add(), k.part("xz", xs, 0), k.part("hz", hs, 0)))
	r := k.gate("r", 0, k.member("sr", op.Add(), k.part("xr", xs, 1), k.part("hr", hs, 1)))
	var reset *value
	if after {
		reset = k.member("reset", op.Mul(), r, k.part("hg", hs, 2))
	} else {
		reset = k.member("hg", op.MatMul(), k.member("reset", op.Mul(), r, s.h), k.gateWeights(2, 3))
	}
	g := k.gate("g", 1, k.member("sg", op.Add(), k.part("xg", xs, 2), reset))
	one := number(1)
	return state{h: k.member("h", op.Add(), k.member("new", op.Mul(), k.member("nz", op.Sub(), one, z), g),
		k.member("old", op.Mul(), z, s.h))}
}

// gateWeights returns the recurrent weights of gates lo to hi, cut once for all steps.
func (k *cell) gateWeights(lo, hi int) *value {
	if k.cut == nil {
		k.cut = map[int]*value{}
	}
	if k.cut[lo] == nil {
		k.cut[lo] = k.slice(k.wh, 1, lo*k.hidden, hi*k.hidden)
	}
	return k.cut[lo]
}
