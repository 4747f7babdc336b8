package safetensors

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/retrodict/retrodict/encoding/internal/atomicfile"
	"github.com/retrodict/retrodict/encoding/internal/raw"
)

// Write writes f. Names and keys must be unique and valid UTF-8, and no name may be "__metadata__". f is not modified.
func Write(w io.Writer, f File) error {
	if err := write(w, f); err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	return nil
}

// WriteFile creates or replaces the file at path, whole or not at all: the bytes go to a temporary file in the same
// directory, which is synced and renamed.
func WriteFile(path string, f File) error {
	if err := atomicfile.Write(path, func(w io.Writer) error { return write(w, f) }); err != nil {
		return fmt.Errorf("safetensors: %s: %w", path, pathless(err))
	}
	return nil
}

func write(w io.Writer, f File) error {
	arrays := slices.Clone(f.Arrays)
	slices.SortStableFunc(arrays, func(a, b Array) int { return cmp.Compare(a.Name, b.Name) })
	if err := check(arrays, f.Metadata); err != nil {
		return err
	}
	laid := slices.Clone(arrays)
	slices.SortStableFunc(laid, func(a, b Array) int { return cmp.Compare(b.Tensor.Type().Size(), a.Tensor.Type().Size()) })
	if _, err := w.Write(formatHeader(arrays, laid, f.Metadata)); err != nil {
		return err
	}
	for _, a := range laid {
		if err := raw.Write(w, a.Tensor); err != nil {
			return fmt.Errorf("tensor %q: %w", a.Name, err)
		}
	}
	return nil
}

// check makes sure that the arrays, which are sorted by name, and the metadata can be written and read back.
func check(arrays []Array, metadata []Pair) error {
	for i, a := range arrays {
		switch {
		case a.Name == metadataKey:
			return fmt.Errorf("a tensor cannot be called %q", a.Name)
		case !utf8.ValidString(a.Name):
			return fmt.Errorf("tensor %q: the name is not valid UTF-8", a.Name)
		case i > 0 && arrays[i-1].Name == a.Name:
			return fmt.Errorf("tensor %q: the name is there twice", a.Name)
		case !a.Tensor.Wanted():
			return fmt.Errorf("tensor %q has no storage", a.Name)
		}
	}
	for i, p := range metadata {
		if !utf8.ValidString(p.Key) || !utf8.ValidString(p.Value) {
			return fmt.Errorf("metadata %q: not valid UTF-8", p.Key)
		}
		if slices.ContainsFunc(metadata[:i], func(q Pair) bool { return q.Key == p.Key }) {
			return fmt.Errorf("metadata %q is there twice", p.Key)
		}
	}
	return nil
}

// formatHeader returns the length and the header: entries in the order of arrays, offsets in that of laid.
func formatHeader(arrays, laid []Array, metadata []Pair) []byte {
	begin := make(map[string]int64, len(laid))
	at := int64(0)
	for _, a := range laid {
		begin[a.Name] = at
		at += size(a)
	}
	b := append(make([]byte, 8), '{')
	if len(metadata) > 0 {
		b = append(b, `"`+metadataKey+`":{`...)
		for i, p := range metadata {
			b = comma(b, i)
			b = append(appendString(b, p.Key), ':')
			b = appendString(b, p.Value)
		}
		b = append(b, '}')
	}
	for i, a := range arrays {
		b = comma(b, i+min(len(metadata), 1))
		b = append(appendString(b, a.Name), `:{"dtype":"`+dtype(a.Tensor.Type())+`","shape":[`...)
		for j, d := range a.Tensor.Shape().Slice() {
			b = strconv.AppendInt(comma(b, j), int64(d), 10)
		}
		b = append(b, `],"data_offsets":[`...)
		b = append(strconv.AppendInt(b, begin[a.Name], 10), ',')
		b = append(strconv.AppendInt(b, begin[a.Name]+size(a), 10), "]}"...)
	}
	b = append(b, '}')
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	binary.LittleEndian.PutUint64(b, uint64(len(b)-8))
	return b
}

func size(a Array) int64 { return int64(a.Tensor.Len()) * int64(a.Tensor.Type().Size()) }

// comma appends a comma before every element but the first.
func comma(b []byte, i int) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return b
}

// appendString appends s, valid UTF-8, as a JSON string.
func appendString(b []byte, s string) []byte {
	q, err := json.Marshal(s)
	if err != nil {
		panic("safetensors: a string cannot be marshalled")
	}
	return append(b, q...)
}
