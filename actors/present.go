package actors

import (
	"context"
	"math"
	"time"
)

// present lets the actors run on the sample until its time is over. When it returns, all of them are idle.
// A stream goes on with what was under way.
func (f *Free) present(ctx context.Context, goesOn bool) (err error) {
	f.live = true
	f.post.start(goesOn)
	if f.watcher != nil {
		f.watcher.start(f)
	}
	f.wind(goesOn)
	f.post.run()
	limit := f.cfg.SettleTime(f.pop)
	if f.accumulates() && f.cfg.Settle == 0 { // it ends by itself
		limit = math.MaxInt64 / int64(f.cfg.Unit)
	}
	end := time.NewTimer(time.Duration(limit) * f.cfg.Unit)
	defer end.Stop()
	select {
	case <-end.C:
	case <-f.quiet:
	case err = <-f.faults:
	case <-ctx.Done():
		err = ctx.Err()
	}
	f.post.stop()
	if f.watcher != nil {
		f.watcher.stop()
	}
	f.live = false
	if err == nil {
		for v := range f.nodes {
			f.nodes[v].missed(f.post.from + limit)
		}
	}
	f.lasted = limit
	if f.accumulates() {
		f.lasted = min(limit, f.post.now())
	}
	f.base += max(f.post.now()-f.post.from, f.lasted)
	if !f.cfg.Keep {
		f.expire()
	}
	if err == nil {
		select {
		case err = <-f.faults:
		default:
		}
	}
	return err
}

// wind arranges the first turns, and what the experimenter does in this sample.
func (f *Free) wind(goesOn bool) {
	f.owed.Store(1) // as long as not all of them are arranged
	select {
	case <-f.quiet:
	default:
	}
	for _, p := range f.later {
		f.post.deliver(f.post.from+p.at, p.to, p.msg)
	}
	f.later = nil
	for _, v := range f.pop.Due() {
		if !goesOn {
			f.nodes[v].wind()
		}
	}
	if goesOn {
		f.pop.Announce(&f.own)
	}
	f.owe(-1)
}
