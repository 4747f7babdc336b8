package npy

import (
	"archive/zip"
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/encoding/internal/atomicfile"
)

// deflateRatio bounds how far deflate can expand its input: 258 bytes cost at least two bits.
const deflateRatio = 1032

// ReadArchive reads the arrays of an NPZ archive of size bytes in their order, all of them or, if names are given, those
// alone; a name that is not there is an error. Stored and deflated entries are read and their checksums checked.
func ReadArchive(r io.ReaderAt, size int64, lim Limit, names ...string) ([]Array, error) {
	a, err := readArchive(r, size, lim.filled(), names)
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	return a, nil
}

// ReadArchiveFile is ReadArchive of the file at path.
func ReadArchiveFile(path string, lim Limit, names ...string) ([]Array, error) {
	f, size, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("npy: %s: %w", path, err)
	}
	defer func() { _ = f.Close() }()
	a, err := readArchive(f, size, lim.filled(), names)
	if err != nil {
		return nil, fmt.Errorf("npy: %s: %w", path, err)
	}
	return a, nil
}

func readArchive(r io.ReaderAt, size int64, lim Limit, names []string) ([]Array, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, err
	}
	if len(z.File) > lim.Arrays {
		return nil, fmt.Errorf("%d arrays, more than the limit of %d", len(z.File), lim.Arrays)
	}
	seen := make(map[string]bool, len(z.File))
	var arrays []Array
	for _, f := range z.File {
		name, ok := strings.CutSuffix(f.Name, ".npy")
		if !ok {
			return nil, fmt.Errorf("entry %q: not an NPY array, its name does not end in .npy", f.Name)
		}
		if seen[name] {
			return nil, fmt.Errorf("array %q: its name is there twice", name)
		}
		seen[name] = true
		if len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		a, err := readEntry(f, size, lim)
		if err != nil {
			return nil, fmt.Errorf("array %q: %w", name, err)
		}
		a.Name = name
		lim.Elements -= int64(a.Tensor.Len())
		arrays = append(arrays, a)
	}
	for _, name := range names {
		if !seen[name] {
			return nil, fmt.Errorf("no array %q, there are: %s", name, entries(z.File))
		}
	}
	return arrays, nil
}

// entries lists the first names of an archive for an error.
func entries(files []*zip.File) string {
	var b strings.Builder
	for i, f := range files[:min(len(files), 10)] {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(strings.TrimSuffix(f.Name, ".npy"))
	}
	if len(files) > 10 {
		b.WriteString(", …")
	}
	return b.String()
}

// readEntry reads one array of an archive of size bytes. Its directory's claims bound nothing until they are checked
// against the size of the archive.
func readEntry(f *zip.File, size int64, lim Limit) (Array, error) {
	there, claim := f.CompressedSize64, f.UncompressedSize64
	if there > uint64(size) {
		return Array{}, fmt.Errorf("%d compressed bytes, the archive has %d", there, size)
	}
	if f.Method == zip.Deflate {
		there = there*deflateRatio + 64
	}
	if claim > there {
		return Array{}, fmt.Errorf("%d bytes claimed, %d compressed bytes cannot hold them", claim, f.CompressedSize64)
	}
	rc, err := f.Open()
	if err != nil {
		return Array{}, err
	}
	defer func() { _ = rc.Close() }()
	b := bufio.NewReaderSize(rc, 1<<16)
	// Deflated data can still claim a thousand times what is there: they are taken as they arrive.
	bound := int64(unknown)
	if f.Method == zip.Store {
		bound = int64(claim)
	}
	t, end, err := read(b, bound, lim)
	if err != nil {
		return Array{}, err
	}
	switch _, err = b.ReadByte(); err { // the end, at which the checksum is checked
	case io.EOF:
		return Array{Tensor: t}, nil
	case nil:
		return Array{}, fmt.Errorf("offset %d: bytes after the data", end)
	}
	return Array{}, fmt.Errorf("offset %d: %w", end, err)
}

// WriteArchive writes the arrays in their order as an NPZ archive, deflated if compress is set, otherwise stored. Names
// must be unique and neither empty nor a path that leaves the archive. There are no times in it: the same arrays give
// the same bytes.
func WriteArchive(w io.Writer, arrays []Array, compress bool) error {
	if err := writeArchive(w, arrays, compress); err != nil {
		return fmt.Errorf("npy: %w", err)
	}
	return nil
}

// WriteArchiveFile creates or replaces the NPZ file at path, whole or not at all.
func WriteArchiveFile(path string, arrays []Array, compress bool) error {
	err := atomicfile.Write(path, func(w io.Writer) error { return writeArchive(w, arrays, compress) })
	if err != nil {
		return fmt.Errorf("npy: %s: %w", path, pathless(err))
	}
	return nil
}

func writeArchive(w io.Writer, arrays []Array, compress bool) error {
	z := zip.NewWriter(w)
	seen := make(map[string]bool, len(arrays))
	method := zip.Store
	if compress {
		method = zip.Deflate
	}
	for _, a := range arrays {
		if err := checkName(a.Name, seen); err != nil {
			return fmt.Errorf("array %q: %w", a.Name, err)
		}
		e, err := z.CreateHeader(&zip.FileHeader{Name: a.Name + ".npy", Method: method})
		if err == nil {
			err = write(e, a.Tensor)
		}
		if err != nil {
			return fmt.Errorf("array %q: %w", a.Name, err)
		}
	}
	return z.Close()
}

// checkName refuses a name that a reader could not give back, or that a program that unpacks archives would trip over.
func checkName(name string, seen map[string]bool) error {
	switch {
	case name == "":
		return fmt.Errorf("the name is empty")
	case strings.ContainsAny(name, "\\\x00") || slices.Contains(strings.Split(name, "/"), ".."):
		return fmt.Errorf("the name is not a path inside an archive")
	case len(name) > 1<<15:
		return fmt.Errorf("the name has %d bytes", len(name))
	case seen[name]:
		return fmt.Errorf("the name is there twice")
	}
	seen[name] = true
	return nil
}
