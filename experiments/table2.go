package experiments

import (
	"context"

	"github.com/retrodict/retrodict/bench"
	"github.com/retrodict/retrodict/tensor"
)

func runTable2(ctx context.Context, cfg Config) error {
	entries := []bench.Entry{{Engine: "bp"}, {Engine: "pc", Schedule: "zil"}, {Engine: "actors", Schedule: "zil"},
		{Engine: "pc", Schedule: "il"}, {Engine: "actors", Schedule: "il"}}
	jobs, reps := bench.Jobs(), 11
	if cfg.Quick {
		jobs, reps = jobs[:1], 3
	}
	out := newResults("job", "network", "engine", "schedule", "ms", "ratio", "low", "high", "allocations", "messages")
	var wrong error
	for i, j := range jobs {
		rows, err := bench.Run(ctx, bench.Config{Job: j, Type: tensor.Float64, Entries: entries, Reps: reps, Compute: cfg.compute(), Hosting: cfg.Hosts()})
		if err != nil {
			return err
		}
		for _, r := range rows {
			out.add(r.Job, j.About, r.Entry.Engine, r.Entry.Schedule, round4(bench.Median(r.Millis)), round4(r.Ratio.Median),
				round4(r.Ratio.Low), round4(r.Ratio.High), r.Allocs, int(r.Messages))
		}
		zil, il := rows[1].Ratio, rows[3].Ratio
		if !cfg.Quick && (zil.Median > 1.5 || il.Low < 2*zil.Median) { // times of a quick run say nothing
			wrong = contradicted("%s: an update takes %.2f times backprop's under Z-IL, %.1f under IL", j.Name, zil.Median, il.Median)
		}
		cfg.show("timing", i+1, len(jobs))
	}
	if err := out.write(cfg.Dir, "results.csv"); err != nil {
		return err
	}
	return wrong
}
