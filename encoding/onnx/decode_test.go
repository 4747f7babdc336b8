package onnx

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"pgregory.net/rapid"
)

// dataDir is where Debian's libonnx-testdata puts the conformance cases of ONNX.
const dataDir = "/usr/share/libonnx-testdata/data"

// needData skips a test with instructions if the conformance cases are not installed.
func needData(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(dataDir); err != nil {
		t.Skipf("SKIPPED: %s is missing: apt-get install libonnx-testdata", dataDir)
	}
}

// Every model of ONNX's own test suite decodes, and every tensor, except what cannot be held: ranks above 6, complex
// numbers, unsigned numbers above 2⁶³, sequences and optionals
// (which are other messages, so that their fields mean something else).
func TestDecodeSuite(t *testing.T) {
	needData(t)
	models, err := filepath.Glob(dataDir + "/*/*/model.onnx")
	require.NoError(t, err)
	refused := map[string]int{}
	for _, name := range models {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		m, err := Decode(b)
		if err != nil {
			require.ErrorContains(t, err, "sparse", name)
			continue
		}
		require.NotEmpty(t, m.Opsets, name)
		if _, err := Decode(Encode(m)); err != nil {
			t.Errorf("%s: encoded: %v", name, err)
		}
	}
	tensors, err := filepath.Glob(dataDir + "/*/*/*/*.pb")
	require.NoError(t, err)
	ok := 0
	for _, name := range tensors {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		if x, err := DecodeTensor(b); err != nil {
			refused[reason(err)]++
		} else {
			ok++
			y, err := DecodeTensor(EncodeTensor(x))
			require.NoError(t, err, name)
			if x.Value.Wanted() {
				require.Zero(t, tensor.Differing(x.Value, y.Value), name)
			}
		}
	}
	t.Logf("%d models, %d tensors decoded, refused: %v", len(models), ok, refused)
	for why, n := range refused {
		assert.NotEqual(t, "other", why, n)
	}
}

func reason(err error) string {
	for _, s := range []string{"rank", "complex", "unsigned", "no element type", "malformed", "wire type", "segments", "more than"} {
		if strings.Contains(err.Error(), s) {
			return s
		}
	}
	return "other"
}

// rawTensor is a TensorProto of the given dimensions and type with the given bytes of raw data.
func rawTensor(typ DataType, raw []byte, dims ...int64) []byte {
	var e encoder
	for _, d := range dims {
		e.int(1, d)
	}
	e.int(2, int64(typ))
	e.must(9, string(raw))
	return e.b
}

// Raw and typed data of every type give the same tensor, with packed and unpacked numbers.
func TestTensorForms(t *testing.T) {
	typed := func(typ DataType, num protowire.Number, write func(b []byte, packed bool) []byte, packed bool) []byte {
		var e encoder
		e.int(1, 2)
		e.int(2, int64(typ))
		if packed {
			e.must(num, string(write(nil, true)))
		} else {
			e.b = write(e.b, false)
		}
		return e.b
	}
	varint := func(num protowire.Number, xs ...int64) func([]byte, bool) []byte {
		return func(b []byte, packed bool) []byte {
			for _, x := range xs {
				if !packed {
					b = protowire.AppendTag(b, num, protowire.VarintType)
				}
				b = protowire.AppendVarint(b, uint64(x))
			}
			return b
		}
	}
	for _, c := range []struct {
		typ    DataType
		num    protowire.Number
		values [2]int64 // as they stand in the typed field
		raw    []byte
		want   [2]float64
	}{
		{Int8, 5, [2]int64{-3, 7}, []byte{0xfd, 7}, [2]float64{-3, 7}},
		{Uint8, 5, [2]int64{253, 7}, []byte{0xfd, 7}, [2]float64{253, 7}},
		{Int16, 5, [2]int64{-3, 7}, []byte{0xfd, 0xff, 7, 0}, [2]float64{-3, 7}},
		{Uint16, 5, [2]int64{65533, 7}, []byte{0xfd, 0xff, 7, 0}, [2]float64{65533, 7}},
		{Int32, 5, [2]int64{-3, 7}, []byte{0xfd, 0xff, 0xff, 0xff, 7, 0, 0, 0}, [2]float64{-3, 7}},
		{Uint32, 11, [2]int64{4294967293, 7}, []byte{0xfd, 0xff, 0xff, 0xff, 7, 0, 0, 0}, [2]float64{4294967293, 7}},
		{Bool, 5, [2]int64{1, 0}, []byte{1, 0}, [2]float64{1, 0}},
		{Float16, 5, [2]int64{0x3c00, 0x8001}, []byte{0, 0x3c, 1, 0x80}, [2]float64{1, -math.Ldexp(1, -24)}},
		{BFloat16, 5, [2]int64{0x3f80, 0xc000}, []byte{0x80, 0x3f, 0, 0xc0}, [2]float64{1, -2}},
		{Int64, 7, [2]int64{-3, 7}, []byte{0xfd, 255, 255, 255, 255, 255, 255, 255, 7, 0, 0, 0, 0, 0, 0, 0}, [2]float64{-3, 7}},
	} {
		for _, b := range [][]byte{
			rawTensor(c.typ, c.raw, 2),
			typed(c.typ, c.num, varint(c.num, c.values[:]...), true),
			typed(c.typ, c.num, varint(c.num, c.values[:]...), false),
		} {
			x, err := DecodeTensor(b)
			require.NoError(t, err, c.typ)
			assert.Equal(t, c.want, [2]float64{x.Value.Float(0), x.Value.Float(1)}, c.typ)
			assert.Equal(t, c.typ.Storage(), x.Value.Type())
		}
	}
}

// Every binary16 bit pattern is read as the number that IEEE 754 says.
func TestHalf(t *testing.T) {
	for h := range 1 << 16 {
		exp, frac := h>>10&31, float64(h&1023)
		want := math.Ldexp(1+frac/1024, exp-15)
		if exp == 0 {
			want = math.Ldexp(frac, -24)
		} else if exp == 31 {
			want = math.Inf(1)
			if frac != 0 {
				want = math.NaN()
			}
		}
		if h>>15 == 1 {
			want = -want
		}
		got := float64(half(uint16(h)))
		if got != want && !(math.IsNaN(got) && math.IsNaN(want)) || math.Signbit(got) != math.Signbit(want) && frac == 0 {
			t.Fatalf("half %#04x is %v, want %v", h, got, want)
		}
	}
}

// A file cannot make the decoder panic, allocate much more than its own length, or accept what is inconsistent.
func TestHostile(t *testing.T) {
	deep := []byte{}
	for range 200 { // graph in attribute in node in graph …
		var g encoder
		g.message(1, func(e *encoder) {
			e.message(5, func(e *encoder) { e.message(6, func(e *encoder) { e.b = append(e.b, deep...) }) })
		})
		deep = g.b
	}
	var nested encoder
	nested.must(7, string(deep))
	_, err := Decode(nested.b)
	require.ErrorContains(t, err, "nested deeper")

	for _, c := range []struct {
		name, want string
		b          []byte
	}{
		{"huge", "more than", rawTensor(Float, nil, math.MaxInt32, math.MaxInt32)},
		{"huge without data", "0 bytes", rawTensor(Float, nil, 1<<30)},
		{"overflowing", "outside", rawTensor(Float, nil, math.MaxInt64, math.MaxInt64)},
		{"negative", "outside", rawTensor(Float, make([]byte, 4), -1)},
		{"short", "5 bytes", rawTensor(Float, make([]byte, 5), 1)},
		{"rank", "rank 7", rawTensor(Float, make([]byte, 4), 1, 1, 1, 1, 1, 1, 1)},
		{"unknown type", "type99", rawTensor(99, nil, 0)},
		{"no type", "no element type", nil},
		{"unsigned", "unsigned", rawTensor(Uint64, bytes.Repeat([]byte{255}, 8), 1)},
		{"truncated", "truncated", rawTensor(Float, make([]byte, 8), 2)[:9]},
	} {
		_, err := DecodeTensor(c.b)
		assert.ErrorContains(t, err, c.want, c.name)
	}
	_, err = Decode(nil)
	assert.ErrorContains(t, err, "no graph")
}

// Every prefix of a model is an error or a model, never a panic.
func TestTruncated(t *testing.T) {
	b := Encode(sample())
	for n := range b {
		_, _ = Decode(b[:n])
	}
	_, err := Decode(b[:len(b)-1])
	assert.Error(t, err)
}

// sample is a model that uses every kind of attribute.
func sample() *Model {
	x := TensorOf("w", tensor.From(tensor.Dims(2, 1), []float32{1, -2}))
	return &Model{IRVersion: 8, Producer: "test", Opsets: []Opset{{"", 17}, {"custom", 1}}, Graph: &Graph{
		Name: "g", Initializers: []Tensor{x, {Name: "s", Type: String, Shape: tensor.Dims(1), Strings: []string{"a"}}},
		Inputs:  []ValueInfo{{Name: "x", Kind: "tensor", Type: Float, Known: true, Dims: []Dim{{Size: -1, Param: "n"}, {Size: 2}}}},
		Outputs: []ValueInfo{{Name: "y", Kind: "tensor", Type: Float}},
		Nodes: []Node{{Name: "n", Op: "MatMul", Inputs: []string{"x", "w", ""}, Outputs: []string{"y"}, Attributes: []Attribute{
			{Name: "f", Type: AttrFloat, Float: 0.5}, {Name: "i", Type: AttrInt, Int: -1}, {Name: "s", Type: AttrString, String: "z"},
			{Name: "t", Type: AttrTensor, Tensor: &x}, {Name: "g", Type: AttrGraph, Graph: &Graph{Name: "sub"}},
			{Name: "fs", Type: AttrFloats, Floats: []float32{1, 2}}, {Name: "is", Type: AttrInts, Ints: []int64{-1, 2}},
			{Name: "ss", Type: AttrStrings, Strings: []string{"a", ""}}, {Name: "ts", Type: AttrTensors, Tensors: []Tensor{x}},
			{Name: "gs", Type: AttrGraphs, Graphs: []*Graph{{Name: "sub"}}},
		}}},
	}}
}

// What Encode writes, Decode reads.
func TestRoundTrip(t *testing.T) {
	want := sample()
	got, err := Decode(Encode(want))
	require.NoError(t, err)
	assert.Equal(t, describe(want), describe(got))
	assert.Equal(t, int64(17), got.Opset("ai.onnx"))
	assert.Equal(t, int64(0), got.Opset("other"))
	assert.Equal(t, want.Graph.Nodes[0].Attribute("is").Ints, got.Graph.Nodes[0].Attribute("is").Ints)
}

// describe prints a model without the addresses of its tensors.
func describe(m *Model) string {
	var b strings.Builder
	fmt.Fprintln(&b, m.IRVersion, m.Producer, m.Opsets, m.Graph.Name, m.Graph.Inputs, m.Graph.Outputs, m.Graph.Values)
	show := func(t Tensor) { fmt.Fprintln(&b, t.Name, t.Type, t.Shape, t.Value.String(), t.Strings) }
	for _, t := range m.Graph.Initializers {
		show(t)
	}
	for _, n := range m.Graph.Nodes {
		fmt.Fprintln(&b, n.Name, n.Op, n.Domain, n.Inputs, n.Outputs)
		for _, a := range n.Attributes {
			fmt.Fprintln(&b, a.Name, a.Type, a.Float, a.Int, a.String, a.Floats, a.Ints, a.Strings)
			for _, t := range a.Tensors {
				show(t)
			}
		}
	}
	return b.String()
}

// Random tensors survive Encode and Decode bit by bit.
func TestRandomTensors(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dims := rapid.SliceOfN(rapid.IntRange(0, 4), 0, 4).Draw(t, "dims")
		typ := rapid.SampledFrom([]tensor.Type{tensor.Float64, tensor.Float32, tensor.Int64, tensor.Bool}).Draw(t, "type")
		x := tensor.New(typ, tensor.Dims(dims...))
		for i := range x.Len() {
			x.SetFloat(i, rapid.Float64Range(-1e9, 1e9).Draw(t, "x"))
		}
		y, err := DecodeTensor(EncodeTensor(TensorOf("x", x)))
		if err != nil || y.Value.Shape() != x.Shape() || tensor.Differing(x, y.Value) != 0 {
			t.Fatalf("%v came back as %v, %v", x, y.Value, err)
		}
	})
}

// external is a model file whose initializer w, two floats, is at the given place.
func external(entries ...string) []byte {
	var w encoder
	w.int(1, 2)
	w.int(2, int64(Float))
	w.str(8, "w")
	for i := 0; i < len(entries); i += 2 {
		w.message(13, func(e *encoder) { e.must(1, entries[i]); e.must(2, entries[i+1]) })
	}
	w.int(14, 1)
	var e encoder
	e.message(7, func(e *encoder) { e.must(5, string(w.b)) })
	return e.b
}

// External data is read from below the model's folder, and from nowhere else.
func TestExternal(t *testing.T) {
	data := append([]byte{9, 9, 9, 9}, rawTensor(Float, []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0x40})[4:]...)
	read := func(entries ...string) (*Model, error) {
		return Read(fstest.MapFS{
			"m/model.onnx": {Data: external(entries...)}, "m/d/w.bin": {Data: data}, "secret": {Data: data}, "m/dir/x": {},
		}, "m/model.onnx")
	}
	m, err := read("location", "d/w.bin", "offset", "4", "length", "8")
	require.NoError(t, err)
	assert.Equal(t, []float32{1, 2}, m.Graph.Initializers[0].Value.Float32s())

	for _, c := range [][]string{
		{"not a path", "location", "../secret"}, {"not a path", "location", "/secret"}, {"not a path"},
		{"not a path", "location", "d/../../secret"}, {"12 bytes", "location", "d/w.bin", "offset", "5"},
		{"12 bytes", "location", "d/w.bin", "offset", "-1"}, {"want 8", "location", "d/w.bin", "length", "4"},
		{"12 bytes", "location", "d/w.bin", "offset", "9223372036854775807"},
		{"invalid syntax", "location", "d/w.bin", "offset", "x"}, {"not exist", "location", "nothing"},
		{"not a regular file", "location", "dir"},
	} {
		_, err := read(c[1:]...)
		assert.ErrorContains(t, err, c[0], c)
	}
	_, err = Decode(external("location", "d/w.bin"))
	assert.ErrorContains(t, err, "another file")
}

// FuzzDecode feeds arbitrary bytes to the decoder; what decodes must survive Encode.
func FuzzDecode(f *testing.F) {
	f.Add(Encode(sample()))
	f.Add(rawTensor(Float, make([]byte, 8), 2))
	f.Add(external("location", "x"))
	for _, name := range []string{"node/test_gru_defaults", "node/test_if", "simple/test_expand_shape_model1"} {
		if b, err := os.ReadFile(filepath.Join(dataDir, name, "model.onnx")); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := Decode(b); err == nil {
			if _, err := Decode(Encode(m)); err != nil {
				t.Fatalf("encoded: %v", err)
			}
		}
		if x, err := DecodeTensor(b); err == nil {
			if _, err := DecodeTensor(EncodeTensor(x)); err != nil {
				t.Fatalf("encoded: %v", err)
			}
		}
	})
}
