//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package study

import "time"

// processorTime returns the time that has passed, on systems that are not asked for that of processors.
func processorTime(since time.Time) time.Duration { return time.Since(since) }
