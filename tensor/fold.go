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

func fold[T Float](dst Tensor, parts []Tensor) {
	d := Data[T](dst)
	var one []T // the only part so far
	some := false
	for k := len(parts) - 1; k >= 0; k-- {
		if !parts[k].Wanted() {
			continue
		}
		p := Data[T](parts[k])[:len(d)]
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
