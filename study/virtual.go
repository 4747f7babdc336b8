package study

import (
	"fmt"

	"github.com/retrodict/retrodict/actors"
	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/sim"
)

// A VirtualReport says what happened to messages that take time, in updates: in virtual time, or among free-running actors.
// The sweeps of evaluation are not in it: nothing is late in them.
type VirtualReport struct {
	Mode       string `json:"mode"`
	Seconds    Number `json:"seconds"` // of the configuration's time
	Events     int64  `json:"events"`  // 0: they are not counted
	Sent       int64  `json:"sent"`
	Resent     int64  `json:"resent"`  // lockstep: because they were lost
	Doubled    int64  `json:"doubled"` // second copies that links made
	Delivered  int64  `json:"delivered"`
	Late       int64  `json:"late"`  // of these: after the turn that they were meant for
	Lost       int64  `json:"lost"`  // by links
	Stale      int64  `json:"stale"` // overtaken, and discarded
	Duplicated int64  `json:"duplicated"`
	Expired    int64  `json:"expired"`          // still under way when the sample ended
	UnderWay   int64  `json:"under_way"`        // a stream: still
	Oldest     Number `json:"oldest"`           // longest way of a message, in seconds
	Behind     Number `json:"behind,omitempty"` // free-running actors: the most that a turn came after its time, in seconds
}

// A timed engine has messages that take time: it runs in virtual time, or free-running on actors.
type timed interface {
	Now() int64
	Stats() sim.Stats
	Traffic() (units int64, s sim.Stats) // of updates and gradients alone
}

// virtual returns what happened to messages, nil for engines in which they take no time.
func (r *run) virtual(e engine.Engine) *VirtualReport {
	s, ok := e.(timed)
	if !ok {
		return nil
	}
	t := r.Config.Time
	now, n := s.Traffic()
	unit := t.Resolution.Milliseconds() / 1e3
	v := &VirtualReport{Mode: t.Mode, Seconds: Number(float64(now) * unit), Events: n.Events, Sent: n.Sent, Resent: n.Resent, Doubled: n.Doubled, UnderWay: n.UnderWay, Delivered: n.Delivered,
		Late: n.Late, Lost: n.Lost, Stale: n.Stale, Duplicated: n.Duplicated, Expired: n.Expired, Oldest: Number(float64(n.MaxAge) * unit)}
	if f, ok := e.(*actors.Free); ok {
		v.Behind = Number(float64(f.Behind()) * unit)
	}
	return v
}

// showVirtual shows it.
func (r *run) showVirtual() {
	v := r.report.Virtual
	if v == nil {
		return
	}
	p := &r.page
	updates := 0
	for _, e := range r.epochs {
		updates += e.Updates
	}
	p.line()
	where, events := "In virtual time (", "; "+whole(v.Events)+" events"
	if r.Config.Wall() {
		where, events = "In the time of the actors (", ""
	}
	p.line(where, v.Mode, ", resolution ", r.Config.Time.Resolution.String(), ", tick ", r.Config.Time.Tick.String(), ")")
	p.pair("time", fmt.Sprintf("%s for %s updates%s", seconds(float64(v.Seconds)), whole(updates), events))
	late := 0.0
	if v.Delivered > 0 {
		late = float64(v.Late) / float64(v.Delivered)
	}
	p.pair("messages", fmt.Sprintf("%s sent, %s delivered, %s late (%s); the slowest took %s", whole(v.Sent), whole(v.Delivered), whole(v.Late), percent(late), seconds(float64(v.Oldest))))
	rest := ""
	if v.Doubled > 0 {
		rest += ", " + whole(v.Doubled) + " doubled"
	}
	if v.UnderWay > 0 {
		rest += ", " + whole(v.UnderWay) + " under way"
	}
	p.pair("", fmt.Sprintf("%s lost, %s sent again, %s stale, %s duplicated, %s expired%s", whole(v.Lost), whole(v.Resent), whole(v.Stale), whole(v.Duplicated), whole(v.Expired), rest))
	if tick := r.Config.Time.Tick.Milliseconds() / 1e3; float64(v.Behind) >= tick {
		p.pair("", fmt.Sprintf("turns came up to %s after their time: where the machine does not keep up, a sample has fewer ticks; more time is time.scale above %v",
			seconds(float64(v.Behind)), r.Config.Time.Scale))
	}
}
