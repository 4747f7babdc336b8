package safetensors

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/retrodict/retrodict/encoding/internal/raw"
)

// Read reads a file of size bytes.
func Read(r io.ReaderAt, size int64, lim Limit) (File, error) {
	f, err := read(r, size, lim.filled())
	if err != nil {
		return File{}, fmt.Errorf("safetensors: %w", err)
	}
	return f, nil
}

// ReadFile reads the file at path.
func ReadFile(path string, lim Limit) (File, error) {
	f, err := readFile(path, lim.filled())
	if err != nil {
		return File{}, fmt.Errorf("safetensors: %s: %w", path, pathless(err))
	}
	return f, nil
}

func readFile(path string, lim Limit) (File, error) {
	f, err := os.Open(path)
	if err != nil {
		return File{}, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return File{}, err
	}
	if !info.Mode().IsRegular() {
		return File{}, fmt.Errorf("not a regular file")
	}
	return read(f, info.Size(), lim)
}

// pathless removes from err the path that the caller adds anyway.
func pathless(err error) error {
	if e, ok := err.(*os.PathError); ok {
		return e.Err
	}
	return err
}

func read(r io.ReaderAt, size int64, lim Limit) (File, error) {
	var prefix [8]byte
	if size < 8 {
		return File{}, fmt.Errorf("%d bytes are too few for a file", size)
	}
	if _, err := r.ReadAt(prefix[:], 0); err != nil {
		return File{}, fmt.Errorf("offset 0: %w", err)
	}
	n := binary.LittleEndian.Uint64(prefix[:])
	if n > uint64(size-8) {
		return File{}, fmt.Errorf("offset 0: the header claims %d bytes, the file has %d", n, size)
	}
	if n > uint64(lim.Header) {
		return File{}, fmt.Errorf("offset 0: a header of %d bytes, more than the limit of %d", n, lim.Header)
	}
	text := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(r, 8, int64(n)), text); err != nil {
		return File{}, fmt.Errorf("header: %w", err)
	}
	h, err := parseHeader(text, lim)
	if err != nil {
		return File{}, err
	}
	data := 8 + int64(n)
	if err := checkLayout(h.entries, size-data); err != nil {
		return File{}, err
	}
	return readData(io.NewSectionReader(r, data, size-data), h, data)
}

// checkLayout sorts the entries by offset and makes sure that they fill size bytes, each byte once.
func checkLayout(entries []entry, size int64) error {
	slices.SortStableFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at, before := int64(0), "the start of the data"
	for _, e := range entries {
		switch {
		case e.end > size:
			return fmt.Errorf("tensor %q: data_offsets [%d, %d], but there are %d bytes of data", e.name, e.begin, e.end, size)
		case e.begin < at:
			return fmt.Errorf("tensor %q: data_offsets [%d, %d] overlap %s, which ends at %d", e.name, e.begin, e.end, before, at)
		case e.begin > at:
			return fmt.Errorf("tensor %q: a gap of %d bytes after %s", e.name, e.begin-at, before)
		}
		at, before = e.end, fmt.Sprintf("%q", e.name)
	}
	if at < size {
		return fmt.Errorf("%d bytes of data belong to no tensor", size-at)
	}
	return nil
}

// readData reads the tensors of h, whose layout has been checked, from the data, which begin at byte base of the file.
func readData(r io.Reader, h header, base int64) (File, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	f := File{Metadata: h.metadata, Arrays: make([]Array, len(h.entries))}
	for i, e := range h.entries {
		t, err := raw.Read(b, e.shape, e.kind, binary.LittleEndian, true)
		if err != nil {
			return File{}, fmt.Errorf("tensor %q, offset %d: %w", e.name, base+e.begin, err)
		}
		f.Arrays[i] = Array{e.name, t}
	}
	slices.SortFunc(f.Arrays, func(a, b Array) int { return cmp.Compare(a.Name, b.Name) })
	return f, nil
}
