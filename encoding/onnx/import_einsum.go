package onnx

import (
	"strings"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A term is an operand of an Einstein sum: a value and a letter for each of its axes.
type term struct {
	v    *value
	axes string
}

// einsum sums products over the indices that the result does not have: of one operand by transpose and sum, of two as
// one batched matrix product.
func einsum(c *call) {
	terms, out := c.equation()
	t := c.summed(terms[0], out, terms[1:])
	if len(terms) == 2 {
		t = c.product(t, c.summed(terms[1], out, terms[:1]), out)
	}
	c.set(0, c.arranged(t, out))
}

// equation parses the equation and returns the operands and the indices of the result.
func (c *call) equation() (terms []term, out string) {
	in, out, explicit := strings.Cut(strings.ReplaceAll(c.str("equation", ""), " ", ""), "->")
	parts := strings.Split(in, ",")
	if len(parts) != len(c.in) || len(parts) > 2 {
		c.unsupported("of %d arguments", len(parts))
	}
	if strings.Contains(in+out, ".") {
		c.unsupported("with an ellipsis")
	}
	seen := ""
	for i, p := range parts {
		v := c.float(i)
		if len(p) != v.rank() {
			c.fail("%q for shape %v", p, v.shape)
		}
		for k, r := range p {
			if strings.ContainsRune(p[:k], r) {
				c.unsupported("with an index twice in one argument")
			}
			seen += string(r)
		}
		terms = append(terms, term{v, p})
	}
	if !explicit {
		for r := 'A'; r <= 'z'; r++ {
			if strings.Count(seen, string(r)) == 1 {
				out += string(r)
			}
		}
	}
	for k, r := range out {
		if !strings.ContainsRune(seen, r) || strings.ContainsRune(out[:k], r) {
			c.fail("result %q", out)
		}
	}
	return terms, out
}

// summed returns t summed over the indices that neither the result nor the other operands have.
func (c *call) summed(t term, out string, others []term) term {
	keep := out
	for _, o := range others {
		keep += o.axes
	}
	var axes []int
	rest := ""
	for i, r := range t.axes {
		if strings.ContainsRune(keep, r) {
			rest += string(r)
		} else {
			axes = append(axes, i)
		}
	}
	if axes == nil {
		return t
	}
	return term{c.apply(op.Sum(axes, false), t.v), rest}
}

// product multiplies two operands and sums over what the result does not have: [batch, rows, sum]·[batch, sum, columns].
func (c *call) product(a, b term, out string) term {
	var batch, sum, rows, cols string
	for _, r := range a.axes {
		s := string(r)
		switch shared, kept := strings.Contains(b.axes, s), strings.Contains(out, s); {
		case shared && kept:
			batch += s
		case shared:
			sum += s
		default:
			rows += s
		}
	}
	for _, r := range b.axes {
		if !strings.ContainsRune(a.axes, r) {
			cols += string(r)
		}
	}
	for _, r := range batch + sum {
		if a.dim(r) != b.dim(r) {
			c.unsupported("of shapes %v and %v", a.v.shape, b.v.shape)
		}
	}
	x := c.grouped(c.arranged(a, batch+rows+sum), a.dims(batch), a.dims(rows), a.dims(sum))
	y := c.grouped(c.arranged(b, batch+sum+cols), b.dims(batch), b.dims(sum), b.dims(cols))
	z := c.apply(op.MatMul(), x, y)
	dims := append(append(a.dims(batch), a.dims(rows)...), b.dims(cols)...)
	if len(dims) > tensor.MaxRank {
		c.unsupported("rank %d", len(dims))
	}
	return term{c.to(z, tensor.Dims(dims...)), batch + rows + cols}
}

func (t term) dim(r rune) int { return t.v.shape.Dim(strings.IndexRune(t.axes, r)) }

func (t term) dims(axes string) []int {
	var d []int
	for _, r := range axes {
		d = append(d, t.dim(r))
	}
	return d
}

// grouped returns v with each group of axes made one.
func (c *call) grouped(v *value, groups ...[]int) *value {
	dims := make([]int, len(groups))
	for i, g := range groups {
		dims[i] = 1
		for _, d := range g {
			dims[i] *= d
		}
	}
	return c.to(v, tensor.Dims(dims...))
}

// arranged returns t with its axes in the given order.
func (c *call) arranged(t term, order string) *value {
	if t.axes == order {
		return t.v
	}
	perm := make([]int, len(order))
	for i, r := range order {
		perm[i] = strings.IndexRune(t.axes, r)
	}
	return c.apply(op.Transpose(perm...), t.v)
}
