package npy

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// ramp returns the array that testdata/oracle.py calls by that name, as it is read here.
func ramp(name string) tensor.Tensor {
	dims, typ, from, step := []int{2, 3}, tensor.Int64, 0.0, 1.0
	switch kind, _, _ := strings.Cut(name, "-"); kind {
	case "f8":
		typ, from, step = tensor.Float64, -1, 0.5
	case "f4", "f2":
		typ, from, step = tensor.Float32, -1, 0.5
	case "i8", "i4", "i2", "i1":
		from = -2
	case "b1":
		typ = tensor.Bool
	case "fortran":
		dims, typ = []int{2, 3, 4}, tensor.Float64
	case "fortran6":
		dims, typ = []int{2, 1, 3, 2, 2, 2}, tensor.Float64
	case "scalar":
		dims, typ, from = nil, tensor.Float64, 2.5
	case "empty":
		dims, typ = []int{3, 0, 2}, tensor.Float32
	case "vector", "version2", "version3":
		dims = []int{5}
	}
	t := tensor.New(typ, tensor.Dims(dims...))
	for i := range t.Len() {
		x := from + float64(float64(i)*step)
		if typ == tensor.Bool {
			x = math.Mod(x, 2)
		}
		t.SetFloat(i, x)
	}
	return t
}

// names are those of testdata/oracle.py.
func names() []string {
	var n []string
	for _, e := range []string{"f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "b1"} {
		n = append(n, e+"-le", e+"-be")
	}
	return append(n, "fortran", "fortran6", "scalar", "empty", "vector")
}

func requireSame(t require.TestingT, want, got tensor.Tensor) {
	require.Equal(t, want.Type(), got.Type())
	require.Equal(t, want.Shape(), got.Shape())
	require.Zero(t, tensor.Differing(want, got), "want %v, got %v", want, got)
}

// golden returns the files that NumPy wrote.
func golden(t testing.TB) (names []string, files [][]byte) {
	text, err := os.ReadFile("testdata/golden.txt")
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		name, digits, _ := strings.Cut(strings.TrimSpace(line), " ")
		b, err := hex.DecodeString(digits)
		require.NoError(t, err)
		names, files = append(names, name), append(files, b)
	}
	return names, files
}

func TestGolden(t *testing.T) {
	names, files := golden(t)
	require.Len(t, names, 12)
	for i, name := range names {
		got, err := Read(bytes.NewReader(files[i]), Limit{})
		require.NoError(t, err, name)
		requireSame(t, ramp(name), got)
	}
}

// What NumPy writes and what is written here are the same bytes, where both use the same representation.
func TestWriteEqualsNumPy(t *testing.T) {
	names, files := golden(t)
	for i, name := range names {
		switch name {
		case "f4-le", "b1-le", "scalar", "empty", "vector":
			var b bytes.Buffer
			require.NoError(t, Write(&b, ramp(name)))
			want, got := files[i], b.Bytes()
			require.Equal(t, strings.Join(strings.Fields(string(want[10:])), ""), strings.Join(strings.Fields(string(got[10:])), ""), name)
			require.Zero(t, (10+int(got[8])+int(got[9])<<8)%64, "data start on a multiple of 64")
		}
	}
}

func TestAgainstNumPy(t *testing.T) {
	if out, err := exec.Command("python3", "-c", "import numpy").CombinedOutput(); err != nil {
		lines := strings.Split(strings.TrimSpace(string(out)), "\n")
		t.Skipf("needs python3 with NumPy (Debian: apt install python3-numpy): %v %s", err, lines[len(lines)-1])
	}
	python := func(args ...string) {
		out, err := exec.Command("python3", append([]string{"testdata/oracle.py"}, args...)...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	in, out := t.TempDir(), t.TempDir()
	python("write", in)
	var all []Array
	for _, name := range names() {
		got, err := ReadFile(filepath.Join(in, name+".npy"), Limit{})
		require.NoError(t, err)
		requireSame(t, ramp(name), got)
		require.NoError(t, WriteFile(filepath.Join(out, name+".npy"), got))
		all = append(all, Array{name, got})
	}
	for i, file := range []string{"stored.npz", "deflated.npz"} {
		got, err := ReadArchiveFile(filepath.Join(in, file), Limit{})
		require.NoError(t, err)
		require.Len(t, got, len(all))
		for j, a := range got {
			require.Equal(t, all[j].Name, a.Name)
			requireSame(t, all[j].Tensor, a.Tensor)
		}
		require.NoError(t, WriteArchiveFile(filepath.Join(out, file), got, i == 1))
	}
	streamSeven(t, filepath.Join(out, "stream.npy"))
	python("check", out)
}

// streamSeven streams rows 0 … 6 of three numbers each.
func streamSeven(t *testing.T, path string) {
	f, err := os.Create(path)
	require.NoError(t, err)
	s, err := NewStreamWriter(f, tensor.Float32, tensor.Dims(3))
	require.NoError(t, err)
	rows := tensor.New(tensor.Float32, tensor.Dims(7, 3))
	for i := range rows.Len() {
		rows.SetFloat(i, float64(i))
	}
	require.NoError(t, s.Append(rows.Rows(0, 1).Reshape(tensor.Dims(3))))
	require.NoError(t, s.Flush())
	got, err := ReadFile(path, Limit{})
	require.NoError(t, err, "a flushed stream is a complete file")
	requireSame(t, rows.Rows(0, 1), got)
	require.NoError(t, s.Append(rows.Rows(1, 7)))
	require.NoError(t, s.Append(rows.Rows(7, 7)))
	require.Error(t, s.Append(tensor.New(tensor.Float32, tensor.Dims(2))))
	require.Error(t, s.Append(tensor.New(tensor.Float64, tensor.Dims(3))))
	require.EqualValues(t, 7, s.Rows())
	require.NoError(t, s.Close())
	require.Error(t, s.Append(rows))
	require.NoError(t, f.Close())
	got, err = ReadFile(path, Limit{})
	require.NoError(t, err)
	requireSame(t, rows, got)
}

func TestStream(t *testing.T) {
	streamSeven(t, filepath.Join(t.TempDir(), "stream.npy"))
	_, err := NewStreamWriter(nil, tensor.Float64, tensor.Dims(1, 1, 1, 1, 1, 1))
	assert.ErrorContains(t, err, "rank")
}

// drawTensor returns a tensor of any type and shape, NaN, −0 and infinities included.
func drawTensor(t *rapid.T) tensor.Tensor {
	dims := rapid.SliceOfN(rapid.IntRange(0, 4), 0, tensor.MaxRank).Draw(t, "dims")
	typ := rapid.SampledFrom([]tensor.Type{tensor.Float64, tensor.Float32, tensor.Int64, tensor.Bool}).Draw(t, "type")
	a := tensor.New(typ, tensor.Dims(dims...))
	for i := range a.Len() {
		switch typ {
		case tensor.Int64:
			a.Int64s()[i] = rapid.Int64().Draw(t, "x")
		case tensor.Bool:
			a.Bools()[i] = rapid.Bool().Draw(t, "x")
		default:
			a.SetFloat(i, rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{math.NaN(), math.Copysign(0, -1), math.Inf(1)})).Draw(t, "x"))
		}
	}
	return a
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var arrays []Array
		for i := range rapid.IntRange(0, 3).Draw(t, "arrays") {
			arrays = append(arrays, Array{fmt.Sprintf("a/%d", i), drawTensor(t)})
		}
		compress := rapid.Bool().Draw(t, "compress")
		var b, again bytes.Buffer
		require.NoError(t, WriteArchive(&b, arrays, compress))
		require.NoError(t, WriteArchive(&again, arrays, compress))
		require.Equal(t, b.Bytes(), again.Bytes(), "the same arrays give the same bytes")
		got, err := ReadArchive(bytes.NewReader(b.Bytes()), int64(b.Len()), Limit{})
		require.NoError(t, err)
		require.Len(t, got, len(arrays))
		for i := range got {
			require.Equal(t, arrays[i].Name, got[i].Name)
			requireSame(t, arrays[i].Tensor, got[i].Tensor)
		}
	})
}

// More elements than are converted at a time, from a stream of unknown length.
func TestLarge(t *testing.T) {
	a := tensor.New(tensor.Float64, tensor.Dims(3, 100_000))
	for i := range a.Len() {
		a.Float64s()[i] = float64(i)
	}
	var b bytes.Buffer
	require.NoError(t, Write(&b, a))
	require.NoError(t, Write(&b, ramp("vector")))
	got, err := Read(&b, Limit{})
	require.NoError(t, err)
	requireSame(t, a, got)
	got, err = Read(&b, Limit{})
	require.NoError(t, err, "arrays one after the other")
	requireSame(t, ramp("vector"), got)
}
