package npy

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzRead: no input panics; what is read can be written, and read again as the same.
func FuzzRead(f *testing.F) {
	_, files := golden(f)
	for _, b := range files {
		f.Add(b)
		f.Add(b[:len(b)/2])
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		a, err := Read(bytes.NewReader(in), Limit{Elements: 1 << 20})
		if err != nil {
			require.False(t, a.Wanted())
			return
		}
		var b bytes.Buffer
		require.NoError(t, Write(&b, a))
		again, err := Read(&b, Limit{})
		require.NoError(t, err)
		requireSame(t, a, again)
	})
}

// FuzzReadArchive: the same for archives.
func FuzzReadArchive(f *testing.F) {
	for _, compress := range []bool{false, true} {
		var b bytes.Buffer
		require.NoError(f, WriteArchive(&b, []Array{{"x", ramp("f8-le")}, {"y", ramp("vector")}}, compress))
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		arrays, err := ReadArchive(bytes.NewReader(in), int64(len(in)), Limit{Elements: 1 << 16})
		if err != nil {
			require.Nil(t, arrays)
			return
		}
		for _, a := range arrays {
			require.True(t, a.Tensor.Wanted())
		}
	})
}
