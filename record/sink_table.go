package record

import "github.com/retrodict/retrodict/encoding/table"

// A tableSink writes a row for every element of every target of a frame: step (the number of the update), tick, ms, of, element (of vertices only)
// and a column for every quantity.
type tableSink struct {
	w     *table.Writer
	index *Index
	width int
	row   []table.Cell
	names []table.Cell
}

func openTable(x *Index, base string) (sink, error) {
	columns := []table.Column{{Name: "step", Type: table.Int64}, {Name: "tick", Type: table.Int64}, {Name: "ms"}, {Name: "of", Type: table.String}}
	if x.Vertices {
		columns = append(columns, table.Column{Name: "element", Type: table.Int64})
	}
	s := &tableSink{index: x, width: x.width(), row: make([]table.Cell, len(columns)+len(x.What))}
	for _, w := range x.What {
		columns = append(columns, table.Column{Name: w})
	}
	for _, t := range x.Targets {
		s.names = append(s.names, table.Text(t.Name))
	}
	var err error
	s.w, err = table.Create(base+"."+x.To, columns...)
	return s, err
}

func (s *tableSink) write(f *frame) error {
	x := s.index
	s.row[0], s.row[1], s.row[2] = table.Int(int64(f.update)), table.Int(int64(f.tick)), table.Float(f.millis)
	first := len(s.row) - len(x.What)
	for i, t := range x.Targets {
		s.row[3] = s.names[i]
		for e := range t.Elements {
			if x.Vertices {
				s.row[4] = table.Int(int64(e))
			}
			for k := range x.What {
				s.row[first+k] = table.Float(f.row[k*s.width+t.Offset+e])
			}
			if err := s.w.Append(s.row...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *tableSink) flush() error { return s.w.Flush() }
func (s *tableSink) close() error { return s.w.Close() }
func (s *tableSink) abort()       { _ = s.w.Abort() }
