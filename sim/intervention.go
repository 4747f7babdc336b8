package sim

import (
	"errors"
	"fmt"
	"slices"
)

// An Intervention is what the experimenter does at a time: a lesion, a fixed value, a pulse of noise, a change of a link.
type Intervention struct {
	Name   string
	Update int   // number of the update in which it happens, from 1; 0: in every one, and whenever a sample is presented at frozen weights
	After  int64 // time since the update began, in units
	Do     func(e *Engine) error
	Again  bool // Do sets what a snapshot does not hold, links: if it was done, it is done again when a run is resumed
}

// Plan adds interventions. They are carried out in the order of their times, those of the same time in the order in
// which they were planned. A plan is part of the configuration: an engine that is restored is given it again.
func (e *Engine) Plan(list ...Intervention) error {
	for _, i := range list {
		if i.Update < 0 || i.After < 0 || i.Do == nil {
			return fmt.Errorf("sim: intervention %q: update %d, time %d: neither may be negative", i.Name, i.Update, i.After)
		}
		if e.cfg.Mode == Lockstep && i.After != 0 {
			return errors.New("sim: in lockstep an intervention happens at the start of an update: leave its time out, or use mode free")
		}
	}
	e.plan = append(e.plan, list...)
	return nil
}

// scheduleInterventions puts what is planned for the update of that number into the queue, 0 for a sample at frozen weights.
// What happens at its start happens at once.
func (e *Engine) scheduleInterventions(update int) {
	for k, i := range e.plan {
		if i.Update != 0 && i.Update != update {
			continue
		}
		if i.After == 0 {
			e.intervene(k)
			continue
		}
		e.queue.push(intervene, event{time: e.now + i.After, id: int32(k)}, 0)
	}
}

func (e *Engine) intervene(k int) {
	if e.plan[k].Again {
		e.lasting = append(slices.DeleteFunc(e.lasting, func(i int32) bool { return int(i) == k }), int32(k))
	}
	if err := e.plan[k].Do(e); err != nil && e.err == nil {
		e.err = fmt.Errorf("sim: intervention %q: %w", e.plan[k].Name, err)
	}
}
