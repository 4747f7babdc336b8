package tensor_test

import (
	"math"
	"testing"
	"unsafe"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/require"
)

var types = []tensor.Type{tensor.Float64, tensor.Float32, tensor.Int64, tensor.Bool}

func TestTypes(t *testing.T) {
	for _, typ := range types {
		parsed, err := tensor.ParseType(typ.String())
		require.NoError(t, err)
		require.Equal(t, typ, parsed)
		require.Equal(t, typ.IsFloat(), typ == tensor.Float64 || typ == tensor.Float32)
	}
	_, err := tensor.ParseType("none")
	require.Error(t, err)
	require.Zero(t, tensor.None.Size())
	require.Equal(t, tensor.Float32, tensor.TypeOf[float32]())
	require.Equal(t, tensor.Bool, tensor.TypeOf[bool]())
	require.EqualValues(t, 40, unsafe.Sizeof(tensor.Tensor{}))
}

// New is aligned zeros; clones and conversions are storage of their own, reshapes, rows and slices are not.
func TestStorage(t *testing.T) {
	for _, typ := range types {
		x := tensor.New(typ, tensor.Dims(3, 5))
		require.Zero(t, uintptr(unsafe.Pointer(&x.Bytes()[0]))%64)
		require.Len(t, x.Bytes(), 15*typ.Size())
		for i := range x.Len() {
			require.Zero(t, x.Float(i))
			x.SetFloat(i, float64(i%2))
		}
		y := x.Clone()
		require.Zero(t, tensor.Differing(x, y))
		y.SetFloat(3, 0)
		require.Equal(t, 1, tensor.Differing(x, y))
		require.Equal(t, 1.0, x.Float(3))
		y.CopyFrom(x)
		require.Zero(t, tensor.Differing(x, y))

		row := x.Rows(1, 2)
		require.Equal(t, tensor.Dims(1, 5), row.Shape())
		row.Zero()
		require.Zero(t, x.Float(5))
		require.Zero(t, x.Float(7))
		require.Equal(t, 1.0, x.Float(3))
		require.Equal(t, tensor.Dims(0, 5), x.Rows(3, 3).Shape())
		require.Panics(t, func() { x.Rows(2, 4) })
		x.Reshape(tensor.Dims(15)).SetFloat(14, 1)
		require.Equal(t, 1.0, x.Float(14))
		require.Panics(t, func() { x.Reshape(tensor.Dims(14)) })
	}
	var none tensor.Tensor
	require.False(t, none.Wanted())
	require.False(t, none.Clone().Wanted())
	require.Equal(t, "none", none.String())
	require.Panics(t, func() { tensor.New(tensor.None, tensor.Dims(1)) })
	require.Panics(t, func() { tensor.From(tensor.Dims(3), []float64{1}) })
	require.Panics(t, func() { tensor.New(tensor.Float32, tensor.Dims(1)).Float64s() })
	require.Panics(t, func() { none.CopyFrom(tensor.New(tensor.Bool, tensor.Dims(1))) })
}

// Conversion there and back is the identity where the other type holds the value.
func TestConvert(t *testing.T) {
	for _, from := range types {
		for _, to := range types {
			x := tensor.New(from, tensor.Dims(2, 2))
			x.SetFloat(1, 1)
			y := x.Convert(to)
			require.Equal(t, to, y.Type())
			require.Equal(t, x.Shape(), y.Shape())
			require.Zero(t, tensor.Differing(x, y.Convert(from)), "%v to %v", from, to)
		}
	}
	x := tensor.From(tensor.Dims(3), []float64{1.0 / 3, 1e300, 0})
	require.Equal(t, []float32{float32(1.0 / 3), float32(math.Inf(1)), 0}, x.Convert(tensor.Float32).Float32s())
}

// Bits tells +0 from −0 and takes every NaN for one.
func TestBits(t *testing.T) {
	zero := math.Copysign(0, -1)
	a := tensor.From(tensor.Dims(3), []float64{0, math.NaN(), 1})
	b := tensor.From(tensor.Dims(3), []float64{zero, math.Float64frombits(0xfff8000000000123), 1})
	require.Equal(t, 1, tensor.Differing(a, b))
	a32 := tensor.From(tensor.Dims(2), []float32{0, float32(math.NaN())})
	b32 := tensor.From(tensor.Dims(2), []float32{float32(zero), math.Float32frombits(0xffc00123)})
	require.Equal(t, 1, tensor.Differing(a32, b32))
	require.Panics(t, func() { tensor.Differing(a, a32) })
}

func TestFill(t *testing.T) {
	for _, typ := range types[:3] {
		x := tensor.New(typ, tensor.Dims(9))
		x.Fill(-3)
		for i := range x.Len() {
			require.Equal(t, -3.0, x.Float(i))
		}
	}
	require.Panics(t, func() { tensor.New(tensor.Bool, tensor.Dims(1)).Fill(1) })
	require.Equal(t, "f64[9]{0 0 0 0 0 0 0 0 …}", tensor.New(tensor.Float64, tensor.Dims(9)).String())
}
