package kernel

import (
	"math"
	"unsafe"
)

// FMA32 returns x·y + z, rounded once to float32. The product of two float32 is exact in float64; the sum is rounded to
// odd there, after which a second rounding to float32 does no harm (Boldo and Melquiond, "When double rounding is odd",
// 2005).
func FMA32(x, y, z float32) float32 {
	p, c := float64(float64(x)*float64(y)), float64(z)
	s := p + c
	t := s - p
	e := (p - (s - t)) + (c - t) // the exact error of the sum
	if e == 0 || s-s != 0 {
		return float32(s)
	}
	if b := math.Float64bits(s); b&1 == 0 {
		if (e > 0) == (s > 0) {
			b++
		} else {
			b--
		}
		s = math.Float64frombits(b)
	}
	return float32(s)
}

// The plain Go kernels keep a block of one row of C, at most goBlock elements, while they run over k.
func panel64Go(p *Panel) {
	n := (p.V-1)*Go.Lanes(8) + p.Tail
	for i := range p.M {
		c := unsafe.Slice((*float64)(unsafe.Add(p.C, i*p.LDC)), n)
		if !p.Load {
			clear(c)
		}
		for k := range p.K {
			a := *(*float64)(unsafe.Add(p.A, i*p.RSA+k*p.CSA))
			b := unsafe.Slice((*float64)(unsafe.Add(p.B, k*p.LDB)), n)
			for j := range c {
				c[j] = math.FMA(a, b[j], c[j])
			}
		}
	}
}

func panel32Go(p *Panel) {
	n := (p.V-1)*Go.Lanes(4) + p.Tail
	for i := range p.M {
		c := unsafe.Slice((*float32)(unsafe.Add(p.C, i*p.LDC)), n)
		if !p.Load {
			clear(c)
		}
		for k := range p.K {
			a := *(*float32)(unsafe.Add(p.A, i*p.RSA+k*p.CSA))
			b := unsafe.Slice((*float32)(unsafe.Add(p.B, k*p.LDB)), n)
			for j := range c {
				c[j] = FMA32(a, b[j], c[j])
			}
		}
	}
}
