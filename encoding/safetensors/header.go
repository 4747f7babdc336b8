package safetensors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/retrodict/retrodict/encoding/internal/raw"
	"github.com/retrodict/retrodict/tensor"
)

// An entry is what a header says of one tensor. The offsets count from the first byte of the data.
type entry struct {
	name       string
	kind       raw.Kind
	shape      tensor.Shape
	begin, end int64
}

// A header is a parsed header.
type header struct {
	entries  []entry
	metadata []Pair
}

// A parser reads a header token by token: unlike decoding into a struct or a map, that shows duplicate names.
type parser struct {
	d   *json.Decoder
	lim Limit
}

// parseHeader parses the JSON text of a header, which begins at byte 8 of a file.
func parseHeader(text []byte, lim Limit) (header, error) {
	var h header
	if !utf8.Valid(text) {
		return h, fmt.Errorf("header: not valid UTF-8")
	}
	if len(text) == 0 || text[0] != '{' {
		return h, fmt.Errorf("header, offset 8: it does not begin with {")
	}
	p := parser{json.NewDecoder(bytes.NewReader(text)), lim}
	p.d.UseNumber()
	err := p.object(func(name string) error {
		if name == metadataKey {
			return p.object(func(key string) error {
				v, err := p.text("a string")
				h.metadata = append(h.metadata, Pair{key, v})
				return err
			})
		}
		e, err := p.entry()
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		e.name = name
		h.entries = append(h.entries, e)
		return nil
	})
	if err == nil {
		if _, e := p.d.Token(); !errors.Is(e, io.EOF) {
			err = fmt.Errorf("text after the object")
		}
	}
	if err != nil {
		return header{}, fmt.Errorf("header, offset %d: %w", 8+p.d.InputOffset(), err)
	}
	return h, nil
}

// token returns the next token.
func (p *parser) token() (json.Token, error) {
	t, err := p.d.Token()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("it ends too early")
	}
	return t, err
}

// delim reads the delimiter want.
func (p *parser) delim(want json.Delim) error {
	t, err := p.token()
	if err == nil && t != want {
		err = fmt.Errorf("got %v, want %v", t, want)
	}
	return err
}

// object reads an object and calls value with every key, in order, to read its value. Every key may come once.
func (p *parser) object(value func(key string) error) error {
	if err := p.delim('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for p.d.More() {
		key, err := p.text("a name")
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("%q is there twice", key)
		}
		seen[key] = true
		if err := value(key); err != nil {
			return err
		}
	}
	return p.delim('}')
}

// text reads a string.
func (p *parser) text(what string) (string, error) {
	t, err := p.token()
	if err != nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", fmt.Errorf("got %v, want %s", t, what)
	}
	return s, nil
}

// numbers reads an array of at most limit numbers, none negative or fractional.
func (p *parser) numbers(limit int) ([]int64, error) {
	if err := p.delim('['); err != nil {
		return nil, err
	}
	var list []int64
	for p.d.More() {
		t, err := p.token()
		if err != nil {
			return nil, err
		}
		s, ok := t.(json.Number)
		if !ok {
			return nil, fmt.Errorf("got %v, want a number", t)
		}
		n, err := strconv.ParseUint(s.String(), 10, 63)
		if err != nil {
			return nil, fmt.Errorf("%s is not a whole number in [0, %d]", s, int64(math.MaxInt64))
		}
		if list = append(list, int64(n)); len(list) > limit {
			return nil, fmt.Errorf("more than %d numbers", limit)
		}
	}
	return list, p.delim(']')
}

// entry reads what is said of one tensor.
func (p *parser) entry() (entry, error) {
	var e entry
	var name string
	var dims, offsets []int64
	keys := 0
	err := p.object(func(key string) (err error) {
		keys++
		switch key {
		case "dtype":
			name, err = p.text("the name of a dtype")
		case "shape":
			dims, err = p.numbers(tensor.MaxRank)
		case "data_offsets":
			offsets, err = p.numbers(2)
		default:
			return fmt.Errorf("unknown key %q", key)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
		return nil
	})
	if err != nil {
		return e, err
	}
	if keys != 3 || len(offsets) != 2 {
		return e, fmt.Errorf("want dtype, shape and two data_offsets")
	}
	if e.kind = kind(name); e.kind == raw.None {
		return e, fmt.Errorf("dtype %q cannot be read", name)
	}
	if e.shape, err = tensor.CheckDims(dims, p.lim.Elements); err != nil {
		return e, fmt.Errorf("shape: %s", strings.TrimPrefix(err.Error(), "tensor: "))
	}
	e.begin, e.end = offsets[0], offsets[1]
	if want := int64(e.shape.Len()) * int64(e.kind.Size()); e.end-e.begin != want {
		return e, fmt.Errorf("data_offsets [%d, %d], but %s%v has %d bytes", e.begin, e.end, name, e.shape, want)
	}
	p.lim.Elements -= int64(e.shape.Len())
	return e, nil
}
