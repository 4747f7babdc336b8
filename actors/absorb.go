package actors

import "github.com/retrodict/retrodict/neuron"

// This file is the rule that accumulates, on the clock of the wall: nobody has ticks, a vertex has a turn when something has
// come, and a sample is over when nothing is under way.

// accumulates reports whether receivers add up what comes: then the sample is over when all that was sent was taken.
func (f *Free) accumulates() bool { return f.cfg.Rule.Event == neuron.Delta }

// owe takes note that so many letters or turns more are to be taken, and says so when there are none left.
func (f *Free) owe(n int64) {
	if f.accumulates() && f.owed.Add(n) == 0 {
		f.quiet <- struct{}{}
	}
}

// respond arranges a turn under a rule that accumulates. What comes before it is merged.
func (n *node) respond() {
	n.free.owe(1)
	n.free.post.deliver(n.free.post.now(), n.vertex, &beat{neuron.Feedback})
}

// absorb adds what a letter carries to what the vertex has, unless it is a second copy.
func (n *node) absorb(l *letter) {
	if l.copied {
		n.free.tally.Add(neuron.CountDuplicated, n.vertex, l.m.Kind)
		return
	}
	_, t := n.free.pop.Absorb(l.m, l.payload)
	n.free.tally.Add(neuron.CountDelivered, n.vertex, l.m.Kind)
	n.note(neuron.Received, l.m)
	if t != neuron.None {
		n.respond()
	}
}
