package op

import "github.com/retrodict/retrodict/tensor"

// ForwardCells implements Cellular: the readout of a population.
func (stack) ForwardCells(_ *tensor.Ctx, s *Cells) {
	if s.Arena.Type() == tensor.Float32 {
		stackCells(tensor.Data[float32](s.Arena), s)
	} else {
		stackCells(tensor.Data[float64](s.Arena), s)
	}
}

func stackCells[T tensor.Float](arena []T, s *Cells) {
	for i, out := range s.Out {
		args, dst := s.Args[s.Spans[i].First:s.Spans[i].Last], arena[out:][:s.N]
		n := len(args)
		for b := range s.N / n {
			row := dst[b*n:][:n]
			for k, a := range args {
				row[k] = arena[int(a)+b]
			}
		}
	}
}

// VJPCells implements Cellular.
func (stack) VJPCells(_ *tensor.Ctx, s *Cells) {
	if s.Arena.Type() == tensor.Float32 {
		unstackCells(tensor.Data[float32](s.Arena), s)
	} else {
		unstackCells(tensor.Data[float64](s.Arena), s)
	}
}

func unstackCells[T tensor.Float](arena []T, s *Cells) {
	for i, at := range s.Eps {
		d, eps := s.D[s.Spans[i].First:s.Spans[i].Last], arena[at:][:s.N]
		n := len(d)
		for b := range s.N / n {
			for k, e := range eps[b*n:][:n] {
				if d[k] >= 0 {
					arena[int(d[k])+b] = e
				}
			}
		}
	}
}
