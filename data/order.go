package data

import (
	"math/bits"
	"math/rand/v2"
)

// Streams of random numbers for purposes other than the order of an epoch, far from any epoch's number.
const (
	streamSplit uint64 = 1<<63 + iota
	streamXOR
	streamSine
	streamBlobs
	streamReber
)

// A source gives random numbers that depend on its seeds alone: not on the version of Go, nor on the processor.
type source struct{ pcg *rand.PCG }

func newSource(seed, stream uint64) source { return source{rand.NewPCG(seed, stream)} }

// below returns a number in [0, n), all equally likely (Lemire, "Fast random integer generation in an interval", 2019).
func (s source) below(n uint64) uint64 {
	hi, lo := bits.Mul64(s.pcg.Uint64(), n)
	if lo < n {
		for least := -n % n; lo < least; {
			hi, lo = bits.Mul64(s.pcg.Uint64(), n)
		}
	}
	return hi
}

// uniform returns a number in [0, 1), a multiple of 2⁻⁵³.
func (s source) uniform() float64 { return float64(s.pcg.Uint64()>>11) * (1.0 / (1 << 53)) }

// normal returns a number of mean 0 and variance 1 that is nearly normal: the sum of twelve uniform ones, less 6. Sums
// are the same bits on every processor, which the logarithms of package math are not.
func (s source) normal() float64 {
	x := -6.0
	for range 12 {
		x += s.uniform()
	}
	return x
}

// shuffle permutes p (Durstenfeld's form of the shuffle of Fisher and Yates).
func (s source) shuffle(p []int) {
	for i := len(p) - 1; i > 0; i-- {
		j := int(s.below(uint64(i + 1)))
		p[i], p[j] = p[j], p[i]
	}
}

// shuffled returns a random permutation of 0 … n−1.
func shuffled(s source, n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	s.shuffle(p)
	return p
}

// Order returns the order in which n rows are visited in an epoch: a permutation of 0 … n−1 that its arguments
// determine.
func Order(seed, epoch uint64, n int) []int { return shuffled(newSource(seed, epoch), n) }
