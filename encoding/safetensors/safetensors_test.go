package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// file returns a file with that header and n bytes of data: 1, 2, 3, …
func file(header string, n int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	b = append(b, header...)
	for i := range n {
		b = append(b, byte(i+1))
	}
	return b
}

func readBytes(b []byte) (File, error) { return Read(bytes.NewReader(b), int64(len(b)), Limit{}) }

func requireSame(t require.TestingT, want, got tensor.Tensor) {
	require.Equal(t, want.Type(), got.Type())
	require.Equal(t, want.Shape(), got.Shape())
	require.Zero(t, tensor.Differing(want, got), "want %v, got %v", want, got)
}

func TestGolden(t *testing.T) {
	f := File{
		Metadata: []Pair{{"seed", "7"}, {"format", "pt"}},
		Arrays: []Array{
			{"w", tensor.From(tensor.Dims(1, 2), []float64{1, -2})},
			{"ok", tensor.From(tensor.Dims(3), []bool{true, false, true})},
			{"b", tensor.From(tensor.Dims(1), []float32{0.5})},
		},
	}
	const header = `{"__metadata__":{"seed":"7","format":"pt"},"b":{"dtype":"F32","shape":[1],"data_offsets":[16,20]},` +
		`"ok":{"dtype":"BOOL","shape":[3],"data_offsets":[20,23]},"w":{"dtype":"F64","shape":[1,2],"data_offsets":[0,16]}}`
	var b bytes.Buffer
	require.NoError(t, Write(&b, f))
	n := int(binary.LittleEndian.Uint64(b.Bytes()))
	require.Zero(t, n%8)
	require.Equal(t, header, strings.TrimRight(string(b.Bytes()[8:8+n]), " "))
	require.Equal(t, "000000000000f03f00000000000000c0"+"0000003f"+"010001", hex.EncodeToString(b.Bytes()[8+n:]))
	require.Equal(t, "w", f.Arrays[0].Name, "the caller's slice is not sorted")

	got, err := readBytes(b.Bytes())
	require.NoError(t, err)
	require.Equal(t, f.Metadata, got.Metadata)
	require.Len(t, got.Arrays, 3)
	for _, a := range f.Arrays {
		requireSame(t, a.Tensor, got.Find(a.Name))
	}
	require.Equal(t, "7", got.Value("seed"))
	require.Empty(t, got.Value("none"))
	require.False(t, got.Find("none").Wanted())
}

func TestWidening(t *testing.T) {
	for _, c := range []struct {
		dtype string
		data  []byte
		want  float64
		typ   tensor.Type
	}{
		{"F16", []byte{0, 0x3e}, 1.5, tensor.Float32}, {"BF16", []byte{0xc0, 0x3f}, 1.5, tensor.Float32},
		{"I8", []byte{254}, -2, tensor.Int64}, {"I16", []byte{254, 255}, -2, tensor.Int64},
		{"I32", []byte{254, 255, 255, 255}, -2, tensor.Int64}, {"U8", []byte{254}, 254, tensor.Int64},
		{"U16", []byte{254, 255}, 65534, tensor.Int64}, {"U32", []byte{2, 0, 0, 0}, 2, tensor.Int64},
		{"U64", []byte{2, 0, 0, 0, 0, 0, 0, 0}, 2, tensor.Int64},
	} {
		h := `{"x":{"shape":[],"dtype":"` + c.dtype + `","data_offsets":[0,` + string('0'+rune(len(c.data))) + `]}}   `
		f, err := readBytes(append(file(h, 0), c.data...))
		require.NoError(t, err, c.dtype)
		require.Equal(t, c.typ, f.Find("x").Type())
		require.Equal(t, c.want, f.Find("x").Float(0), c.dtype)
	}
}

func drawFile(t *rapid.T) File {
	var f File
	for _, name := range rapid.SliceOfNDistinct(rapid.String(), 0, 4, rapid.ID).Draw(t, "names") {
		if name == metadataKey {
			continue
		}
		typ := rapid.SampledFrom([]tensor.Type{tensor.Float64, tensor.Float32, tensor.Int64, tensor.Bool}).Draw(t, "type")
		dims := rapid.SliceOfN(rapid.IntRange(0, 3), 0, tensor.MaxRank).Draw(t, "dims")
		a := tensor.New(typ, tensor.Dims(dims...))
		for i := range a.Len() {
			switch typ {
			case tensor.Int64:
				a.Int64s()[i] = rapid.Int64().Draw(t, "x")
			case tensor.Bool:
				a.Bools()[i] = rapid.Bool().Draw(t, "x")
			default:
				a.SetFloat(i, rapid.SampledFrom([]float64{math.NaN(), math.Copysign(0, -1), math.Inf(1), 1.25}).Draw(t, "x"))
			}
		}
		f.Arrays = append(f.Arrays, Array{name, a})
	}
	for _, key := range rapid.SliceOfNDistinct(rapid.String(), 0, 3, rapid.ID).Draw(t, "keys") {
		f.Metadata = append(f.Metadata, Pair{key, rapid.String().Draw(t, "value")})
	}
	return f
}

// Reading gives back what was written; the bytes do not depend on the order of the arrays; every tensor is aligned.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFile(t)
		var a, b bytes.Buffer
		require.NoError(t, Write(&a, f))
		shuffled := f
		shuffled.Arrays = rapid.Permutation(f.Arrays).Draw(t, "order")
		require.NoError(t, Write(&b, shuffled))
		require.Equal(t, a.Bytes(), b.Bytes())
		got, err := readBytes(a.Bytes())
		require.NoError(t, err)
		require.Equal(t, f.Metadata, got.Metadata)
		require.Len(t, got.Arrays, len(f.Arrays))
		require.True(t, slices.IsSortedFunc(got.Arrays, func(x, y Array) int { return strings.Compare(x.Name, y.Name) }))
		for _, x := range f.Arrays {
			requireSame(t, x.Tensor, got.Find(x.Name))
		}
		n := binary.LittleEndian.Uint64(a.Bytes())
		h, err := parseHeader(a.Bytes()[8:8+n], Limit{}.filled())
		require.NoError(t, err)
		for _, e := range h.entries {
			require.Zero(t, (8+int64(n)+e.begin)%int64(e.kind.Size()), "aligned")
		}
	})
}

func TestBadFiles(t *testing.T) {
	const x = `"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}`
	for _, c := range []struct {
		file []byte
		want string
	}{
		{nil, "0 bytes are too few"},
		{file("{}", 0)[:9], "offset 0: the header claims 2 bytes, the file has 9"},
		{[]byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"), "the header claims 18446744073709551615"},
		{file("", 0), "does not begin with {"},
		{file(" {}", 0), "does not begin with {"},
		{file("{\"\xff\":1}", 0), "not valid UTF-8"},
		{file("{}x", 0), "text after the object"},
		{file(`{"x"`, 0), "it ends too early"},
		{file(`{"x":1}`, 0), `tensor "x": got 1, want {`},
		{file(`{"x":{}}`, 0), "want dtype, shape and two data_offsets"},
		{file(`{"x":{"dtype":"U8","shape":[2],"data_offsets":[0]}}`, 2), "two data_offsets"},
		{file(`{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2],"a":0}}`, 2), `tensor "x": unknown key "a"`},
		{file(`{"x":{"dtype":"U8","dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 2), `"dtype" is there twice`},
		{file("{"+x+","+x+"}", 2), `"x" is there twice`},
		{file(`{"x":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}`, 2), `dtype "F8_E4M3" cannot be read`},
		{file(`{"x":{"dtype":8,"shape":[2],"data_offsets":[0,2]}}`, 2), "dtype: got 8, want"},
		{file(`{"x":{"dtype":"U8","shape":[2.0],"data_offsets":[0,2]}}`, 2), "shape: 2.0 is not a whole number"},
		{file(`{"x":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}`, 2), "shape: -2 is not"},
		{file(`{"x":{"dtype":"U8","shape":["2"],"data_offsets":[0,2]}}`, 2), "want a number"},
		{file(`{"x":{"dtype":"U8","shape":[1,1,1,1,1,1,2],"data_offsets":[0,2]}}`, 2), "more than 6 numbers"},
		{file(`{"x":{"dtype":"U8","shape":[65536,65536,65536,65536],"data_offsets":[0,0]}}`, 0), "more than 1073741824 elements"},
		{file(`{"x":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}}`, 2), "U8[3] has 3 bytes"},
		{file(`{"x":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}`, 2), "has 2 bytes"},
		{file("{"+x+"}", 1), "there are 1 bytes of data"},
		{file("{"+x+"}", 3), "1 bytes of data belong to no tensor"},
		{file("{}", 3), "3 bytes of data belong to no tensor"},
		{file("{"+x+`,"y":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, 3), `tensor "y": data_offsets [1, 3] overlap "x"`},
		{file("{"+x+`,"y":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}`, 4), `tensor "y": a gap of 1 bytes after "x"`},
		{file(`{"x":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}`, 2), `tensor "x", offset 63: element 1: the byte 2 is not a bool`},
		{file(`{"__metadata__":{"a":1}}`, 0), "got 1, want a string"},
		{file(`{"__metadata__":{"a":"1","a":"2"}}`, 0), `"a" is there twice`},
		{file(`{"__metadata__":[]}`, 0), "want {"},
	} {
		f, err := readBytes(c.file)
		assert.ErrorContains(t, err, c.want)
		assert.ErrorContains(t, err, "safetensors: ")
		assert.Empty(t, f)
	}
	b := file("{"+x+"}", 2)
	_, err := Read(bytes.NewReader(b), int64(len(b)), Limit{Header: 8})
	assert.ErrorContains(t, err, "more than the limit of 8")
	_, err = Read(bytes.NewReader(b), int64(len(b)), Limit{Elements: 1})
	assert.ErrorContains(t, err, "more than 1 elements")
}

func TestPaths(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "w.safetensors")
	_, err := ReadFile(path, Limit{})
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = ReadFile(dir, Limit{})
	require.ErrorContains(t, err, "not a regular file")
	w := tensor.From(tensor.Dims(2), []float64{1, 2})
	require.NoError(t, WriteFile(path, File{Arrays: []Array{{"w", w}}}))
	for _, bad := range [][]Array{{{"w", tensor.Tensor{}}}, {{"w", w}, {"w", w}}, {{metadataKey, w}}, {{"\xff", w}}} {
		require.ErrorContains(t, WriteFile(path, File{Arrays: bad}), "w.safetensors: ")
	}
	require.ErrorContains(t, WriteFile(path, File{Metadata: []Pair{{"a", ""}, {"a", ""}}}), "twice")
	require.ErrorContains(t, WriteFile(path, File{Metadata: []Pair{{"a", "\xff"}}}), "UTF-8")
	f, err := ReadFile(path, Limit{})
	require.NoError(t, err, "failed writes leave the old file")
	requireSame(t, w, f.Find("w"))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1)
	require.ErrorIs(t, Write(failing{}, File{}), errFull)
}

var errFull = errors.New("disk full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }

// FuzzRead: no input panics; what is read can be written, and is then in canonical form.
func FuzzRead(f *testing.F) {
	f.Add(file(`{"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}`, 2))
	f.Add(file(`{"__metadata__":{"a":"b"},"y":{"dtype":"BF16","shape":[1,1],"data_offsets":[2,4]},"x":{"dtype":"I16","shape":[],"data_offsets":[0,2]}}`, 4))
	f.Fuzz(func(t *testing.T, in []byte) {
		got, err := Read(bytes.NewReader(in), int64(len(in)), Limit{Elements: 1 << 20})
		if err != nil {
			return
		}
		var a, b bytes.Buffer
		require.NoError(t, Write(&a, got))
		again, err := readBytes(a.Bytes())
		require.NoError(t, err)
		require.NoError(t, Write(&b, again))
		require.Equal(t, a.Bytes(), b.Bytes())
	})
}
