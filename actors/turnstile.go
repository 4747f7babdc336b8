package actors

import "sync/atomic"

// A turnstile lets an actor run on one worker at a time, and sees to it that what becomes due while it runs is not
// forgotten. At most one thing can be due, which is a number other than 0.
type turnstile struct {
	next  atomic.Uint32 // what is due
	state atomic.Uint32 // 1 from the time the actor is queued until it has run
}

// enter makes n due. It returns true if the actor must be queued, false if whoever runs it will see n.
func (t *turnstile) enter(n uint32) bool {
	t.next.Store(n)
	return t.state.CompareAndSwap(0, 1)
}

// leave ends a run. It returns true if something has become due meanwhile: then the caller must run the actor again.
func (t *turnstile) leave() bool {
	t.state.Store(0)
	return t.next.Load() != 0 && t.state.CompareAndSwap(0, 1)
}
