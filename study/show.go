package study

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/config"
	"github.com/retrodict/retrodict/record"
	"github.com/retrodict/retrodict/tensor"
	"github.com/retrodict/retrodict/train"
)

// showHeader says what runs.
func (r *run) showHeader() {
	p, c, g := &r.page, r.Config, r.Network.Graph
	p.line("retrodict · ", c.Name, " · seed ", strconv.FormatUint(c.Seed, 10), " · ", c.Dtype)
	p.line()
	r.showChanges()
	p.pair("data", fmt.Sprintf("%s: %s rows to learn from, %s held out", r.dataName(), whole(r.Train.Len()), whole(r.Test.Len())))
	p.pair("network", fmt.Sprintf("%s: %s parameters", r.Network.Name, whole(r.engine.Params().Len())))
	vertices, edges, levels := g.Len(), g.Edges(), g.Depth()
	what := "backprop, no messages"
	if e, ok := r.engine.(config.Predictive); ok {
		l := e.Graph()
		vertices, edges, levels = l.Len(), l.Edges(), l.Depth()
		what = "predictive coding, synchronous"
		if t := r.Config.Time; t.Engine == "sim" {
			what = "predictive coding in virtual time, " + t.Mode
		}
		if c.Wall() {
			what = "predictive coding by free-running actors"
		}
		if l.Identities > 0 {
			what += fmt.Sprintf("; %s identities", whole(l.Identities))
		}
	}
	switch hosting, shards := config.Hosting(r.engine); {
	case hosting == "actor" && !c.Wall():
		p.pair("actors", fmt.Sprintf("%s, one for every vertex, and a clock: %s connections, %d levels", whole(vertices), whole(edges), levels))
	case hosting == "shard":
		p.pair("shards", fmt.Sprintf("%s vertices in %d shards, and a clock: %s connections, %d levels", whole(vertices), shards, whole(edges), levels))
	default:
		p.pair("engine", fmt.Sprintf("%s: %s vertices, %s connections, %d levels", what, whole(vertices), whole(edges), levels))
	}
	if c.Time.Engine != "bp" {
		p.pair("schedule", r.scheduleText())
	}
	p.pair("blas", r.Backend.Name())
	if c.Wall() {
		p.pair("clock", "the wall's, on which a millisecond lasts "+c.Time.Scale.String())
		if c.Record.Journal.Bytes() > 0 {
			p.pair("", "not reproducible: the machine's scheduler takes part; the journal of this run is")
		} else {
			p.pair("", "not reproducible: the machine's scheduler takes part, and no journal is kept")
		}
	}
	howLong := fmt.Sprintf("%d epochs of %s batches", c.Learning.Epochs, whole(r.Train.Len()/c.Data.Batch))
	if c.Learning.Updates > 0 {
		howLong = whole(c.Learning.Updates) + " updates by batches"
	}
	p.pair("learning", fmt.Sprintf("%s, %s, %s of %d rows", r.Loss.Name(), r.Base().Plasticity, howLong, c.Data.Batch))
	if r.twin != nil {
		p.pair("twin", "backprop on the same graph, from the same weights, fed the same batches")
	}
	r.showWarnings()
	r.showResumption()
	p.line()
	p.head(r.epochCells())
}

// showChanges lists what is not default.
func (r *run) showChanges() {
	list, err := r.Changes()
	if err != nil {
		r.page.pair("warning", err.Error())
	}
	key := "changed"
	for _, s := range changeLines(list) {
		r.page.pair(key, s)
		key = ""
	}
}

// changeLines returns a line for every change, and one for all those of an element of a list.
func changeLines(list []config.Change) (lines []string) {
	last := ""
	for _, c := range list {
		element, key, in := strings.Cut(c.Key, "]")
		switch {
		case !in || key == "":
			last, lines = "", append(lines, c.String())
		case element == last:
			lines[len(lines)-1] += ", " + key[1:] + " = " + c.Value
		default:
			last, lines = element, append(lines, element+"]: "+key[1:]+" = "+c.Value)
		}
	}
	return lines
}

func (r *run) dataName() string {
	d := r.Config.Data
	for _, s := range []string{d.Set, d.NPZ, d.NPY, d.CSV, d.IDX} {
		if s != "" {
			return s
		}
	}
	return r.Train.Name
}

func (r *run) scheduleText() string {
	switch r.Rule.Name {
	case "zil":
		return "zero-divergence inference learning (zil): a level works at its own tick"
	case "zil-dense":
		return "zero-divergence inference learning (zil-dense): every vertex works at every tick"
	}
	text := r.Rule.Name
	if r.Rule.Name == "il" {
		text = "inference learning (il)"
	}
	if r.Rule.Ticks > 0 {
		text += fmt.Sprintf(": %d relaxations of step %v", r.Rule.Ticks, r.Rule.Gamma)
	}
	if r.Rule.Name == "il" {
		text += ", then all weights learn"
	}
	return text
}

func (r *run) showWarnings() {
	list := r.Network.Graph.Warnings()
	if e, ok := r.engine.(config.Predictive); ok {
		list = append(list[:len(list):len(list)], e.Warnings()...)
	}
	list = append(list[:len(list):len(list)], r.Notes()...)
	for _, w := range list {
		r.page.pair("warning", w)
	}
}

func (r *run) epochCells() []cell {
	cells := []cell{{"epoch", 5, false}, {"loss", 8, false}, {"test loss", 9, false}, {"accuracy", 8, false}}
	if r.twin != nil {
		cells = append(cells, cell{"parameters that differ from backprop", 36, false})
	}
	return cells
}

func (r *run) showEpoch(e train.Epoch) {
	r.Progress.Hide()
	values := []string{strconv.Itoa(e.Number), decimal(e.Loss, 4), decimal(e.TestLoss, 4), percent(e.Accuracy)}
	if r.twin != nil {
		s := ""
		if e.Compared {
			s = whole(e.Difference.Differing) + " of " + whole(e.Difference.Params)
		}
		values = append(values, s)
	}
	r.page.row(r.epochCells(), values...)
	switch {
	case e.FirstDiffering > 0:
		r.page.line("         first at update ", strconv.Itoa(e.FirstDiffering), " of this epoch")
	case e.Partial:
		r.page.line("         interrupted after ", strconv.Itoa(e.Updates), " updates of this epoch")
	}
	if r.follower != nil && !e.Restored {
		r.showDistance()
	}
	if e.NotConverged > 0 {
		r.page.line("         ", strconv.Itoa(e.NotConverged), " of ", strconv.Itoa(e.Updates), " updates did not converge: residual ", fmt.Sprintf("%.3g", e.Residual))
	}
}

// carrier returns the name of what computes: hosted vertices are no actors.
func carrier(engine, hosting string) string {
	if hosting == "shard" {
		return "shards"
	}
	return engine
}

// showHashes shows that all bits are equal, or that they are not.
func (r *run) showHashes() {
	p := &r.page
	p.line()
	p.line("SHA-256 of all parameters' bits")
	p.pair(carrier(r.Config.Time.Engine, r.report.Hosting), r.report.Hash)
	if r.twin == nil {
		return
	}
	verdict := "   equal"
	if r.report.Hash != r.report.TwinHash {
		verdict = "   not equal"
	}
	p.pair("backprop", r.report.TwinHash+verdict)
}

func (r *run) showContrast() {
	p := &r.page
	r.Progress.Hide()
	p.line()
	p.line("One condition broken, one epoch from the same seed")
	total := r.engine.Params().Len()
	cells := []cell{{"broken", 0, true}, {"parameters that differ", 0, false}, {"cosine to backprop's change", 0, false}}
	var rows [][]string
	for _, b := range r.report.Contrast {
		cosine := decimal(float64(b.Cosine), 4)
		if !b.Cosine.finite() {
			cosine = "diverged"
		}
		rows = append(rows, []string{b.Broken, whole(b.Differing) + " of " + whole(total), cosine})
	}
	fit(cells, rows)
	p.head(cells)
	for _, row := range rows {
		p.row(cells, row...)
	}
}

func (r *run) showEnd() {
	p := &r.page
	r.Progress.Hide()
	p.line()
	p.line("Kept in ", r.report.Run)
	for _, x := range r.recordings {
		p.line("  recorded ", x.String())
	}
	r.showJournal()
	if r.report.Interrupted {
		r.showInterrupted()
		return
	}
	p.line()
	p.line("Try next")
	cells := []cell{{left: true}, {left: true}}
	var rows [][]string
	for _, t := range r.next() {
		rows = append(rows, t[:])
	}
	fit(cells, rows)
	for _, row := range rows {
		p.row(cells, row...)
	}
}

// next returns commands worth trying, and what they show.
func (r *run) next() [][2]string {
	again := "retrodict run "
	if r.Source != "" {
		again += record.CommandLine(r.Source) + " "
	}
	other, shows := "il", "inference learning: near backprop, not equal"
	if r.Config.Learning.Schedule == "il" {
		other, shows = "zil", "zero divergence: backprop's bits"
		if r.Config.Free() {
			shows = "zero divergence: backprop, as far as messages come in time"
		}
	}
	var list [][2]string
	if r.Takes(other) {
		list = append(list, [2]string{again + "--set learning.schedule=" + other, shows})
	}
	if r.journal != nil {
		list = append(list, [2]string{record.CommandLine("retrodict", "replay", r.report.Run), "this very run again, in virtual time, bit by bit"})
	}
	if r.Config.Network.Arch == "mlp" && r.Config.Network.Grain != "synapse" {
		list = append(list, [2]string{again + "--set network.grain=synapse", "every weight and every product an actor"})
	}
	if r.Type == tensor.Float64 {
		list = append(list, [2]string{again + "--set dtype=f32", "the same in single precision"})
	}
	return append(list, [2]string{"retrodict verify --arch random --seeds 50", "branching graphs, both engines"},
		[2]string{"retrodict graph --dot network.dot", "the graph, coloured by level"})
}
