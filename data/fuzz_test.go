package data

import (
	"bytes"
	"errors"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/require"
)

// FuzzIDX: no input, plain or compressed, panics; an IDX file is exactly as long as its header says.
func FuzzIDX(f *testing.F) {
	f.Add(idxFile(8, []byte{1, 2, 3, 4, 5, 6}, 2, 3))
	f.Add(idxFile(0x0E, make([]byte, 16), 2))
	f.Add(zipped(f, idxFile(0x0C, make([]byte, 8), 2)))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := unzipped(bytes.NewReader(in))
		if err != nil {
			return
		}
		x, err := readIDX(r, Limit{Elements: 1 << 16}.filled())
		if err != nil {
			return
		}
		require.EqualValues(t, len(x.data), int64(x.shape.Len())*idxSize(x.code))
		d, err := x.tensor(tensor.Float64)
		require.NoError(t, err)
		require.Equal(t, x.shape, d.Shape())
	})
}

// FuzzCSV: no input panics; what is read is a valid set, and errors in the text have a position.
func FuzzCSV(f *testing.F) {
	f.Add("1,2,0\n3,4,1\n", "", false)
	f.Add("a,b,label\n1,2,yes\n3,4,\"n\no\"\n", "label", false)
	f.Add("1;2,0.5\n", "-1", true)
	f.Fuzz(func(t *testing.T, text, label string, regression bool) {
		s, err := CSV{Label: label, Regression: regression}.read("fuzz", bytes.NewReader([]byte(text)))
		if err != nil {
			var at position
			require.True(t, errors.As(err, &at), "%v", err)
			require.Positive(t, at.line)
			return
		}
		require.NoError(t, s.Check())
	})
}

// FuzzCIFAR: no input panics.
func FuzzCIFAR(f *testing.F) {
	f.Add(make([]byte, cifarRecord))
	f.Fuzz(func(t *testing.T, in []byte) {
		labels, images, err := readCIFAR(bytes.NewReader(in), Limit{}.filled(), nil, nil)
		if err == nil {
			require.Equal(t, len(in), len(labels)+len(images))
		}
	})
}

// FuzzText: no input panics; windows hold the text.
func FuzzText(f *testing.F) {
	f.Add("hello, hello", 4, 2)
	f.Fuzz(func(t *testing.T, text string, length, stride int) {
		s, err := Text("fuzz", text, Windows{length, stride})
		if err != nil {
			return
		}
		require.NoError(t, s.Check())
		start := ""
		for _, c := range s.X.Int64s()[:s.X.Shape().Dim(1)] {
			start += s.Classes[c]
		}
		require.Equal(t, text[:len(start)], start)
	})
}
