package raw

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every binary16 against its definition: (−1)^s · 2^(e−25) · (1024 + f), subnormals (−1)^s · 2^−24 · f.
func TestHalf(t *testing.T) {
	for b := range 1 << 16 {
		s, e, f := b>>15, b>>10&31, b&1023
		want := math.Ldexp(float64(1024+f), e-25)
		switch {
		case e == 0:
			want = math.Ldexp(float64(f), -24)
		case e == 31 && f == 0:
			want = math.Inf(1)
		case e == 31:
			require.True(t, math.IsNaN(float64(Half(uint16(b)))), "%#x", b)
			continue
		}
		if s == 1 {
			want = -want
		}
		require.Equal(t, math.Float64bits(want), math.Float64bits(float64(Half(uint16(b)))), "%#x", b)
	}
}

func TestDecodeOrders(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		big  []byte
		want float64
	}{
		{F64, []byte{0xbf, 0xf8, 0, 0, 0, 0, 0, 0}, -1.5}, {F32, []byte{0xbf, 0xc0, 0, 0}, -1.5},
		{F16, []byte{0xbe, 0}, -1.5}, {BF16, []byte{0xbf, 0xc0}, -1.5},
		{I64, []byte{255, 255, 255, 255, 255, 255, 255, 254}, -2}, {I32, []byte{255, 255, 255, 254}, -2},
		{I16, []byte{255, 254}, -2}, {I8, []byte{254}, -2}, {U64, []byte{0, 0, 0, 0, 0, 0, 1, 2}, 258},
		{U32, []byte{255, 255, 255, 254}, 1<<32 - 2}, {U16, []byte{255, 254}, 65534}, {U8, []byte{254}, 254}, {Bool, []byte{1}, 1},
	} {
		little := make([]byte, len(c.big))
		for i, b := range c.big {
			little[len(little)-1-i] = b
		}
		require.Len(t, c.big, c.kind.Size())
		for i, order := range []binary.ByteOrder{binary.BigEndian, binary.LittleEndian} {
			got, err := Read(bytes.NewReader([][]byte{c.big, little}[i]), tensor.Dims(1), c.kind, order, i == 0)
			require.NoError(t, err)
			assert.Equal(t, c.kind.Type(), got.Type())
			assert.Equal(t, c.want, got.Float(0), "kind %d, %v", c.kind, order)
		}
	}
	assert.Zero(t, None.Size())
	assert.Equal(t, None, KindOf(tensor.None))
}
