package table

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"

	"github.com/retrodict/retrodict/encoding/internal/atomicfile"
)

// jsonFormat writes an object a line, its keys in the order of the columns.
type jsonFormat struct {
	file *atomicfile.File
	keys [][]byte // "name":
	line []byte
	text bytes.Buffer
	enc  *json.Encoder // into text
}

func startJSON(file *atomicfile.File, columns []Column) (format, error) {
	f := &jsonFormat{file: file}
	f.enc = json.NewEncoder(&f.text)
	f.enc.SetEscapeHTML(false)
	for _, c := range columns {
		key, err := f.quote(nil, c.Name)
		if err != nil {
			return nil, err
		}
		f.keys = append(f.keys, append(key, ':'))
	}
	return f, nil
}

// quote appends s as a JSON string.
func (f *jsonFormat) quote(b []byte, s string) ([]byte, error) {
	f.text.Reset()
	err := f.enc.Encode(s)
	return append(b, bytes.TrimSuffix(f.text.Bytes(), []byte("\n"))...), err
}

func (f *jsonFormat) append(row []Cell) (err error) {
	b := append(f.line[:0], '{')
	for i := range row {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, f.keys[i]...)
		switch c := &row[i]; c.typ {
		case Int64:
			b = strconv.AppendInt(b, int64(c.bits), 10)
		case Bool:
			b = strconv.AppendBool(b, c.bits != 0)
		case String:
			if b, err = f.quote(b, c.text); err != nil {
				return err
			}
		default:
			if x := c.float(); math.IsNaN(x) || math.IsInf(x, 0) {
				b = append(b, "null"...)
			} else {
				b = strconv.AppendFloat(b, x, 'g', -1, 64)
			}
		}
	}
	f.line = append(b, '}', '\n')
	_, err = f.file.Write(f.line)
	return err
}

func (f *jsonFormat) flush() error { return nil }
func (f *jsonFormat) close() error { return nil }
