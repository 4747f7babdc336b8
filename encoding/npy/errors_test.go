package npy

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// file returns a version 1 file with that header text and those data.
func file(header string, data ...byte) []byte {
	b := append([]byte(magic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(header)))
	return append(append(b, header...), data...)
}

func TestBadFiles(t *testing.T) {
	const good = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }\n"
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "magic: the file ends after 0 of 8 bytes"},
		{"magic", []byte("PK\x03\x04 no array"), "offset 0: no NPY file"},
		{"version", []byte(magic + "\x09\x00\x00\x00"), "offset 6: format version 9.0"},
		{"huge header", []byte(magic + "\x02\x00\xff\xff\xff\xff"), "offset 8: a header of 4294967295 bytes"},
		{"short header", []byte(magic + "\x01\x00\x80\x00{"), "header: the file ends after 1 of 128"},
		{"no dictionary", file("[]"), `header, offset 10: got '[', want '{'`},
		{"unknown key", file("{'a': 1}"), `unknown key "a"`},
		{"missing key", file("{'descr': '<f8'}"), `no key "fortran_order"`},
		{"twice", file("{'descr': '<f8', 'descr': '<f8'}"), `key "descr" twice`},
		{"object", file("{'descr': '|O', 'fortran_order': False, 'shape': (2,)}"), `offset 20: descr "|O" cannot be read`},
		{"no order", file("{'descr': '|f8', 'fortran_order': False, 'shape': (2,)}"), `descr "|f8" cannot be read`},
		{"structured", file("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}"), "structured arrays"},
		{"boolean", file("{'descr': '<f8', 'fortran_order': 0, 'shape': (2,)}"), `fortran_order is "0"`},
		{"negative", file("{'descr': '<f8', 'fortran_order': False, 'shape': (-2,)}"), `dimension 0 is "-2"`},
		{"rank", file("{'descr': '<f8', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1)}"), "rank above 6"},
		{"overflow", file("{'descr': '<f8', 'fortran_order': False, 'shape': (65536,65536,65536,65536)}"), "more than"},
		{"dimension", file("{'descr': '<f8', 'fortran_order': False, 'shape': (0,9999999999)}"), "dimension 1 is 9999999999"},
		{"garbage", file(good + "x"), `unexpected 'x'`},
		{"unclosed", file("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)"), "it ends where"},
		{"quote", file("{'descr"), "without a closing quote"},
		{"short data", file(good, 1), "data end after 1 of 2 bytes"},
		{"not a bool", file("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", 1, 7), "element 1: the byte 7"},
		{"u8", file("{'descr': '<u8', 'fortran_order': False, 'shape': (), }", 0, 0, 0, 0, 0, 0, 0, 0x80), "does not fit an int64"},
	} {
		_, err := Read(bytes.NewReader(c.file), Limit{})
		assert.ErrorContains(t, err, c.want, c.name)
		assert.ErrorContains(t, err, "npy: ", c.name)
	}
	_, err := Read(bytes.NewReader(file(good, 1, 2)), Limit{Elements: 1})
	assert.ErrorContains(t, err, "more than 1 elements")
}

func TestBadPaths(t *testing.T) {
	dir := t.TempDir()
	_, err := ReadFile(filepath.Join(dir, "none.npy"), Limit{})
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = ReadFile(dir, Limit{})
	assert.ErrorContains(t, err, "regular")
	path := filepath.Join(dir, "a.npy")
	const claim = "{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000,)}"
	require.NoError(t, os.WriteFile(path, file(claim, 1, 2, 3), 0o600))
	_, err = ReadFile(path, Limit{})
	assert.ErrorContains(t, err, "a.npy: shape [1000000000] of 8 bytes an element claims 8000000000 bytes, there are 3")
	require.NoError(t, os.WriteFile(path, file("{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}", 1, 2, 3), 0o600))
	_, err = ReadFile(path, Limit{})
	assert.ErrorContains(t, err, "offset 67: 1 bytes after the data")

	require.NoError(t, WriteFile(path, ramp("vector")))
	require.Error(t, WriteFile(path, tensor.Tensor{}))
	got, err := ReadFile(path, Limit{})
	require.NoError(t, err, "a failed write leaves the old file")
	requireSame(t, ramp("vector"), got)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 1, "and no temporary file")
}

// A stream that claims gigabytes and holds nothing costs next to no memory.
func TestClaimCostsNothing(t *testing.T) {
	b := file("{'descr': '<f8', 'fortran_order': True, 'shape': (32768, 32767)}", make([]byte, 100)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Read(bytes.NewReader(b), Limit{})
	runtime.ReadMemStats(&after)
	assert.ErrorContains(t, err, "data end after 100 of")
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func archive(t testing.TB, entries ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		w, err := z.Create(entries[i])
		require.NoError(t, err)
		_, err = w.Write([]byte(entries[i+1]))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return b.Bytes()
}

func TestBadArchives(t *testing.T) {
	const two = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,)}"
	ok := string(file(two, 1, 2))
	for _, c := range []struct {
		file  []byte
		lim   Limit
		names []string
		want  string
	}{
		{[]byte("no zip"), Limit{}, nil, "zip: not a valid zip file"},
		{archive(t, "a.txt", "x"), Limit{}, nil, `entry "a.txt": not an NPY array`},
		{archive(t, "a.npy", ok, "a.npy", ok), Limit{}, nil, `array "a": its name is there twice`},
		{archive(t, "a.npy", ok), Limit{}, []string{"b"}, `no array "b", there are: a`},
		{archive(t, "a.npy", ok+"x"), Limit{}, nil, `array "a": offset 67: bytes after the data`},
		{archive(t, "a.npy", string(file(two, 1))), Limit{}, nil, `array "a": data from offset 65: data end after 1 of 2`},
		{archive(t, "a.npy", ok, "b.npy", ok), Limit{Elements: 3}, nil, `array "b": header, offset 59: shape`},
		{archive(t, "a.npy", ok, "b.npy", ok), Limit{Arrays: 1}, nil, "2 arrays, more than the limit of 1"},
	} {
		_, err := ReadArchive(bytes.NewReader(c.file), int64(len(c.file)), c.lim, c.names...)
		assert.ErrorContains(t, err, c.want)
	}
	whole := archive(t, "b.npy", "broken", "a.npy", ok)
	a, err := ReadArchive(bytes.NewReader(whole), int64(len(whole)), Limit{}, "a")
	require.NoError(t, err, "only what is asked for is read")
	require.Len(t, a, 1)
}

// Any flipped byte of the stored data is found by the checksum.
func TestChecksum(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteArchive(&b, []Array{{"x", ramp("f8-le")}}, false))
	i := bytes.IndexByte(b.Bytes(), '\n') + 3
	b.Bytes()[i] ^= 1
	_, err := ReadArchive(bytes.NewReader(b.Bytes()), int64(b.Len()), Limit{})
	assert.ErrorIs(t, err, zip.ErrChecksum)
}

func TestBadNames(t *testing.T) {
	x := ramp("vector")
	for _, names := range [][]string{{""}, {"a", "a"}, {"../a"}, {"/../a"}, {`a\b`}} {
		var arrays []Array
		for _, n := range names {
			arrays = append(arrays, Array{n, x})
		}
		assert.ErrorContains(t, WriteArchive(&bytes.Buffer{}, arrays, false), "npy: array", "%q", names)
	}
	assert.ErrorContains(t, WriteArchive(&bytes.Buffer{}, []Array{{Name: "a"}}, false), "without storage")
	assert.ErrorIs(t, Write(failing{}, x), errFull)
}

var errFull = errors.New("disk full")

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errFull }
