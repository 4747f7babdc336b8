package bench

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// A Line is a Row as JSON has it, one object a line. Times are milliseconds per update.
type Line struct {
	Job        string  `json:"job"`
	Engine     string  `json:"engine"`
	Schedule   string  `json:"schedule"`
	DType      string  `json:"dtype"`
	Hosting    string  `json:"hosting"`          // actor or shard for engine actors, otherwise none
	Shards     int     `json:"shards,omitempty"` // shard actors
	BLAS       string  `json:"blas"`
	Millis     float64 `json:"ms"` // median
	Min        float64 `json:"min"`
	Max        float64 `json:"max"`
	N          int     `json:"n"`      // repetitions
	Allocs     float64 `json:"allocs"` // per update
	ClockShare float64 `json:"clock_share"`
	Ratio      float64 `json:"ratio"` // to the first entry, paired by repetition: median and 95 % interval
	RatioLow   float64 `json:"ratio_low"`
	RatioHigh  float64 `json:"ratio_high"`
	*Scale
}

// Line returns r for JSON.
func (r Row) Line() Line {
	l := Line{Job: r.Job, Engine: r.Entry.Engine, Schedule: r.Entry.Schedule, DType: r.Type.String(), Hosting: r.Hosting, Shards: r.Shards, BLAS: r.Backend,
		Millis: Median(r.Millis), Min: slices.Min(r.Millis), Max: slices.Max(r.Millis), N: len(r.Millis), Allocs: r.Allocs, ClockShare: r.Clock,
		Ratio: r.Ratio.Median, RatioLow: r.Ratio.Low, RatioHigh: r.Ratio.High}
	if l.Hosting == "" {
		l.Hosting = "none"
	}
	return l
}

// WriteJSON writes lines, one object a line.
func WriteJSON(w io.Writer, lines []Line) error {
	e := json.NewEncoder(w)
	for _, l := range lines {
		if err := e.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

// WriteTable writes rows as a table for people, those of one job and type together.
func WriteTable(w io.Writer, rows []Row) error {
	if _, err := fmt.Fprintf(w, "%-12s %-5s %-7s %-10s %-7s %-8s %10s %10s %10s   %-22s %8s %7s\n",
		"job", "dtype", "engine", "schedule", "hosting", "blas", "ms", "min", "max", "ratio [95 %]", "allocs", "clock"); err != nil {
		return err
	}
	for _, r := range rows {
		l := r.Line()
		if _, err := fmt.Fprintf(w, "%-12s %-5s %-7s %-10s %-7s %-8s %10.4g %10.4g %10.4g   %-22s %8.4g %6.1f%%\n",
			l.Job, l.DType, l.Engine, or(l.Schedule), l.Hosting, l.BLAS, l.Millis, l.Min, l.Max,
			fmt.Sprintf("%.3f [%.3f, %.3f]", l.Ratio, l.RatioLow, l.RatioHigh), l.Allocs, 100*l.ClockShare); err != nil {
			return err
		}
	}
	return nil
}

// or returns s, or a dash if it is empty.
func or(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// WriteNeurons writes a line of the benchmark of neurons for people.
func WriteNeurons(w io.Writer, l Line) error {
	who := "vertices that are actors"
	switch {
	case l.Engine == "pc":
		who = "vertices in a loop"
	case l.Hosting == "shard":
		who = fmt.Sprintf("vertices in %d shards", l.Shards)
	}
	s := l.Scale
	_, err := fmt.Fprintf(w, `%d %s, %d edges (%d and %d with leaves, inputs and output), %s, %s, %s
  build    %.2f s
  memory   %.1f MB: %.1f B a vertex and %.1f B an edge; %.0f MB from the system
  update   %.4g ms (%.4g to %.4g over %d), clock %.2f %%, %.4g allocations
  messages %.4g million a second
`, s.Vertices, who, s.Edges, s.GraphVertices, s.GraphEdges, l.Schedule, l.DType, l.BLAS,
		s.BuildSeconds, float64(s.Bytes)/1e6, s.BytesPerVertex, s.BytesPerEdge, float64(s.SystemBytes)/1e6,
		l.Millis, l.Min, l.Max, l.N, 100*l.ClockShare, l.Allocs, s.MessagesPerS/1e6)
	if err == nil && s.FloorRatio > 0 {
		_, err = fmt.Fprintf(w, "  floor    %.4g ms for a plain loop on one thread: %.2f times as much\n", s.FloorMillis, s.FloorRatio)
	}
	return err
}
