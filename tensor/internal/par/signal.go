package par

import (
	"runtime"
	"sync/atomic"
)

// A signal is a number that one goroutine at a time waits for and others set.
type signal struct {
	value  atomic.Int32
	parked atomic.Bool   // the waiter sleeps on wake, or is about to
	wake   chan struct{} // one token for every time that a setter clears parked
}

// A waiter looks at the number rounds × looks times, yielding after each round, before it parks: about 20 µs on an idle
// machine. On a busy one the yields give the core away.
const (
	rounds = 100
	looks  = 60
)

// set changes the number and wakes the waiter.
func (s *signal) set(v int32) {
	s.value.Store(v)
	if s.parked.Load() && s.parked.CompareAndSwap(true, false) {
		s.wake <- struct{}{}
	}
}

// leaves returns the number as soon as it is not old.
func (s *signal) leaves(old int32) int32 {
	for range rounds {
		for range looks {
			if v := s.value.Load(); v != old {
				return v
			}
		}
		runtime.Gosched()
	}
	for {
		s.parked.Store(true)
		if v := s.value.Load(); v != old {
			if !s.parked.CompareAndSwap(true, false) {
				<-s.wake
			}
			return v
		}
		<-s.wake
		if v := s.value.Load(); v != old {
			return v
		}
	}
}
