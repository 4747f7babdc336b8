package record

import "github.com/retrodict/retrodict/encoding/table"

// A tableSink writes a row for every element of every target of a frame: step (the number of the update), tick, ms, of, element (of vertices only)
// and a column for every quantity.
type tableSink struct {
	w     *table.Writer
	track *track
	row   []table.Cell
	names []table.Cell
}

func openTable(t *track, base string) (sink, error) {
	columns := []table.Column{{Name: "step", Type: table.Int64}, {Name: "tick", Type: table.Int64}, {Name: "ms"}, {Name: "of", Type: table.String}}
	if t.vertices() {
		columns = append(columns, table.Column{Name: "element", Type: table.Int64})
	}
	s := &tableSink{track: t, row: make([]table.Cell, len(columns)+len(t.What))}
	for _, w := range t.What {
		columns = append(columns, table.Column{Name: w})
	}
	for _, x := range t.targets {
		s.names = append(s.names, table.Text(x.name))
	}
	var err error
	s.w, err = table.Create(base+"."+t.To, columns...)
	return s, err
}

// vertices reports whether the targets are vertices.
func (t *track) vertices() bool { return t.targets[0].vertex >= 0 }

func (s *tableSink) write(f *frame) error {
	t := s.track
	s.row[0], s.row[1], s.row[2] = table.Int(int64(f.update)), table.Int(int64(f.tick)), table.Float(f.millis)
	first := len(s.row) - len(t.What)
	for i, x := range t.targets {
		s.row[3] = s.names[i]
		for e := range x.elements {
			if t.vertices() {
				s.row[4] = table.Int(int64(e))
			}
			for k := range t.What {
				s.row[first+k] = table.Float(f.row[k*t.width+x.offset+e])
			}
			if err := s.w.Append(s.row...); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *tableSink) close() error { return s.w.Close() }
func (s *tableSink) abort()       { _ = s.w.Abort() }
