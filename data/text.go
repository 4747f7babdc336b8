package data

import (
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"github.com/retrodict/retrodict/tensor"
)

// Windows says how a text is cut into rows.
type Windows struct {
	Length int // characters of a row; 0 means 32
	Stride int // characters from the start of a row to that of the next; 0 means Length
}

// Text returns the set for a character language model: a row of X, Int64 [N, Length], is a window of the text, and the
// row of Y is the same window one character later. Classes is the alphabet, the text's characters (Unicode code points)
// in ascending order. Windows overlap if Stride is below Length; rows that are then held out have been seen in part.
// What is left at the end is dropped.
func Text(name, text string, w Windows) (*Set, error) {
	if w.Length == 0 {
		w.Length = 32
	}
	if w.Stride == 0 {
		w.Stride = w.Length
	}
	s := &Set{Name: name}
	if w.Length < 1 || w.Stride < 1 {
		return nil, s.errorf("windows of %d characters every %d: want at least 1", w.Length, w.Stride)
	}
	if err := checkUTF8(text); err != nil {
		return nil, fmt.Errorf("data: %s:%w", name, err)
	}
	runes := []rune(text)
	if len(runes) <= w.Length {
		return nil, s.errorf("%d characters are too few for windows of %d and the next", len(runes), w.Length)
	}
	n := 1 + (len(runes)-1-w.Length)/w.Stride
	if int64(n) > defaultElements/int64(w.Length) {
		return nil, s.errorf("%d windows of %d characters are too many", n, w.Length)
	}
	codes := encodeText(s, runes)
	s.X = tensor.New(tensor.Int64, tensor.Dims(n, w.Length))
	s.Y = tensor.New(tensor.Int64, tensor.Dims(n, w.Length))
	x, y := s.X.Int64s(), s.Y.Int64s()
	for i := range n {
		at := i * w.Stride
		copy(x[i*w.Length:(i+1)*w.Length], codes[at:])
		copy(y[i*w.Length:(i+1)*w.Length], codes[at+1:])
	}
	return s, nil
}

// encodeText sets the alphabet of s and returns the index into it of every character.
func encodeText(s *Set, runes []rune) []int64 {
	alphabet := slices.Clone(runes)
	slices.Sort(alphabet)
	alphabet = slices.Compact(alphabet)
	index := make(map[rune]int64, len(alphabet))
	for i, r := range alphabet {
		index[r] = int64(i)
		s.Classes = append(s.Classes, string(r))
	}
	codes := make([]int64, len(runes))
	for i, r := range runes {
		codes[i] = index[r]
	}
	return codes
}

// checkUTF8 returns an error with the line and column of the first byte that is not UTF-8.
func checkUTF8(text string) error {
	line, start := 1, 0
	for i, r := range text {
		if r == '\n' {
			line, start = line+1, i+1
		}
		if r == utf8.RuneError {
			if _, n := utf8.DecodeRuneInString(text[i:]); n == 1 {
				return position{line, i - start + 1, fmt.Errorf("the byte %#02x is not UTF-8", text[i])}
			}
		}
	}
	return nil
}

// LoadText reads the text file at path, UTF-8, plain or gzip.
func LoadText(path string, w Windows, lim Limit) (*Set, error) {
	lim = lim.filled()
	var text []byte
	err := withFile(path, func(r io.Reader) (err error) {
		text, err = io.ReadAll(io.LimitReader(r, lim.Bytes+1))
		if err == nil && int64(len(text)) > lim.Bytes {
			err = fmt.Errorf("more than %d bytes", lim.Bytes)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return Text(path, string(text), w)
}
