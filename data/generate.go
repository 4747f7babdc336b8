package data

import (
	"math"

	"github.com/retrodict/retrodict/tensor"
)

// XOR returns n rows that cycle through the corners (0,0), (0,1), (1,0), (1,1): X [n, 2], each number plus noise times
// a nearly normal one; Y [n] the exclusive or. XOR(0, 4, 0) is the classic.
func XOR(seed uint64, n int, noise float64) (*Set, error) {
	s := &Set{Name: "xor", Classes: numbered(2)}
	if err := s.checkRows(n, 2); err != nil {
		return nil, err
	}
	r := newSource(seed, streamXOR)
	s.X, s.Y = tensor.New(tensor.Float64, tensor.Dims(n, 2)), tensor.New(tensor.Int64, tensor.Dims(n))
	x, y := s.X.Float64s(), s.Y.Int64s()
	for i := range n {
		a, b := i>>1&1, i&1
		x[2*i] = float64(a) + float64(noise*r.normal())
		x[2*i+1] = float64(b) + float64(noise*r.normal())
		y[i] = int64(a ^ b)
	}
	return s, nil
}

// Sine returns a regression: X [n, 1], uniform in [−π, π), and Y [n, 1], its sine plus noise times a nearly normal
// number.
func Sine(seed uint64, n int, noise float64) (*Set, error) {
	s := &Set{Name: "sine"}
	if err := s.checkRows(n, 1); err != nil {
		return nil, err
	}
	r := newSource(seed, streamSine)
	s.X, s.Y = tensor.New(tensor.Float64, tensor.Dims(n, 1)), tensor.New(tensor.Float64, tensor.Dims(n, 1))
	x, y := s.X.Float64s(), s.Y.Float64s()
	for i := range n {
		x[i] = (r.uniform() - 0.5) * (2 * math.Pi)
		y[i] = tensor.Sin(x[i]) + float64(noise*r.normal())
	}
	return s, nil
}

// BlobConfig describes blobs. The zero value of a field stands for the number given with it.
type BlobConfig struct {
	Rows                    int     // 1000
	Classes                 int     // 10
	Channels, Height, Width int     // 3, 32, 32
	Noise                   float64 // standard deviation about the centre, 0.25
}

// Blobs returns images that are easy to tell apart and cost no download: every class has a centre, of numbers uniform
// in [0, 1), and a row is its centre plus nearly normal noise. X is [rows, channels, height, width], Y [rows]; the
// classes take turns. The centres depend on the seed, the classes and the shape, not on the number of rows.
func Blobs(seed uint64, c BlobConfig) (*Set, error) {
	for _, d := range []struct {
		field *int
		value int
	}{{&c.Rows, 1000}, {&c.Classes, 10}, {&c.Channels, 3}, {&c.Height, 32}, {&c.Width, 32}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
	if c.Noise == 0 {
		c.Noise = 0.25
	}
	s := &Set{Name: "blobs"}
	dims := []int64{int64(c.Rows), int64(c.Channels), int64(c.Height), int64(c.Width)}
	shape, err := tensor.CheckDims(dims, defaultElements)
	if err != nil || c.Classes < 1 || c.Classes > maxClasses || shape.Len() == 0 {
		return nil, s.errorf("%+v: want positive numbers, not too large", c)
	}
	n := rowLen(shape)
	if int64(c.Classes) > defaultElements/int64(n) {
		return nil, s.errorf("%d classes of %d numbers are too many", c.Classes, n)
	}
	s.Classes = numbered(c.Classes)
	r := newSource(seed, streamBlobs)
	centre := make([]float64, c.Classes*n)
	for i := range centre {
		centre[i] = r.uniform()
	}
	s.X, s.Y = tensor.New(tensor.Float64, shape), tensor.New(tensor.Int64, tensor.Dims(c.Rows))
	x := s.X.Float64s()
	for i := range c.Rows {
		class := i % c.Classes
		s.Y.Int64s()[i] = int64(class)
		for j := range n {
			x[i*n+j] = centre[class*n+j] + float64(c.Noise*r.normal())
		}
	}
	return s, nil
}

// checkRows returns an error unless n rows of k numbers are a reasonable set.
func (s *Set) checkRows(n, k int) error {
	if most := int(defaultElements) / k; n < 1 || n > most {
		return s.errorf("%d rows: want 1 … %d", n, most)
	}
	return nil
}
