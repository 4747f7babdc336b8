package tensor

import "github.com/retrodict/retrodict/tensor/internal/kernel"

// Fold sets dst to the sum of parts from the last down to the first, starting at +0: the order in which every engine,
// and the reference, adds the feedback that a vertex receives through its ports. Starting at +0 it never returns −0.
// A part without storage counts as +0. All others must have the type and number of elements of dst and not overlap it,
// except that a part may be dst itself if it is the last one with storage.
func Fold(dst Tensor, parts []Tensor) {
	switch dst.typ {
	case Float64:
		fold[float64](dst, parts)
	case Float32:
		fold[float32](dst, parts)
	default:
		panic("tensor: Fold: not a float type")
	}
}

// foldBlock is how many elements of a sum are finished before the next, so that they stay in the first cache.
const foldBlock = 1 << 10

func fold[T Float](dst Tensor, parts []Tensor) {
	d := Data[T](dst)
	for i := 0; i == 0 || i < len(d); i += foldBlock {
		foldOf(d, parts, i, min(i+foldBlock, len(d)))
	}
}

// foldOf sets elements lo to hi of the sum.
func foldOf[T Float](d []T, parts []Tensor, lo, hi int) {
	n := len(d)
	d = d[lo:hi]
	var one []T // the only part so far
	some := false
	for k := len(parts) - 1; k >= 0; k-- {
		if !parts[k].Wanted() {
			continue
		}
		p := Data[T](parts[k])[:n][lo:hi]
		switch {
		case !some:
			one, some = p, true
		case one != nil:
			arith(kernel.Settle2, d, one, p, 0)
			one = nil
		default:
			AddOf(d, d, p)
		}
	}
	if one != nil {
		arith(kernel.Settle, d, one, nil, 0)
	} else if !some {
		clear(d)
	}
}

// foldGrain is the least number of elements of a sum that are worth a worker.
const foldGrain = 8 << 10

// Fold is the function Fold, shared with idle workers if dst is large.
func (c *Ctx) Fold(dst Tensor, parts []Tensor) {
	var a Args
	n := 0
	for _, p := range parts {
		if p.Wanted() {
			n++
			if n < len(a.T) {
				a.T[n] = p
			}
		}
	}
	if dst.Len() < 2*foldGrain || n >= len(a.T) || c.Workers() == 1 {
		Fold(dst, parts)
		return
	}
	a.T[0], a.N[0] = dst, n
	if dst.typ == Float64 {
		c.Split(dst.Len(), foldGrain, foldRange[float64], a)
	} else {
		c.Split(dst.Len(), foldGrain, foldRange[float32], a)
	}
}

// foldRange folds elements lo to hi of the tensors after the first into those of the first.
func foldRange[T Float](a *Args, lo, hi int) {
	var t [len(a.T)]Tensor
	for k := range a.N[0] + 1 {
		t[k] = From(Dims(hi-lo), Data[T](a.T[k])[lo:hi])
	}
	fold[T](t[0], t[1:a.N[0]+1])
}

// Scale multiplies every element of a floating-point tensor by s, rounded once per element.
func Scale(t Tensor, s float64) {
	switch t.typ {
	case Float64:
		scale(t.Float64s(), s)
	case Float32:
		scale(t.Float32s(), float32(s))
	default:
		panic("tensor: Scale: not a float type")
	}
}

func scale[T Float](x []T, s T) {
	ScaleOf(x, x, s)
}
