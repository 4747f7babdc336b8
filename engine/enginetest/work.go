package enginetest

import (
	"context"
	"fmt"

	"github.com/retrodict/retrodict/bp"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/tensor"
)

// checkWork: E9. One update of sparse Z-IL, or of the form that gathers, computes the same values and derivatives as backprop,
// as often, on the same shapes. (That every leaf learns once follows from E1: Adam counts its updates.) Negative control: the
// dense form computes more.
func checkWork(f Factory) error {
	cases := Architectures()
	for seed := range uint64(10) {
		cases = append(cases, Random(4000+seed))
	}
	for _, c := range cases {
		var want Ledger
		err := work(func(s Setup) (engine.Engine, error) { return bp.New(s.Config) }, Setup{}, c, &want)
		if err != nil {
			return fmt.Errorf("reference: %w", err)
		}
		for _, s := range []Setup{{Schedule: "zil"}, {Schedule: "zil", Unlevel: true}, {Schedule: "event"}} {
			var got Ledger
			if err := work(f, s, c, &got); err != nil {
				return err
			}
			if got.Total() == 0 {
				continue // refused
			}
			if err := got.Compare(&want); err != nil {
				return fmt.Errorf("%s, %s, unlevelled %v: %w", c.Name, s.Schedule, s.Unlevel, err)
			}
		}
		var dense Ledger
		if err := work(f, Setup{Schedule: "zil-dense"}, c, &dense); err != nil {
			return err
		}
		if c.Graph.Depth() > 2 && dense.Total() <= want.Total() {
			return fmt.Errorf("%s: dense Z-IL computed %d values and derivatives, backprop %d: dense is not every vertex at every tick", c.Name, dense.Total(), want.Total())
		}
	}
	return nil
}

// work enters what one update computes into l, after a first one.
func work(f Factory, s Setup, c Case, l *Ledger) error {
	c = l.Count(c)
	list := samples(c, tensor.Float64, 2)
	return with(f, s, c.Config(tensor.Float64), func(e engine.Engine) error {
		for _, x := range list {
			l.mu.Lock()
			l.count, l.total = nil, 0
			l.mu.Unlock()
			if _, err := e.Learn(context.Background(), x); err != nil {
				return err
			}
		}
		return nil
	})
}
