package table

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/parquet-go/parquet-go"

	"github.com/retrodict/retrodict/encoding/internal/atomicfile"
)

// groupRows is the most rows of a group, and so of what is held in memory.
const groupRows = 1 << 16

// schema is a group whose fields have an order of their own; that of parquet.Group is alphabetical.
type schema struct {
	parquet.Group
	fields []parquet.Field
}

// Fields returns the fields in their order.
func (s schema) Fields() []parquet.Field { return s.fields }

func makeSchema(columns []Column) *parquet.Schema {
	s := schema{Group: make(parquet.Group, len(columns))}
	at := make(map[string]int, len(columns))
	for i, c := range columns {
		at[c.Name] = i
		switch c.Type {
		case Float64:
			s.Group[c.Name] = parquet.Leaf(parquet.DoubleType)
		case Int64:
			s.Group[c.Name] = parquet.Int(64)
		case Bool:
			s.Group[c.Name] = parquet.Leaf(parquet.BooleanType)
		case String:
			s.Group[c.Name] = parquet.Encoded(parquet.String(), &parquet.RLEDictionary)
		}
	}
	s.fields = make([]parquet.Field, len(columns))
	for _, f := range s.Group.Fields() {
		s.fields[at[f.Name()]] = f
	}
	return parquet.NewSchema("table", s)
}

type parquetFormat struct {
	w    *parquet.GenericWriter[any]
	rows [1]parquet.Row
	text []byte // of the strings of a row
	held int
}

func startParquet(file *atomicfile.File, columns []Column) (format, error) {
	f := &parquetFormat{w: parquet.NewGenericWriter[any](file, makeSchema(columns), parquet.Compression(&parquet.Snappy), parquet.CreatedBy("retrodict", "", ""))}
	f.rows[0] = make(parquet.Row, len(columns))
	return f, nil
}

func (f *parquetFormat) append(row []Cell) error {
	f.text = f.text[:0]
	for i := range row {
		var v parquet.Value
		switch c := &row[i]; c.typ {
		case Float64:
			v = parquet.DoubleValue(c.float())
		case Int64:
			v = parquet.Int64Value(int64(c.bits))
		case Bool:
			v = parquet.BooleanValue(c.bits != 0)
		case String:
			from := len(f.text)
			f.text = append(f.text, c.text...)
			v = parquet.ByteArrayValue(f.text[from:])
		}
		f.rows[0][i] = v.Level(0, 0, i)
	}
	if _, err := f.w.WriteRows(f.rows[:]); err != nil {
		return err
	}
	if f.held++; f.held == groupRows {
		return f.flush()
	}
	return nil
}

func (f *parquetFormat) flush() error {
	if f.held == 0 {
		return nil
	}
	f.held = 0
	return f.w.Flush()
}

func (f *parquetFormat) close() error { return f.w.Close() }

// readParquet reads a file of flat columns, required or optional.
func readParquet(path string) (t Table, err error) {
	defer func() {
		if r := recover(); r != nil { // the library panics at some damaged files
			err = fmt.Errorf("damaged: %v", r)
		}
	}()
	file, err := os.Open(path)
	if err != nil {
		return t, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return t, err
	}
	if err := checkFooter(file, info.Size()); err != nil {
		return t, err
	}
	f, err := parquet.OpenFile(file, info.Size())
	if err != nil {
		return t, err
	}
	for _, c := range f.Schema().Fields() {
		s := Series{Column: Column{Name: c.Name()}}
		if !c.Leaf() || c.Repeated() {
			return t, fmt.Errorf("column %q is not flat", c.Name())
		}
		switch c.Type().Kind() {
		case parquet.Double, parquet.Float:
			s.Type = Float64
		case parquet.Int64, parquet.Int32:
			s.Type = Int64
		case parquet.Boolean:
			s.Type = Bool
		case parquet.ByteArray:
			s.Type = String
		default:
			return t, fmt.Errorf("column %q is of type %v", c.Name(), c.Type())
		}
		t.Columns = append(t.Columns, s)
	}
	for _, g := range f.RowGroups() {
		for i, chunk := range g.ColumnChunks() {
			if err := t.Columns[i].readChunk(chunk); err != nil {
				return t, fmt.Errorf("column %q: %w", t.Columns[i].Name, err)
			}
		}
	}
	return t, t.check()
}

// checkFooter makes sure that the footer is as long as it claims, for which the library takes memory unseen: a file ends
// in the length of its footer and four letters, with which it also starts.
func checkFooter(r io.ReaderAt, size int64) error {
	const magic = "PAR1"
	var start [4]byte
	var end [8]byte
	if size < 12 {
		return fmt.Errorf("no Parquet file: it has %d bytes", size)
	}
	if _, err := r.ReadAt(start[:], 0); err != nil {
		return err
	}
	if _, err := r.ReadAt(end[:], size-8); err != nil {
		return err
	}
	if string(start[:]) != magic || string(end[4:]) != magic {
		return fmt.Errorf("no complete Parquet file: it starts with %q and ends with %q", start, end[4:])
	}
	if n := binary.LittleEndian.Uint32(end[:]); int64(n) > size-12 {
		return fmt.Errorf("damaged: a footer of %d bytes in a file of %d", n, size)
	}
	return nil
}

// readChunk appends the values of a column in one row group.
func (s *Series) readChunk(chunk parquet.ColumnChunk) (err error) {
	pages := chunk.Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	var buf [512]parquet.Value
	for {
		p, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		values := p.Values()
		for {
			n, err := values.ReadValues(buf[:])
			for _, v := range buf[:n] {
				if e := s.add(v); e != nil {
					return e
				}
			}
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
		}
		parquet.Release(p)
	}
}

// add appends a value. A missing number is NaN; a missing value of another type is an error.
func (s *Series) add(v parquet.Value) error {
	if v.IsNull() && s.Type == Float64 {
		s.Floats = append(s.Floats, nan)
		return nil
	}
	switch v.Kind() {
	case parquet.Double:
		s.Floats = append(s.Floats, v.Double())
	case parquet.Float:
		s.Floats = append(s.Floats, float64(v.Float()))
	case parquet.Int64:
		s.Ints = append(s.Ints, v.Int64())
	case parquet.Int32:
		s.Ints = append(s.Ints, int64(v.Int32()))
	case parquet.Boolean:
		s.Flags = append(s.Flags, v.Boolean())
	case parquet.ByteArray:
		s.Texts = append(s.Texts, string(v.ByteArray()))
	default:
		return fmt.Errorf("a value is missing or %v", v.Kind())
	}
	return nil
}
