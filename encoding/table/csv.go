package table

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/encoding/internal/atomicfile"
)

// csvFormat writes RFC 4180 with lines that end in LF. Empty strings are quoted, so that no row is an empty line.
type csvFormat struct {
	file *atomicfile.File
	line []byte
}

func startCSV(file *atomicfile.File, columns []Column) (format, error) {
	f := &csvFormat{file: file}
	names := make([]Cell, len(columns))
	for i, c := range columns {
		names[i] = Text(c.Name)
	}
	return f, f.append(names)
}

func (f *csvFormat) append(row []Cell) error {
	b := f.line[:0]
	for i := range row {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendCSV(b, &row[i])
	}
	f.line = append(b, '\n')
	_, err := f.file.Write(f.line)
	return err
}

func appendCSV(b []byte, c *Cell) []byte {
	switch c.typ {
	case Float64:
		return appendFloat(b, c.float())
	case Int64:
		return strconv.AppendInt(b, int64(c.bits), 10)
	case Bool:
		return strconv.AppendBool(b, c.bits != 0)
	}
	if c.text != "" && !strings.ContainsAny(c.text, "\",\n") && c.text[0] != ' ' && c.text != `\.` {
		return append(b, c.text...)
	}
	b = append(b, '"')
	b = append(b, strings.ReplaceAll(c.text, `"`, `""`)...)
	return append(b, '"')
}

// appendFloat appends as few digits as give x back to the bit, and always something that no whole number has.
func appendFloat(b []byte, x float64) []byte {
	switch {
	case math.IsInf(x, 1):
		return append(b, "inf"...)
	case math.IsInf(x, -1):
		return append(b, "-inf"...)
	}
	from := len(b)
	b = strconv.AppendFloat(b, x, 'g', -1, 64)
	if !bytes.ContainsAny(b[from:], ".eN") {
		b = append(b, ".0"...)
	}
	return b
}

func (f *csvFormat) flush() error { return nil }
func (f *csvFormat) close() error { return nil }
