package sim

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/retrodict/retrodict/synapse"
)

func cpu() float64 {
	var r syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return float64(r.Utime.Sec) + float64(r.Utime.Usec)/1e6 + float64(r.Stime.Sec) + float64(r.Stime.Usec)/1e6
}

func TestCPU(t *testing.T) {
	if os.Getenv("CPU") == "" {
		t.Skip()
	}
	e := crowd(t, synapse.Distribution{Family: synapse.Uniform, High: 1100})
	best := 1e9
	for range 5 {
		c, w := cpu(), time.Now()
		for range 1000000 {
			e.Step()
		}
		d := cpu() - c
		best = min(best, d)
		fmt.Printf("%.0f ns/event cpu, wall %v\n", d*1000, time.Since(w))
	}
	fmt.Println("events/s", 1e6/best, e.Params().Hash(), e.Stats())
}
