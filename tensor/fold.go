package tensor

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
	first := true
	for k := len(parts) - 1; k >= 0; k-- {
		if !parts[k].Wanted() {
			continue
		}
		p := Data[T](parts[k])[:len(d)]
		if first {
			for i := range d {
				d[i] = 0 + p[i]
			}
			first = false
			continue
		}
		for i := range d {
			d[i] += p[i]
		}
	}
	if first {
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
	for i := range x {
		x[i] *= s
	}
}
