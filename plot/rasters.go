package plot

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/retrodict/retrodict/record"
)

// Rasters returns a raster of every list of events that is not empty: of the first update that was recorded, a row for every
// vertex that was recorded, by level, with the output at the bottom.
func Rasters(title string, recordings []*record.EventData) []Named {
	var list []Named
	for _, d := range recordings {
		if len(d.Step) > 0 {
			list = append(list, Named{"raster", numberOf(d.Name) + "-raster", rasterOf(title, d)})
		}
	}
	return list
}

// mostOfARow is how many vertices of a level are drawn.
const mostOfARow = 40

func rasterOf(title string, d *record.EventData) Raster {
	first := slices.Min(d.Step)
	r := Raster{Title: title, Subtitle: fmt.Sprintf("%s, update %d", d.Name, first)}
	if last := slices.Max(d.Step); last > first {
		r.Subtitle += fmt.Sprintf(", the first of those up to %d", last)
	}
	rows, groups, more := layRows(d.Targets)
	if r.Groups = groups; more {
		r.Subtitle += fmt.Sprintf("; at most %d vertices of a level", mostOfARow)
	}
	for _, g := range groups {
		r.Rows += g.Count
	}
	r.Kinds = slices.Clone(d.Kinds)
	for i, k := range r.Kinds {
		if k == "turns" {
			r.Kinds[i], r.Faint = "turn", i+1
		}
	}
	timed, start := true, math.Inf(1)
	for i := range d.Step {
		if d.Step[i] == first {
			timed = timed && finite(d.Millis[i])
			start = min(start, d.Millis[i])
		}
	}
	switch {
	case !timed:
		r.XName, r.Whole = "tick (−1 is the forward sweep)", true
	case start > 0:
		r.XName = fmt.Sprintf("time since %s ms (ms)", number(start))
	default:
		start = 0
	}
	for i := range d.Step {
		row := rows[d.Target[i]]
		if d.Step[i] != first || row < 0 {
			continue
		}
		x := float64(d.Tick[i])
		if timed {
			x = d.Millis[i] - start
		}
		r.Events = append(r.Events, Event{x, row, d.Kind[i]})
	}
	return r
}

// layRows gives every target a row, −1 if there is none for it, and names the levels by their vertices.
func layRows(targets []record.IndexTarget) (rows []int, groups []Group, more bool) {
	order := make([]int, len(targets))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(targets[a].Level, targets[b].Level) })
	rows = make([]int, len(targets))
	next := 0
	for lo := 0; lo < len(order); {
		hi := lo
		for hi < len(order) && targets[order[hi]].Level == targets[order[lo]].Level {
			hi++
		}
		for k, i := range order[lo:hi] {
			if rows[i] = -1; k < mostOfARow {
				rows[i] = next
				next++
			}
		}
		more = more || hi-lo > mostOfARow
		groups = append(groups, Group{Name: populationName(targets, order[lo:hi]), Count: min(hi-lo, mostOfARow)})
		lo = hi
	}
	return rows, groups, more
}

// populationName returns what the names of a level's vertices have in common, and the level.
func populationName(targets []record.IndexTarget, list []int) string {
	first, level := targets[list[0]], fmt.Sprintf("level %d", targets[list[0]].Level)
	if first.Level < 0 {
		level = "no level"
	}
	common := first.Name
	if len(list) > 1 {
		common, _, _ = strings.Cut(common, "/")
	}
	for _, i := range list {
		if name, _, _ := strings.Cut(targets[i].Name, "/"); name != common && targets[i].Name != common {
			return level
		}
	}
	return common + ", " + level
}
