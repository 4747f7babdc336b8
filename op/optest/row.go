package optest

import (
	"math/rand/v2"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A Row is an Op and the arguments that the suite tries it on. Only Op and Args are needed.
type Row struct {
	Op   op.Op
	Note string // tells rows with the same Op apart
	Args []Arg

	Tol     float64 // of derivatives against central differences, relative to max(1, |derivative|); 0: 1e-7
	Tol32   float64 // of float32 against float64, relative to max(1, largest value); 0: 1e-5
	Flat    bool    // the derivative is 0 almost everywhere by declaration, whatever central differences say
	NoNaN   bool    // a NaN in an argument need not show in the result
	NoEmpty bool    // arguments without elements are outside its domain
	Allocs  bool    // may allocate: an Op that never runs in a training loop

	Large []tensor.Shape   // shapes for the comparison of worker counts and the benchmark; nil: those of Args
	Bad   [][]tensor.Shape // argument shapes that Shape must refuse
	Cases []Case           // exact values
}

// An Arg describes one argument and the random values it gets: uniform in [Min, Max], or [−2, 2] if both are 0.
type Arg struct {
	Shape    tensor.Shape
	Type     tensor.Type // None: the float type under test
	Min, Max float64     // of integers: Min ≤ x < Max
	Away     []float64   // kinks and poles: values keep a distance of 0.05 from them
	Distinct bool        // no two values of the row's distinct arguments are nearer to each other than the step 4/n
	Constant bool        // a float without derivative: d is +0 or the Op ignores it
	Observed bool        // a statistic: d is what the Op tells it, which no check of derivatives concerns
}

// A Case is a float64 call with its exact result, compared by bits. D[k] without storage is not asked for; D may be nil.
type Case struct {
	Args []tensor.Tensor
	Out  tensor.Tensor
	Eps  tensor.Tensor
	D    []tensor.Tensor
}

// Name returns the Op's name and the note.
func (r Row) Name() string {
	if r.Note == "" {
		return r.Op.Name()
	}
	return r.Op.Name() + " " + r.Note
}

// F is an argument of floats in [−2, 2] with the given dimensions.
func F(dims ...int) Arg { return Arg{Shape: tensor.Dims(dims...)} }

// Positive is an argument of floats in [0.5, 3].
func Positive(dims ...int) Arg { return Arg{Shape: tensor.Dims(dims...), Min: 0.5, Max: 3} }

// Away is an argument of floats in [−2, 2] that keep away from the given kinks.
func Away(kinks []float64, dims ...int) Arg { return Arg{Shape: tensor.Dims(dims...), Away: kinks} }

// Distinct is an argument of floats without ties.
func Distinct(dims ...int) Arg { return Arg{Shape: tensor.Dims(dims...), Distinct: true} }

// Index is an argument of integers in [lo, hi).
func Index(lo, hi int, dims ...int) Arg {
	return Arg{Shape: tensor.Dims(dims...), Type: tensor.Int64, Min: float64(lo), Max: float64(hi)}
}

// Mask is an argument of bools.
func Mask(dims ...int) Arg { return Arg{Shape: tensor.Dims(dims...), Type: tensor.Bool} }

// Vec is a float64 vector for a Case.
func Vec(x ...float64) tensor.Tensor { return tensor.From(tensor.Dims(len(x)), x) }

// shapes returns the argument shapes.
func (r Row) shapes() []tensor.Shape {
	s := make([]tensor.Shape, len(r.Args))
	for k, a := range r.Args {
		s[k] = a.Shape
	}
	return s
}

// typeOf returns the type of argument k when the float type is f.
func (r Row) typeOf(k int, f tensor.Type) tensor.Type {
	if t := r.Args[k].Type; t != tensor.None {
		return t
	}
	return f
}

// values returns random arguments of the given shapes and float type.
func (r Row) values(rnd *rand.Rand, shapes []tensor.Shape, f tensor.Type) []tensor.Tensor {
	n := 0
	for k, a := range r.Args {
		if a.Distinct {
			n += shapes[k].Len()
		}
	}
	rank, next := rnd.Perm(n), 0
	args := make([]tensor.Tensor, len(r.Args))
	for k, a := range r.Args {
		args[k] = tensor.New(r.typeOf(k, f), shapes[k])
		for i := range args[k].Len() {
			if a.Distinct {
				args[k].SetFloat(i, -2+float64(4*(float64(rank[next])+0.5)/float64(n)))
				next++
				continue
			}
			args[k].SetFloat(i, a.draw(rnd, args[k].Type()))
		}
	}
	return args
}

func (a Arg) draw(rnd *rand.Rand, t tensor.Type) float64 {
	lo, hi := a.Min, a.Max
	if lo == 0 && hi == 0 {
		lo, hi = -2, 2
	}
	switch t {
	case tensor.Bool:
		return float64(rnd.IntN(2))
	case tensor.Int64:
		return lo + float64(rnd.IntN(int(hi-lo)))
	}
	for {
		x, ok := lo+float64((hi-lo)*rnd.Float64()), true
		for _, k := range a.Away {
			ok = ok && (x < k-0.05 || x > k+0.05)
		}
		if ok {
			return x
		}
	}
}
