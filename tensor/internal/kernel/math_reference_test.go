package kernel

import (
	"math"
	"math/big"
	"testing"
)

// prec is the precision of the reference, in bits.
const prec = 320

func num(x float64) *big.Float { return new(big.Float).SetPrec(prec).SetFloat64(x) }

func zero() *big.Float { return new(big.Float).SetPrec(prec) }

// bigExp sums the series at x/2²⁰ and squares 20 times.
func bigExp(x *big.Float) *big.Float {
	y := zero().SetMantExp(x, -20)
	sum, term := num(1), num(1)
	for i := 1; i < 60; i++ {
		term.Mul(term, y).Quo(term, num(float64(i)))
		sum.Add(sum, term)
	}
	for range 20 {
		sum.Mul(sum, sum)
	}
	return sum
}

// bigLog is log m + k·log 2 for x = m·2ᵏ with m from ½ to 1, or near 1 from either side.
func bigLog(x *big.Float) *big.Float {
	m := zero()
	k := x.MantExp(m)
	if m.Cmp(num(math.Sqrt2/2)) < 0 {
		m.Mul(m, num(2))
		k--
	}
	l := refinedLog(m)
	return l.Add(l, zero().Mul(bigLn2, num(float64(k))))
}

var bigLn2 = refinedLog(num(2))

// refinedLog refines math.Log, which is wrong for subnormal numbers on some machines, of a number near 1 by
// l += 2·(x − eˡ)/(x + eˡ), which triples the number of right digits.
func refinedLog(x *big.Float) *big.Float {
	f, _ := x.Float64()
	l := num(math.Log(f))
	for range 3 {
		e := bigExp(l)
		d := zero().Sub(x, e)
		d.Quo(d, zero().Add(x, e))
		l.Add(l, d.Mul(d, num(2)))
	}
	return l
}

// bigTanh is x itself where the series says so, up to 2⁻²⁰⁰.
func bigTanh(x *big.Float) *big.Float {
	if x.MantExp(nil) < -100 {
		return x
	}
	e := bigExp(zero().Mul(x, num(2)))
	return zero().Quo(zero().Sub(e, num(1)), zero().Add(e, num(1)))
}

func bigSigmoid(x *big.Float) *big.Float {
	e := bigExp(zero().Neg(x))
	return e.Quo(num(1), e.Add(e, num(1)))
}

// bigErf sums 2/√π · Σ (−1)ⁿ x²ⁿ⁺¹/(n!·(2n+1)).
func bigErf(x *big.Float) *big.Float {
	z := zero().Mul(x, x)
	z.Neg(z)
	if z.MantExp(nil) < -200 {
		z.SetInt64(0)
	}
	sum, term := zero().Set(x), zero().Set(x)
	for i := 1; i == 1 || term.Sign() != 0 && term.MantExp(nil) > sum.MantExp(nil)-200; i++ {
		term.Mul(term, z).Quo(term, num(float64(i)))
		sum.Add(sum, zero().Quo(term, num(float64(2*i+1))))
	}
	pi, _ := zero().SetString("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534211706798")
	sum.Mul(sum, num(2))
	return sum.Quo(sum, zero().Sqrt(pi))
}

// The reference itself, where math.Log fails on some machines.
func TestReferenceOfSubnormals(t *testing.T) {
	for x, want := range map[float64]float64{0x1.b17c772ccep-1034: -716.1875021967312, 0x1p-1074: -744.4400719213812} {
		if got, _ := bigLog(num(x)).Float64(); got != want {
			t.Errorf("log %x is %g, want %g", x, got, want)
		}
	}
}
