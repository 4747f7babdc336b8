package par

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A signal is a number that one goroutine at a time waits for and others set.
type signal struct {
	value  atomic.Int32
	parked atomic.Bool   // the waiter sleeps on wake, or is about to
	wake   chan struct{} // one token for every time that a setter clears parked
}

// A waiter looks at the number in rounds of looks, yielding to other goroutines after each, until it has looked for
// patience, and then parks: to be woken takes some 50 µs, more than most kernels. A round that takes longer than lost
// means that the operating system gave the core to somebody else: whoever waits then had better sleep at once.
const (
	looks    = 200
	patience = 300 * time.Microsecond
	lost     = 20 * time.Microsecond
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
	for spent := time.Duration(0); spent < patience; {
		begin := time.Now()
		for range looks {
			if v := s.value.Load(); v != old {
				return v
			}
		}
		round := time.Since(begin)
		if spent += round; round > lost {
			break
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
