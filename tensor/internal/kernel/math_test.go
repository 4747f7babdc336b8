package kernel

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
	"unsafe"
)

// functions lists the elementary functions, each with a reference of 200 bits or more, a source of arguments at which
// the function is neither constant nor trivial, for float64 and for float32, and the largest error allowed, in units of the
// last place, of a float64.
var functions = []struct {
	name  string
	f     func(float64) float64
	ref   func(*big.Float) *big.Float
	arg   func(r *rand.Rand) float64
	arg32 func(r *rand.Rand) float64
	ulps  float64
}{
	{"exp", Exp, bigExp, upTo(745, 709.78), upTo(103, 88.72), 1},
	{"log", Log, bigLog, positive, positive32, 1},
	{"tanh", Tanh, bigTanh, upTo(19, 19), upTo(9, 9), 1},
	{"sigmoid", Sigmoid, bigSigmoid, upTo(745, 745), upTo(103, 103), 1},
	{"erf", Erf, bigErf, upTo(6, 6), upTo(4, 4), 2},
}

// upTo returns spread with the given bounds below and above.
func upTo(below, above float64) func(r *rand.Rand) float64 {
	return func(r *rand.Rand) float64 { return min(spread(r, below), above) }
}

// spread returns numbers of both signs: all sizes up to limit, ordinary ones, and those near 0.
func spread(r *rand.Rand, limit float64) float64 {
	x := 0.0
	switch r.IntN(4) {
	case 0:
		x = limit * r.Float64()
	case 1:
		x = math.Exp2(-30 * r.Float64())
	case 2:
		x = math.Exp2(-300 * r.Float64())
	default:
		x = 2 * r.Float64()
	}
	if r.IntN(2) == 0 {
		x = -x
	}
	return min(max(x, -limit), limit)
}

// positive returns finite positive numbers: near 1, of all sizes, and subnormal ones.
func positive(r *rand.Rand) float64 {
	switch r.IntN(4) {
	case 0:
		return math.Float64frombits(r.Uint64N(0x7ff0000000000000-1) + 1)
	case 1:
		return math.Float64frombits(r.Uint64N(1<<52-1) + 1)
	}
	return math.Exp2(2*r.Float64() - 1)
}

// positive32 is positive for float32.
func positive32(r *rand.Rand) float64 {
	switch r.IntN(4) {
	case 0:
		return float64(math.Float32frombits(r.Uint32N(0x7f800000-1) + 1))
	case 1:
		return float64(math.Float32frombits(r.Uint32N(1<<23-1) + 1))
	}
	return math.Exp2(2*r.Float64() - 1)
}

// A format is that of a floating-point type: the bits of its significand, and the exponent of its least number.
type format struct{ bits, least int }

var float64s, float32s = format{53, -1074}, format{24, -149}

// ulps is the distance of got from the exact result, in units of the last place of the exact result: from a power of two on
// those above it, below it those below.
func (f format) ulps(got float64, exact *big.Float) float64 {
	unit := zero().SetMantExp(num(1), max(exact.MantExp(nil)-f.bits, f.least))
	d := zero().Sub(num(got), exact)
	e, _ := d.Quo(d, unit).Float64()
	return math.Abs(e)
}

func TestAccuracy(t *testing.T) {
	for _, f := range functions {
		t.Run(f.name, func(t *testing.T) {
			testAccuracy(t, f.f, f.ref, f.arg, float64s, f.ulps)
		})
	}
}

// Also of float32 the reference is not another function of this package.
func TestAccuracy32(t *testing.T) {
	for i, f := range functions {
		t.Run(f.name, func(t *testing.T) {
			y := make([]float32, 1)
			got := func(x float64) float64 {
				Function(i).Apply32(Best(), y, []float32{float32(x)})
				return float64(y[0])
			}
			testAccuracy(t, got, f.ref, func(r *rand.Rand) float64 { return float64(float32(f.arg32(r))) }, float32s, 0.52)
		})
	}
}

func testAccuracy(t *testing.T, f func(float64) float64, ref func(*big.Float) *big.Float, arg func(*rand.Rand) float64, as format, limit float64) {
	r := rand.New(rand.NewPCG(7, 7))
	worst, at := 0.0, 0.0
	for range 3000 {
		x := arg(r)
		if e := as.ulps(f(x), ref(num(x))); e > worst || math.IsNaN(e) {
			worst, at = e, x
		}
	}
	t.Logf("worst error %.3f ULP, at %x", worst, at)
	if !(worst <= limit) {
		t.Errorf("at %x wrong by %.3f ULP, more than %g", at, worst, limit)
	}
}

var inf, nan = math.Inf(1), math.NaN()

// special values by function: argument, result.
var special = map[string][][2]float64{
	"exp": {{0, 1}, {math.Copysign(0, -1), 1}, {inf, inf}, {-inf, 0}, {nan, nan}, {709.782712893384, 0x1.fffffffffff2ap1023}, {709.7827128933841, inf}, {1e300, inf},
		{-745.1332191019411, 0x1p-1074}, {-745.1332191019412, 0}, {-1e300, 0}, {0x1p-1074, 1}, {1, math.E}},
	"log": {{1, 0}, {0, -inf}, {math.Copysign(0, -1), -inf}, {inf, inf}, {-inf, nan}, {nan, nan}, {-1, nan}, {-0x1p-1074, nan}, {0x1p-1074, -744.4400719213812},
		{math.MaxFloat64, 709.782712893384}, {2, math.Ln2}, {math.E, 1}},
	"tanh":    {{0, 0}, {math.Copysign(0, -1), math.Copysign(0, -1)}, {inf, 1}, {-inf, -1}, {nan, nan}, {1e300, 1}, {-25, -1}, {0x1p-1074, 0x1p-1074}, {-0x1p-1022, -0x1p-1022}},
	"sigmoid": {{0, 0.5}, {math.Copysign(0, -1), 0.5}, {inf, 1}, {-inf, 0}, {nan, nan}, {1e300, 1}, {-1e300, 0}, {-745.1332191019411, 0x1p-1074}, {40, 1}, {0x1p-1074, 0.5}},
	"erf":     {{0, 0}, {math.Copysign(0, -1), math.Copysign(0, -1)}, {inf, 1}, {-inf, -1}, {nan, nan}, {6, 1}, {-1e300, -1}, {0x1p-1074, 0x1p-1074}},
}

func TestSpecialValues(t *testing.T) {
	for _, f := range functions {
		for _, p := range special[f.name] {
			got := f.f(p[0])
			if math.Float64bits(got) != math.Float64bits(p[1]) && (got == got || p[1] == p[1]) {
				t.Errorf("%s(%x) = %x, want %x", f.name, p[0], got, p[1])
			}
		}
	}
}

// Where pieces of the algorithms meet, functions do not fall.
func TestMonotonic(t *testing.T) {
	for _, f := range functions {
		for _, x := range []float64{erfSplit, 0.5 * math.Ln2, 0.25 * math.Ln2, math.Sqrt2, 1, 2, 5.9, 19.06} {
			for range 200 {
				next := math.Nextafter(x, inf)
				if a, b := f.f(x), f.f(next); b < math.Nextafter(a, -inf) {
					t.Errorf("%s falls by more than 1 ULP from %x to %x", f.name, x, next)
				}
				x = next
			}
		}
	}
}

// arguments returns numbers of every kind: random bits, special values and where algorithms change.
func arguments(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		switch r.IntN(4) {
		case 0:
			x[i] = math.Float64frombits(r.Uint64())
		case 1:
			f := functions[r.IntN(len(functions))]
			s := special[f.name]
			x[i] = s[r.IntN(len(s))][0]
		case 2:
			x[i] = 800 * (2*r.Float64() - 1)
		default:
			x[i] = 3 * r.NormFloat64()
		}
	}
	return x
}

// The assembly gives the bits of the Go functions, at every length, and touches nothing else.
func TestSlicesAgreeWithScalars(t *testing.T) {
	for _, isa := range ISAs() {
		for f := ExpFunction; f <= ErfFunction; f++ {
			r := rand.New(rand.NewPCG(5, uint64(f)))
			for n := range 40 {
				testSlice(t, isa, f, arguments(r, n), Function.Apply64)
				testSlice(t, isa, f, narrow(arguments(r, n)), Function.Apply32)
			}
			testSlice(t, isa, f, arguments(r, 50000), Function.Apply64)
		}
	}
}

func narrow(x []float64) []float32 {
	y := make([]float32, len(x))
	for i := range x {
		y[i] = float32(x[i])
	}
	return y
}

func testSlice[T float32 | float64](t *testing.T, isa ISA, f Function, x []T, apply func(Function, ISA, []T, []T)) {
	t.Helper()
	y := make([]T, len(x)+1)
	y[len(x)] = 42
	scalar := f.Scalar()
	if unsafe.Sizeof(T(0)) == 4 {
		scalar = f.Scalar32()
	}
	apply(f, isa, y[:len(x)], x)
	for i, a := range x {
		want, got := float64(T(scalar(float64(a)))), float64(y[i])
		if math.Float64bits(want) != math.Float64bits(got) && (want == want || got == got) {
			t.Fatalf("%v, %s(%x), element %d of %d: %x, want %x", isa, functions[f].name, a, i, len(x), got, want)
		}
	}
	if y[len(x)] != 42 {
		t.Fatalf("%v, %s wrote beyond %d elements", isa, functions[f].name, len(x))
	}
	apply(f, isa, x, x)
	for i := range x {
		if x[i] != y[i] && (x[i] == x[i] || y[i] == y[i]) {
			t.Fatalf("%v, %s in place: element %d of %d differs", isa, functions[f].name, i, len(x))
		}
	}
}

// ulps32 is the distance of got from the result in float64, in units of the last place of the latter as a float32; 0 if both
// are NaN, or got is the float32 that a result beyond the range rounds to.
func ulps32(got float32, exact float64) float64 {
	if float64(got) == exact || got != got && exact != exact || got == float32(exact) {
		return 0
	}
	_, e := math.Frexp(exact)
	return math.Abs(float64(got)-exact) / math.Ldexp(1, max(e-float32s.bits, float32s.least))
}

// float32 arguments at a stride through all 2³² give the bits of the Go functions, within 0.52 ULP.
func TestFloat32Sweep(t *testing.T) {
	const stride = 65537 / 8
	x := make([]float32, 0, 1<<32/stride+1)
	for b := uint64(0); b < 1<<32; b += stride {
		x = append(x, math.Float32frombits(uint32(b)))
	}
	best := ISAs()[len(ISAs())-1]
	for f := ExpFunction; f <= ErfFunction; f++ {
		testSlice(t, best, f, append([]float32(nil), x...), Function.Apply32)
		y := make([]float32, len(x))
		f.Apply32(best, y, x)
		worst, at := 0.0, float32(0)
		for i := range x {
			if e := ulps32(y[i], f.Scalar()(float64(x[i]))); e > worst || e != e {
				worst, at = e, x[i]
			}
		}
		t.Logf("%s: worst error %.4f ULP, at %x", functions[f].name, worst, at)
		if !(worst <= 0.52) {
			t.Errorf("%s(%x) is wrong by %.4f ULP", functions[f].name, at, worst)
		}
	}
}

func TestSlicesAllocateNothing(t *testing.T) {
	x, y := make([]float64, 13), make([]float32, 13)
	for _, isa := range ISAs() {
		for f := ExpFunction; f <= ErfFunction; f++ {
			if n := testing.AllocsPerRun(10, func() { f.Apply64(isa, x, x); f.Apply32(isa, y, y) }); n != 0 {
				t.Errorf("%v, %s: %g allocations", isa, functions[f].name, n)
			}
		}
	}
}

func BenchmarkFunctions(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 5))
	x := make([]float64, 4096)
	for i := range x {
		x[i] = math.Abs(r.NormFloat64())
	}
	x32, y, y32 := narrow(x), make([]float64, len(x)), make([]float32, len(x))
	for f := ExpFunction; f <= ErfFunction; f++ {
		for _, isa := range ISAs() {
			name := functions[f].name + "/" + isa.String()
			b.Run(name+"/f64", func(b *testing.B) {
				for b.Loop() {
					f.Apply64(isa, y, x)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(x)), "ns/elem")
			})
			b.Run(name+"/f32", func(b *testing.B) {
				for b.Loop() {
					f.Apply32(isa, y32, x32)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(x)), "ns/elem")
			})
		}
	}
}

// The bits are those of every other machine: their hashes were computed on amd64.
func TestGoldenBits(t *testing.T) {
	golden := map[string][2]uint64{
		"exp":     {0xaa1e6d9812ab202, 0xb301c976b5de1fe1},
		"log":     {0xb7b74c75ea700cb, 0x6f2b8d5d0764968},
		"tanh":    {0xf0958bb018e89039, 0x659f1f36d468184f},
		"sigmoid": {0xcda0eaf73569f4c2, 0xf985cfe40d7075c0},
		"erf":     {0xf42180e4fb5a1f53, 0x33fd18ddd4793984},
	}
	r := rand.New(rand.NewPCG(11, 11))
	x := make([]float64, 20000)
	for i := range x {
		switch i % 4 {
		case 0:
			x[i] = math.Float64frombits(r.Uint64())
		case 1:
			x[i] = math.Ldexp(r.Float64()-0.5, 11)
		default:
			x[i] = math.Ldexp(r.Float64()-0.25, 3)
		}
	}
	x32, y, y32 := narrow(x), make([]float64, len(x)), make([]float32, len(x))
	for f := ExpFunction; f <= ErfFunction; f++ {
		f.Apply64(Best(), y, x)
		f.Apply32(Best(), y32, x32)
		h, h32 := fnv.New64a(), fnv.New64a()
		for i := range y {
			binary.Write(h, binary.LittleEndian, math.Float64bits(y[i])&^nanMask(y[i]))
			binary.Write(h32, binary.LittleEndian, math.Float64bits(float64(y32[i]))&^nanMask(float64(y32[i])))
		}
		if got := [2]uint64{h.Sum64(), h32.Sum64()}; got != golden[functions[f].name] {
			t.Errorf("%s: hashes %#x, want %#x", functions[f].name, got, golden[functions[f].name])
		}
	}
}

// nanMask has all bits of a NaN, none of a number.
func nanMask(x float64) uint64 {
	if x != x {
		return math.MaxUint64
	}
	return 0
}
