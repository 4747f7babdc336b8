package data

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/retrodict/retrodict/encoding/npy"
	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// put writes a file, compressed if its name ends in .gz, and returns its path.
func put(t testing.TB, name string, b []byte) string {
	path := filepath.Join(t.TempDir(), name)
	if filepath.Ext(name) == ".gz" {
		b = zipped(t, b)
	}
	require.NoError(t, os.WriteFile(path, b, 0o600))
	return path
}

func zipped(t testing.TB, b []byte) []byte {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	_, err := w.Write(b)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return z.Bytes()
}

// idxFile returns an IDX file.
func idxFile(code byte, data []byte, dims ...uint32) []byte {
	b := []byte{0, 0, code, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, data...)
}

func TestReadIDX(t *testing.T) {
	be := binary.BigEndian
	for _, c := range []struct {
		code byte
		data []byte
		want float64
	}{
		{0x08, []byte{254}, 254}, {0x09, []byte{254}, -2}, {0x0B, []byte{0xff, 0xfe}, -2}, {0x0C, []byte{0xff, 0xff, 0xff, 0xfe}, -2},
		{0x0D, be.AppendUint32(nil, math.Float32bits(-1.5)), -1.5}, {0x0E, be.AppendUint64(nil, math.Float64bits(-1.5)), -1.5},
	} {
		for _, name := range []string{"x", "x.gz"} {
			path := put(t, name, idxFile(c.code, c.data, 1, 1))
			x, err := ReadIDX(path, tensor.Float64, Limit{})
			require.NoError(t, err)
			assert.Equal(t, c.want, x.Float(0))
			n, err := ReadIDX(path, tensor.Int64, Limit{})
			if c.code >= 0x0D {
				assert.ErrorContains(t, err, "want whole numbers")
				continue
			}
			require.NoError(t, err)
			assert.Equal(t, int64(c.want), n.Int64s()[0])
		}
	}
	_, err := ReadIDX("x", tensor.Bool, Limit{})
	assert.ErrorContains(t, err, "cannot be read as bool")
}

func TestBadIDX(t *testing.T) {
	whole := zipped(t, idxFile(8, make([]byte, 6), 2, 3))
	for _, c := range []struct {
		file []byte
		want string
	}{
		{nil, "offset 0: the file ends in its header"},
		{[]byte{0, 0, 8}, "offset 3: the file ends in its header"},
		{[]byte{0, 0, 8, 2, 0, 0}, "offset 6: the file ends in its header"},
		{[]byte{1, 0, 8, 1}, "no IDX file, it starts with 01 00 08 01"},
		{[]byte{0, 0, 7, 1}, "no IDX file"},
		{[]byte{0, 0, 8, 7}, "rank 7"},
		{idxFile(8, make([]byte, 5), 2, 3), "offset 17: the file ends, 1 bytes of 6 are missing"},
		{idxFile(8, make([]byte, 7), 2, 3), "offset 18: bytes after the data"},
		{idxFile(8, nil, 1<<31), "offset 4: dimension 0 is 2147483648"},
		{idxFile(8, nil, 1<<20, 1<<20), "more than 268435456 elements"},
		{idxFile(8, nil, 1<<20, 1<<8), "the file ends, 268435456 bytes"},
		{whole[:len(whole)-3], "unexpected EOF"},
		{[]byte{0x1f, 0x8b, 1, 2}, "offset 0: "},
	} {
		path := put(t, "x", c.file)
		_, err := ReadIDX(path, tensor.Float64, Limit{})
		assert.ErrorContains(t, err, "data: "+path+": ")
		assert.ErrorContains(t, err, c.want)
	}
	_, err := ReadIDX(filepath.Join(t.TempDir(), "none"), tensor.Float64, Limit{})
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

func TestLoadIDX(t *testing.T) {
	images := put(t, "i.gz", idxFile(8, []byte{0, 255, 51, 0, 0, 0, 102, 153}, 2, 2, 2))
	labels := put(t, "l", idxFile(8, []byte{2, 0}, 2))
	s, err := LoadIDX("x", images, labels, nil, Limit{})
	require.NoError(t, err)
	assert.Equal(t, tensor.Dims(2, 1, 2, 2), s.X.Shape())
	assert.Equal(t, []float64{0, 1, 0.2, 0, 0, 0, 0.4, 0.6}, s.X.Float64s())
	assert.Equal(t, []int64{2, 0}, s.Y.Int64s())
	assert.Equal(t, []string{"0", "1", "2"}, s.Classes)
	_, err = LoadIDX("x", images, labels, []string{"a", "b"}, Limit{})
	assert.ErrorContains(t, err, "label 2 is outside [0, 2)")
	for _, bad := range [][]byte{idxFile(8, []byte{1}, 1), idxFile(8, []byte{1, 2}, 2, 1), idxFile(9, []byte{1, 255}, 2), {0}} {
		_, err = LoadIDX("x", images, put(t, "l", bad), nil, Limit{})
		assert.ErrorContains(t, err, "data: ")
	}
	_, err = LoadIDX("x", labels, labels, nil, Limit{})
	assert.ErrorContains(t, err, "want images")
	floats := put(t, "f", idxFile(0x0D, binary.BigEndian.AppendUint32(nil, math.Float32bits(7)), 1, 1))
	s, err = LoadIDX("x", floats, put(t, "l", idxFile(0x0C, []byte{0, 0, 0, 1}, 1)), nil, Limit{})
	require.NoError(t, err)
	assert.Equal(t, []float64{7}, s.X.Float64s(), "only bytes are scaled")
}

func TestMNISTLayout(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) { require.NoError(t, os.WriteFile(filepath.Join(dir, name), b, 0o600)) }
	_, _, err := MNIST(dir)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, "train-images-idx3-ubyte")
	write("train-images-idx3-ubyte.gz", zipped(t, idxFile(8, make([]byte, 8), 2, 2, 2)))
	write("train-labels-idx1-ubyte", idxFile(8, []byte{1, 9}, 2))
	write("t10k-images.idx3-ubyte", idxFile(8, make([]byte, 4), 1, 2, 2))
	write("t10k-labels.idx1-ubyte.gz", zipped(t, idxFile(8, []byte{3}, 1)))
	train, test, err := MNIST(dir)
	require.NoError(t, err)
	assert.Equal(t, 2, train.Len())
	assert.Equal(t, 1, test.Len())
	assert.Len(t, test.Classes, 10)
	write("t10k-images.idx3-ubyte", idxFile(8, make([]byte, 9), 1, 3, 3))
	_, _, err = MNIST(dir)
	assert.ErrorContains(t, err, "those of the test")
}

// The whole set, where it is installed. FASHION_MNIST may name another directory.
func TestFashionMNIST(t *testing.T) {
	dir := os.Getenv("FASHION_MNIST")
	train, test, err := FashionMNIST(dir)
	if err != nil {
		assert.ErrorIs(t, err, fs.ErrNotExist)
		assert.ErrorContains(t, err, "apt install dataset-fashion-mnist")
		t.Skipf("needs the data set: %v", err)
	}
	assert.Equal(t, tensor.Dims(60_000, 1, 28, 28), train.X.Shape())
	assert.Equal(t, tensor.Dims(10_000, 1, 28, 28), test.X.Shape())
	for _, n := range counts(train) {
		assert.Equal(t, 6000, n)
	}
	if dir == "" {
		dir = FashionMNISTDir
	}
	for name, want := range map[string]string{
		"train-images-idx3-ubyte.gz": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
		"train-labels-idx1-ubyte.gz": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
		"t10k-images-idx3-ubyte.gz":  "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
		"t10k-labels-idx1-ubyte.gz":  "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
	} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		r, err := unzipped(bytes.NewReader(b))
		require.NoError(t, err)
		assert.Equal(t, want, hash(t, r), name)
	}
}

func TestCIFAR10(t *testing.T) {
	record := make([]byte, cifarRecord)
	record[0], record[1], record[cifarImage] = 7, 255, 51
	dir := t.TempDir()
	for _, name := range []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), append(record, record...), 0o600))
	}
	train, test, err := CIFAR10(dir)
	require.NoError(t, err)
	require.NoError(t, train.Check())
	assert.Equal(t, tensor.Dims(10, 3, 32, 32), train.X.Shape())
	assert.Equal(t, tensor.Dims(2, 3, 32, 32), test.X.Shape())
	assert.Equal(t, "horse", test.Classes[test.Y.Int64s()[1]])
	assert.Equal(t, 1.0, test.X.Float(0))
	assert.Equal(t, 0.2, test.X.Float(cifarImage-1))

	_, err = LoadCIFAR10("x", Limit{}, put(t, "a.bin.gz", append(record, 1, 2, 3)))
	assert.ErrorContains(t, err, "a.bin.gz: offset 3076: the file ends in a record, after 3 of 3073 bytes")
	record[0] = 10
	_, err = LoadCIFAR10("x", Limit{}, put(t, "a.bin", record))
	assert.ErrorContains(t, err, "offset 0: record 0: label 10 is outside [0, 10)")
	_, err = LoadCIFAR10("x", Limit{Elements: 10}, filepath.Join(dir, "test_batch.bin"))
	assert.ErrorContains(t, err, "more than 10 elements")
	_, _, err = CIFAR10(t.TempDir())
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

func TestLoadNumPy(t *testing.T) {
	dir := t.TempDir()
	x := tensor.From(tensor.Dims(2, 2), []float32{1, 2, 3, 4})
	labels := tensor.From(tensor.Dims(2, 1), []int64{3, 0})
	targets := tensor.From(tensor.Dims(2), []float64{0.5, -1})
	file := filepath.Join(dir, "a.npz")
	require.NoError(t, npy.WriteArchiveFile(file, []npy.Array{{Name: "y", Tensor: labels}, {Name: "t", Tensor: targets}, {Name: "x", Tensor: x}}, true))
	s, err := LoadNPZ(file, "", "", Limit{})
	require.NoError(t, err)
	assert.Equal(t, []float64{1, 2, 3, 4}, s.X.Float64s())
	assert.Equal(t, tensor.Dims(2), s.Y.Shape())
	assert.Len(t, s.Classes, 4)
	s, err = LoadNPZ(file, "x", "t", Limit{})
	require.NoError(t, err)
	assert.Equal(t, tensor.Dims(2, 1), s.Y.Shape())
	assert.Empty(t, s.Classes)
	_, err = LoadNPZ(file, "X", "", Limit{})
	assert.ErrorContains(t, err, `no array "X", there are: y, t, x`)
	_, err = LoadNPZ(file, "", "", Limit{Elements: 3})
	assert.ErrorContains(t, err, "more than")

	xs, ys := filepath.Join(dir, "x.npy"), filepath.Join(dir, "y.npy")
	require.NoError(t, npy.WriteFile(xs, x))
	_, err = LoadNPY(xs, ys, Limit{})
	assert.ErrorIs(t, err, fs.ErrNotExist)
	_, err = LoadNPY(ys, xs, Limit{})
	assert.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, npy.WriteFile(ys, labels))
	s, err = LoadNPY(xs, ys, Limit{})
	require.NoError(t, err)
	assert.Equal(t, []int64{3, 0}, s.Y.Int64s())
}

func TestFromTensors(t *testing.T) {
	x := tensor.New(tensor.Int64, tensor.Dims(2))
	s, err := FromTensors("a", x, tensor.From(tensor.Dims(2), []bool{true, false}))
	require.NoError(t, err)
	assert.Equal(t, tensor.Dims(2, 1), s.X.Shape())
	assert.Equal(t, []int64{1, 0}, s.Y.Int64s())
	for _, y := range []tensor.Tensor{
		{}, tensor.New(tensor.Int64, tensor.Dims()), tensor.New(tensor.Int64, tensor.Dims(3)), tensor.New(tensor.Float64, tensor.Dims(1)),
		tensor.New(tensor.Int64, tensor.Dims(2, 2, 2)), tensor.From(tensor.Dims(2), []int64{0, -1}), tensor.From(tensor.Dims(2), []int64{0, 1 << 40}),
	} {
		_, err := FromTensors("a", x, y)
		assert.ErrorContains(t, err, "data: a: ", "%v", y.Shape())
	}
}
