package study

import (
	"fmt"
	"io"
	"strconv"

	"github.com/retrodict/retrodict/encoding/safetensors"
	"github.com/retrodict/retrodict/plot"
)

// metadata returns what parameters.safetensors says of its origin.
func (r *run) metadata() []safetensors.Pair {
	return []safetensors.Pair{{Key: "network", Value: r.Network.Name}, {Key: "seed", Value: strconv.FormatUint(r.Config.Seed, 10)},
		{Key: "epochs", Value: strconv.Itoa(len(r.epochs))}, {Key: "hash", Value: r.report.Hash}}
}

func (r *run) writeCurve() error {
	title := fmt.Sprintf("%s: %s, %s, seed %d", r.Config.Name, r.Network.Name, r.Rule.Name, r.Config.Seed)
	return r.folder.Write("learning-curve.svg", func(w io.Writer) error { return plot.LearningCurve(w, title, r.curve) })
}
