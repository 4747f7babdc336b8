//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package study

import (
	"syscall"
	"time"
)

// processorTime returns the time that processors have spent on this program: what other programs do is not in it.
func processorTime(since time.Time) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return time.Since(since)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
