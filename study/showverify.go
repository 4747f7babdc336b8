package study

import (
	"fmt"
	"io"
	"math"
	"strconv"
)

// WriteText writes the report for people.
func (r VerifyReport) WriteText(w io.Writer) error {
	p := page{w: w}
	p.line("Compared with backprop, bit by bit: the feedback of every parameter at every update, and its value at the end")
	p.line()
	cells := []cell{{name: "arch", left: true}, {name: "grain", left: true}, {name: "engine", left: true}, {name: "schedule", left: true}, {name: "dtype", left: true}, {name: "hosting", left: true}, {name: "blas", left: true},
		{name: "compared"}, {name: "differing"}, {name: "largest difference"}, {name: "ULP"}, {name: "diverged"}, {name: "messages"}, {name: "ticks"}, {name: "levels"}, {name: "identities"}, {name: "verdict", left: true}}
	var rows [][]string
	promised := 0
	for _, v := range r.Results {
		if v.Promised {
			promised++
		}
		if v.DoesNotApply != "" {
			rows = append(rows, []string{v.Arch, v.Grain, v.Engine, v.Schedule, v.Dtype, "–", v.BLAS, "–", "–", "–", "–", "–", "–", "–", "–", "–", v.verdict()})
			continue
		}
		rows = append(rows, []string{v.Arch, v.Grain, v.Engine, v.Schedule, v.Dtype, v.hosting(), v.BLAS, whole(v.Params), whole(v.Differing), v.largest(), v.ulps(), v.diverged(),
			whole(v.Messages), whole(v.Ticks), strconv.Itoa(v.Levels), whole(v.Identities), v.verdict()})
	}
	fit(cells, rows)
	p.head(cells)
	for _, row := range rows {
		p.row(cells, row...)
	}
	p.line()
	switch {
	case !r.Kept():
		p.line("A promise of equality was broken.")
	case promised > 0:
		p.line(fmt.Sprintf("All %d that promise backprop's bits have them.", promised))
	default:
		p.line("Nothing here promises backprop's bits.")
	}
	p.line("SHA-256 of everything that was computed  ", r.Hash)
	return p.err
}

// hosting says what the vertices are.
func (v VerifyResult) hosting() string {
	switch v.Hosting {
	case "shard":
		return fmt.Sprintf("vertices in %d shards", v.Shards)
	case "actor":
		return "actors"
	}
	return "–"
}

// diverged says in how many graphs learning went beyond all bounds.
func (v VerifyResult) diverged() string {
	if v.Diverged == 0 {
		return "–"
	}
	return fmt.Sprintf("%d of %d graphs", v.Diverged, v.Graphs)
}

func (v VerifyResult) largest() string {
	if v.Equal {
		return "0"
	}
	if v.Diverged > 0 && v.Diverged == v.Graphs {
		return "–"
	}
	if !v.MaxAbs.finite() {
		return "not finite"
	}
	return strconv.FormatFloat(float64(v.MaxAbs), 'g', 3, 64)
}

func (v VerifyResult) ulps() string {
	switch {
	case v.MaxULP == nil:
		return "–"
	case *v.MaxULP >= 1e6:
		return strconv.FormatFloat(float64(*v.MaxULP), 'e', 1, 64)
	}
	return whole(int64(min(*v.MaxULP, math.MaxInt64)))
}

func (v VerifyResult) verdict() string {
	switch {
	case v.DoesNotApply != "":
		return "does not apply: " + v.DoesNotApply
	case v.Equal && v.Promised:
		return "equal"
	case v.Equal:
		return "equal, not promised"
	case v.Promised:
		return "DIFFERS, equality was promised"
	}
	return "differs, not promised"
}
