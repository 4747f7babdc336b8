package op

import "github.com/retrodict/retrodict/tensor"

// This file is Unit for many units at once. Sums run in the order that Unit states; the activation is computed for all
// of them in one call.

// ForwardCells implements Cellular.
func (o unit) ForwardCells(c *tensor.Ctx, s *Cells) {
	if s.Arena.Type() == tensor.Float32 {
		forwardUnits[float32](o, c, s)
	} else {
		forwardUnits[float64](o, c, s)
	}
}

// VJPCells implements Cellular.
func (o unit) VJPCells(c *tensor.Ctx, s *Cells) {
	if s.Arena.Type() == tensor.Float32 {
		vjpUnits[float32](o, c, s)
	} else {
		vjpUnits[float64](o, c, s)
	}
}

func forwardUnits[T tensor.Float](o unit, c *tensor.Ctx, s *Cells) {
	m := c.Mark()
	arena := tensor.Data[T](s.Arena)
	shape := tensor.Dims(s.Len() * s.N)
	pre := c.Scratch(s.Arena.Type(), shape)
	preactivateUnits(tensor.Data[T](pre), arena, s)
	y := pre
	if o.act.name != "identity" {
		y = c.Scratch(s.Arena.Type(), shape)
		c.Split(shape.Len(), grain, o.act.fwd, tensor.Args{T: [6]tensor.Tensor{y, pre}})
	}
	store(arena, tensor.Data[T](y), s.Out, s.N)
	c.Release(m)
}

// preactivateUnits sets pre to the weighted sums, cell after cell.
func preactivateUnits[T tensor.Float](pre, arena []T, s *Cells) {
	for i := range s.Out {
		args := s.Args[s.Spans[i].First:s.Spans[i].Last]
		k := len(args) - 1
		w := arena[args[k]:][: k+1 : k+1]
		if s.N == 1 {
			sum := w[k]
			for j, a := range args[:k] {
				sum += T(w[j] * arena[a])
			}
			pre[i] = sum
			continue
		}
		dst := pre[i*s.N:][:s.N]
		for b := range dst {
			dst[b] = w[k]
		}
		for j, a := range args[:k] {
			wj := w[j]
			for b, v := range arena[a:][:len(dst)] {
				dst[b] += T(wj * v)
			}
		}
	}
}

func vjpUnits[T tensor.Float](o unit, c *tensor.Ctx, s *Cells) {
	m := c.Mark()
	arena := tensor.Data[T](s.Arena)
	typ, shape := s.Arena.Type(), tensor.Dims(s.Len()*s.N)
	eps := c.Scratch(typ, shape)
	load(tensor.Data[T](eps), arena, s.Eps, s.N)
	delta := eps
	if o.act.vjp != nil {
		out := c.Scratch(typ, shape)
		load(tensor.Data[T](out), arena, s.Out, s.N)
		pre := out // not read
		if !o.act.out {
			pre = c.Scratch(typ, shape)
			preactivateUnits(tensor.Data[T](pre), arena, s)
		}
		delta = c.Scratch(typ, shape)
		c.Split(shape.Len(), grain, o.act.vjp, tensor.Args{T: [6]tensor.Tensor{delta, pre, out, eps}})
	}
	d := tensor.Data[T](delta)
	for i := range s.Out {
		lo, hi := s.Spans[i].First, s.Spans[i].Last
		if s.N == 1 {
			vjpScalar(arena, s.Args[lo:hi], s.D[lo:hi], d[i])
		} else {
			vjpVector(arena, s.Args[lo:hi], s.D[lo:hi], d[i*s.N:][:s.N])
		}
	}
	c.Release(m)
}

// vjpScalar sets the derivatives of one unit whose values are single numbers.
func vjpScalar[T tensor.Float](arena []T, args, d []int32, delta T) {
	k := len(args) - 1
	d = d[:k+1]
	w := arena[args[k]:][: k+1 : k+1]
	for j, at := range d[:k] {
		if at >= 0 {
			arena[at] = delta * w[j]
		}
	}
	if d[k] < 0 {
		return
	}
	dw := arena[d[k]:][: k+1 : k+1]
	for j, a := range args[:k] {
		dw[j] = 0 + T(delta*arena[a])
	}
	dw[k] = 0 + delta
}

// vjpVector sets the derivatives of one unit whose values are vectors.
func vjpVector[T tensor.Float](arena []T, args, d []int32, delta []T) {
	k := len(args) - 1
	w := arena[args[k]:][:k+1]
	for j, at := range d[:k] {
		if at < 0 {
			continue
		}
		dx, wj := arena[at:][:len(delta)], w[j]
		for b, e := range delta {
			dx[b] = e * wj
		}
	}
	if d[k] < 0 {
		return
	}
	dw := arena[d[k]:][:k+1]
	for j, a := range args[:k] {
		var sum T
		x := arena[a:][:len(delta)]
		for b, e := range delta {
			sum += T(e * x[b])
		}
		dw[j] = sum
	}
	var sum T
	for _, e := range delta {
		sum += e
	}
	dw[k] = sum
}

// load sets dst to the values at the given places, n elements each.
func load[T tensor.Float](dst, arena []T, at []int32, n int) {
	if n == 1 {
		for i, a := range at {
			dst[i] = arena[a]
		}
		return
	}
	for i, a := range at {
		copy(dst[i*n:][:n], arena[a:])
	}
}

// store is the inverse of load.
func store[T tensor.Float](arena, src []T, at []int32, n int) {
	if n == 1 {
		for i, a := range at {
			arena[a] = src[i]
		}
		return
	}
	for i, a := range at {
		copy(arena[a:][:n], src[i*n:][:n])
	}
}
