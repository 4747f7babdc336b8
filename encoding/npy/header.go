package npy

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/retrodict/retrodict/encoding/internal/raw"
	"github.com/retrodict/retrodict/tensor"
)

// magic starts every NPY file; a major and a minor version follow it.
const magic = "\x93NUMPY"

// A header is what precedes the data of an array.
type header struct {
	kind    raw.Kind
	order   binary.ByteOrder
	fortran bool
	shape   tensor.Shape
	size    int64 // bytes before the data
}

// readHeader reads the header at the start of r, and nothing after it.
func readHeader(r io.Reader, lim Limit) (header, error) {
	var pre [12]byte
	if err := readFull(r, pre[:8], "magic"); err != nil {
		return header{}, err
	}
	if string(pre[:6]) != magic {
		return header{}, fmt.Errorf("offset 0: no NPY file, it starts with %q instead of %q", pre[:6], magic)
	}
	width := 4
	switch pre[6] {
	case 1:
		width = 2
	case 2, 3:
	default:
		return header{}, fmt.Errorf("offset 6: format version %d.%d is not known, want 1, 2 or 3", pre[6], pre[7])
	}
	if err := readFull(r, pre[8:8+width], "header length"); err != nil {
		return header{}, err
	}
	n := int64(binary.LittleEndian.Uint32(pre[8:])) // the upper half is zero in version 1
	if n > int64(lim.Header) {
		return header{}, fmt.Errorf("offset 8: a header of %d bytes, more than the limit of %d", n, lim.Header)
	}
	text := make([]byte, n)
	if err := readFull(r, text, "header"); err != nil {
		return header{}, err
	}
	h, err := parseHeader(string(text), int64(8+width), lim)
	h.size = int64(8+width) + n
	return h, err
}

// readFull fills b; what names it in the error of a stream that ends too early.
func readFull(r io.Reader, b []byte, what string) error {
	n, err := io.ReadFull(r, b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s: the file ends after %d of %d bytes", what, n, len(b))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

// parseHeader reads the Python dictionary that describes an array. base is the offset of text in the file.
func parseHeader(text string, base int64, lim Limit) (header, error) {
	p := parser{text: text, base: base}
	var h header
	var seen [3]bool
	p.want('{')
	for !p.is('}') {
		key := p.quoted("a key")
		p.want(':')
		i := -1
		switch key {
		case "descr":
			i = 0
			h.kind, h.order = p.descr()
		case "fortran_order":
			i = 1
			h.fortran = p.boolean()
		case "shape":
			i = 2
			h.shape = p.shape(lim)
		}
		if p.err == nil && i < 0 {
			p.failf("unknown key %q", key)
		} else if p.err == nil && seen[i] {
			p.failf("key %q twice", key)
		}
		if p.err != nil {
			return h, p.err
		}
		seen[i] = true
		if !p.is('}') {
			p.want(',')
		}
	}
	p.want('}')
	if p.space(); p.err == nil && p.at < len(text) {
		p.failf("unexpected %q after the dictionary", text[p.at])
	}
	for i, key := range [...]string{"descr", "fortran_order", "shape"} {
		if p.err == nil && !seen[i] {
			p.failf("no key %q", key)
		}
	}
	return h, p.err
}

// formatHeader returns the version 1 header of an array of such elements and shape, padded with spaces to a multiple of
// 64 bytes and to at least size bytes. rows replaces the first dimension if it is not negative: it may exceed an int32.
func formatHeader(t tensor.Type, s tensor.Shape, rows int64, size int) []byte {
	var descr string
	switch t {
	case tensor.Float64:
		descr = "<f8"
	case tensor.Float32:
		descr = "<f4"
	case tensor.Int64:
		descr = "<i8"
	case tensor.Bool:
		descr = "|b1"
	}
	b := append([]byte(magic), 1, 0, 0, 0)
	b = append(b, "{'descr': '"+descr+"', 'fortran_order': False, 'shape': ("...)
	for i, d := range s.Slice() {
		n := int64(d)
		if i == 0 && rows >= 0 {
			n = rows
		}
		if i > 0 {
			b = append(b, ' ')
		}
		b = append(strconv.AppendInt(b, n, 10), ',')
	}
	if s.Rank() > 1 {
		b = b[:len(b)-1] // only a tuple of one keeps its comma
	}
	b = append(b, "), }"...)
	for len(b)+1 < size || (len(b)+1)%64 != 0 {
		b = append(b, ' ')
	}
	b = append(b, '\n')
	binary.LittleEndian.PutUint16(b[8:], uint16(len(b)-10))
	return b
}
