package tensor_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"gonum.org/v1/gonum/stat/distuv"
)

// apart returns the distance of two numbers in ULPs of the second.
func apart(x, y float64) float64 {
	if x == y || x != x && y != y {
		return 0
	}
	a := math.Abs(y)
	return math.Abs(x-y) / (math.Nextafter(a, math.Inf(1)) - a)
}

var special = []float64{0, math.Copysign(0, -1), 1, -1, 2, -2, 0.5, -0.5, 3, -3, math.Inf(1), math.Inf(-1), math.NaN(), 5e-324, -5e-324,
	1e-300, 1e300, -1e300, 1e-9, -1e-9, 22, -22, 700, -745, 1 << 28, 1 << 62}

// The scalar functions are those of package math to a few ULP, and have its special values. Its own tan, asin and acos are
// off by more: by 26 ULP at 1e-7, by thousands near 1.
func TestScalarFunctions(t *testing.T) {
	for _, f := range []struct {
		name      string
		own, std  func(float64) float64
		low, high float64
	}{
		{"expm1", tensor.Expm1, math.Expm1, -50, 700}, {"log1p", tensor.Log1p, math.Log1p, -1, 100},
		{"sinh", tensor.Sinh, math.Sinh, -700, 700}, {"cosh", tensor.Cosh, math.Cosh, -700, 700},
		{"asinh", tensor.Asinh, math.Asinh, -1e3, 1e3}, {"acosh", tensor.Acosh, math.Acosh, 1, 1e3}, {"atanh", tensor.Atanh, math.Atanh, -1, 1},
		{"atan", tensor.Atan, math.Atan, -20, 20}, {"asin", tensor.Asin, func(x float64) float64 { return math.Atan2(x, math.Sqrt((1-x)*(1+x))) }, -1, 1},
		{"acos", tensor.Acos, func(x float64) float64 { return 2 * math.Atan(math.Sqrt((1-x)/(1+x))) }, -1, 1},
		{"sin", tensor.Sin, math.Sin, -1e3, 1e3}, {"cos", tensor.Cos, math.Cos, -1e3, 1e3}, {"tan", tensor.Tan, func(x float64) float64 { return math.Sin(x) / math.Cos(x) }, -1e3, 1e3},
	} {
		r, worst, at := rand.New(rand.NewPCG(seed, 4)), 0.0, 0.0
		try := func(x float64) {
			if d := apart(f.own(x), f.std(x)); !(d <= worst) {
				worst, at = d, x
			}
		}
		for range 200_000 {
			x := f.low + (f.high-f.low)*r.Float64()
			try(x)
			try(x * math.Exp(-20*r.Float64()))
		}
		t.Logf("%-6s %.2f ULP from package math at %v", f.name, worst, at)
		assert.LessOrEqual(t, worst, 5.0, "%s(%v) = %v, want %v", f.name, at, f.own(at), f.std(at))
		for _, x := range special {
			own, std := f.own(x), f.std(x)
			assert.LessOrEqual(t, apart(own, std), 5.0, "%s(%v) = %v, want %v", f.name, x, own, std)
			if std == 0 {
				assert.Equal(t, math.Signbit(std), math.Signbit(own), "%s(%v) = %v, want %v", f.name, x, own, std)
			}
		}
	}
	assert.InEpsilon(t, 0.5*math.Exp(355.2)*math.Exp(355.2), tensor.Cosh(-710.4), 1e-12, "finite where e^x is not")
}

// Powers are within 2 ULP: those of integers by exact arithmetic, those of fractions by that of package math; special
// values are its own.
func TestPow(t *testing.T) {
	r := rand.New(rand.NewPCG(seed, 5))
	for range 2000 {
		x, n := math.Exp(8*r.Float64()-4), 1+r.IntN(90)
		exact := new(big.Float).SetPrec(6000).SetInt64(1)
		for range n {
			exact.Mul(exact, big.NewFloat(x))
		}
		want, _ := exact.Float64()
		below, _ := exact.Quo(big.NewFloat(1).SetPrec(6000), exact).Float64()
		assert.LessOrEqual(t, apart(tensor.Pow(x, float64(n)), want), 1.0, "%v^%d", x, n)
		assert.LessOrEqual(t, apart(tensor.Pow(x, -float64(n)), below), 1.0, "%v^−%d", x, n)
		assert.Equal(t, tensor.Pow(x, float64(n)), tensor.Pow(-x, float64(n))*float64(1-2*(n%2)))
		y := 4*r.Float64() - 2
		assert.LessOrEqual(t, apart(tensor.Pow(x, y), math.Pow(x, y)), 6.0, "%v^%v", x, y)
	}
	for _, x := range special {
		for _, y := range special {
			own, std := tensor.Pow(x, y), math.Pow(x, y)
			if math.Abs(x) != 5e-324 || math.Abs(y) >= 0.5 { // of which package math has a wrong logarithm on amd64
				assert.LessOrEqual(t, apart(own, std), 700.0, "%v^%v = %v, want %v", x, y, own, std)
			}
			if std == 0 || math.IsInf(std, 0) || std != std {
				assert.Equal(t, math.Signbit(std), math.Signbit(own), "%v^%v = %v, want %v", x, y, own, std)
			}
		}
	}
}

func TestProbitInvertsTheDistributionFunction(t *testing.T) {
	for p := 1e-300; p < 0.5; p *= 1.7 {
		z := tensor.Probit(p)
		assert.InEpsilon(t, p, 0.5*math.Erfc(-z/math.Sqrt2), 2e-12, "p = %v", p)
		if p > 1e-6 {
			assert.InDelta(t, -z, tensor.Probit(1-p), 1e-9, "p = %v", p)
		}
	}
	assert.Zero(t, tensor.Probit(0.5))
	assert.InDelta(t, distuv.UnitNormal.Quantile(0.975), tensor.Probit(0.975), 1e-14)
	for p := 0.001; p < 0.999; p += 0.001 {
		assert.Less(t, tensor.Probit(p), tensor.Probit(p+0.001))
	}
	for _, random := range []uint64{0, math.MaxUint64} {
		assert.InDelta(t, 8.2, math.Abs(tensor.Normal(random)), 0.1, "finite at the ends")
	}
}
