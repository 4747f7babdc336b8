package engine

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// A Param is a parameter, or the feedback of one.
type Param struct {
	Name  string
	Value tensor.Tensor
}

// Params are the parameters of an engine, or their feedback, in the order in which the graph declares them.
type Params []Param

// Clone returns a copy with storage of its own.
func (p Params) Clone() Params {
	q := make(Params, len(p))
	for i := range p {
		q[i] = Param{p[i].Name, p[i].Value.Clone()}
	}
	return q
}

// Len returns the number of scalar parameters.
func (p Params) Len() int {
	n := 0
	for i := range p {
		n += p[i].Value.Len()
	}
	return n
}

// Hash returns the SHA-256 of all names, types, shapes and element bits (Tensor.Bits), in hexadecimal.
func (p Params) Hash() string {
	h := sha256.New()
	var buf []byte
	for _, x := range p {
		buf = append(buf[:0], x.Name...)
		buf = append(buf, 0)
		buf = append(buf, x.Value.Type().String()...)
		buf = append(buf, x.Value.Shape().String()...)
		for i := range x.Value.Len() {
			buf = binary.LittleEndian.AppendUint64(buf, x.Value.Bits(i))
			if len(buf) > 1<<14 {
				h.Write(buf)
				buf = buf[:0]
			}
		}
		h.Write(buf)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// A Difference says how far two lists of parameters are apart, a against the reference b.
type Difference struct {
	Params     int     // scalar parameters compared
	Differing  int     // of these, how many differ in their bits
	MaxAbs     float64 // largest absolute difference; +Inf if a value that is not finite differs
	MaxULP     uint64  // largest distance in units in the last place; the largest uint64 if a NaN differs
	RelativeL2 float64 // ‖a−b‖₂ / ‖b‖₂; NaN if a value is not finite, +Inf if b alone is zero
	Cosine     float64 // a·b / (‖a‖₂ ‖b‖₂); 1 if both are zero, NaN if one is or a value is not finite
}

// Equal reports whether no bit differs.
func (d Difference) Equal() bool { return d.Differing == 0 }

// Diff compares a with the reference b, which must hold the same parameters. Sums run in ascending order in float64. Values
// that are not finite can be equal in their bits; they are at no distance that could be told, not at none.
func Diff(a, b Params) Difference {
	if len(a) != len(b) {
		panic("engine: Diff: lists of different length")
	}
	var d Difference
	var ab, aa, bb, dd float64
	for k := range a {
		x, y := a[k].Value, b[k].Value
		if x.Type() != y.Type() || x.Shape() != y.Shape() {
			panic("engine: Diff: parameters differ in type or shape")
		}
		for i := range x.Len() {
			u, v := x.Float(i), y.Float(i)
			ab, aa, bb = ab+float64(u*v), aa+float64(u*u), bb+float64(v*v)
			d.Params++
			dd += float64((u - v) * (u - v)) // NaN where both are infinite, or one is no number
			p, q := x.Bits(i), y.Bits(i)
			if p == q {
				continue
			}
			d.Differing++
			e := math.Abs(u - v)
			if math.IsNaN(e) {
				e = math.Inf(1)
			}
			d.MaxAbs = max(d.MaxAbs, e)
			d.MaxULP = max(d.MaxULP, ulps(u, v, p, q, x.Type()))
		}
	}
	d.RelativeL2, d.Cosine = math.Sqrt(dd)/math.Sqrt(bb), ab/(math.Sqrt(aa)*math.Sqrt(bb))
	switch {
	case dd == 0:
		d.RelativeL2 = 0
	case math.IsInf(dd, 1) || math.IsInf(bb, 1): // a value is infinite, or too large for its square
		d.RelativeL2 = math.NaN()
	}
	if aa == 0 && bb == 0 {
		d.Cosine = 1
	}
	return d
}

// ulps returns the number of representable values between u and v, whose bits are p and q.
func ulps(u, v float64, p, q uint64, t tensor.Type) uint64 {
	if u != u || v != v {
		return math.MaxUint64
	}
	sign := uint64(1) << 63
	if t == tensor.Float32 {
		sign = 1 << 31
	}
	x, y := ordered(p, sign), ordered(q, sign)
	if x < y {
		x, y = y, x
	}
	return x - y
}

// ordered maps the bits of a float to integers in the order of the values; −0 comes just before +0.
func ordered(bits, sign uint64) uint64 {
	if bits&sign != 0 {
		return sign - 1 - (bits &^ sign)
	}
	return bits + sign
}
