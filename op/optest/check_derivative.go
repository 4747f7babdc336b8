package optest

import (
	"fmt"
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// step is the distance of central differences; its square and 1e-16/step are both far below the default tolerance.
const step = 1.0 / (1 << 17)

func (r Row) tol() float64 {
	if r.Tol > 0 {
		return r.Tol
	}
	return 1e-7
}

// checkDerivative compares every element of VJP with Σ ε·(g(x+h) − g(x−h))/2h.
func checkDerivative(r Row) error {
	c := serial()
	defer c.Close()
	k, err := r.newCall(c, r.shapes(), tensor.Float64)
	if err != nil || !k.eps.Wanted() {
		return err
	}
	d := k.vjp(r.derived)
	for i, a := range k.args {
		if !a.Type().IsFloat() || !r.derived(i) {
			continue
		}
		for j := range a.Len() {
			want := 0.0
			if !r.Flat && !r.Args[i].Constant {
				want = k.difference(a, j)
			}
			got := d[i].Float(j)
			if e := math.Abs(got - want); !(e <= r.tol()*max(1, math.Abs(want))) {
				return fmt.Errorf("∂g/∂args[%d][%d]: got %.12g, central differences give %.12g", i, j, got, want)
			}
		}
	}
	return nil
}

// difference returns Σ ε·∂g/∂a[j] by central differences.
func (k *call) difference(a tensor.Tensor, j int) float64 {
	x := a.Float(j)
	hi, lo := tensor.New(k.out.Type(), k.out.Shape()), tensor.New(k.out.Type(), k.out.Shape())
	a.SetFloat(j, x+step)
	k.op.Forward(k.c, hi, k.args)
	a.SetFloat(j, x-step)
	k.op.Forward(k.c, lo, k.args)
	a.SetFloat(j, x)
	sum := 0.0
	for i := range hi.Len() {
		if hi.Bits(i) != lo.Bits(i) { // also −Inf on both sides
			sum += k.eps.Float(i) * ((hi.Float(i) - lo.Float(i)) / (2 * step))
		}
	}
	return sum
}

// checkAdjoint compares ⟨ε, J·v⟩ with ⟨Jᵀ·ε, v⟩ in a random direction, and VJP(ε₁+ε₂) with VJP(ε₁) + VJP(ε₂).
func checkAdjoint(r Row) error {
	c := serial()
	defer c.Close()
	k, err := r.newCall(c, r.shapes(), tensor.Float64)
	if err != nil || !k.eps.Wanted() {
		return err
	}
	rnd, d := r.random(), k.vjp(r.derived)
	plus, minus := make([]tensor.Tensor, len(k.args)), make([]tensor.Tensor, len(k.args))
	right, norm := 0.0, 1.0
	for i, a := range k.args {
		plus[i], minus[i] = a.Clone(), a.Clone()
		if !a.Type().IsFloat() || r.Args[i].Constant || !r.derived(i) {
			continue
		}
		for j := range a.Len() {
			v := 2*rnd.Float64() - 1
			plus[i].SetFloat(j, a.Float(j)+step*v)
			minus[i].SetFloat(j, a.Float(j)-step*v)
			right += d[i].Float(j) * v
			norm += math.Abs(d[i].Float(j))
		}
	}
	hi, lo, left := tensor.New(k.out.Type(), k.out.Shape()), tensor.New(k.out.Type(), k.out.Shape()), 0.0
	r.Op.Forward(c, hi, plus)
	r.Op.Forward(c, lo, minus)
	for i := range hi.Len() {
		if hi.Bits(i) != lo.Bits(i) {
			left += k.eps.Float(i) * ((hi.Float(i) - lo.Float(i)) / (2 * step))
		}
	}
	if !r.Flat && !(math.Abs(left-right) <= 10*r.tol()*norm) {
		return fmt.Errorf("⟨ε, Jv⟩ = %.12g, ⟨Jᵀε, v⟩ = %.12g", left, right)
	}
	return k.additive(r, d)
}

func (k *call) additive(r Row, d1 []tensor.Tensor) error {
	first := k.eps
	second, both := first.Clone(), first.Clone()
	for i := range first.Len() {
		second.SetFloat(i, math.Cos(float64(i)))
		both.SetFloat(i, first.Float(i)+second.Float(i))
	}
	k.eps = second
	d2 := k.vjp(r.derived)
	k.eps = both
	d3 := k.vjp(r.derived)
	k.eps = first
	for i := range d1 {
		if !d1[i].Wanted() {
			continue
		}
		norm := 1.0
		for j := range d1[i].Len() {
			norm = max(norm, math.Abs(d1[i].Float(j)), math.Abs(d2[i].Float(j)))
		}
		for j := range d1[i].Len() {
			sum := d1[i].Float(j) + d2[i].Float(j)
			if !(math.Abs(sum-d3[i].Float(j)) <= 1e-9*norm) {
				return fmt.Errorf("d[%d][%d] is not linear in ε: %.12g + %.12g, got %.12g", i, j, d1[i].Float(j), d2[i].Float(j), d3[i].Float(j))
			}
		}
	}
	return nil
}

// checkDoubling: VJP(2ε) has the bits of 2·VJP(ε), for a power of two scales every rounding. Subnormal and infinite
// elements are left out.
func checkDoubling(r Row) error {
	c := serial()
	defer c.Close()
	for _, f := range []tensor.Type{tensor.Float64, tensor.Float32} {
		k, err := r.newCall(c, r.shapes(), f)
		if err != nil || !k.eps.Wanted() {
			return err
		}
		d := k.vjp(r.derived)
		tensor.Scale(k.eps, 2)
		tiny := math.Ldexp(1, -1000)
		if f == tensor.Float32 {
			tiny = math.Ldexp(1, -120)
		}
		for i, twice := range k.vjp(r.derived) {
			if !twice.Wanted() {
				continue
			}
			tensor.Scale(d[i], 2)
			for j := range twice.Len() {
				x := math.Abs(twice.Float(j))
				if (x == 0 || x > tiny) && !math.IsInf(x, 0) && twice.Bits(j) != d[i].Bits(j) {
					return fmt.Errorf("%v: d[%d][%d] of 2ε is %v, twice that of ε %v", f, i, j, twice.Float(j), d[i].Float(j))
				}
			}
		}
	}
	return nil
}
