package actors

import (
	"container/heap"
	"sync"
	"sync/atomic"
	"time"

	"github.com/retrodict/retrodict/graph"
)

// A postman delivers letters and beats when their time on the wall has come. Times are in units since the
// sample began, of a stream since its first sample did.
type postman struct {
	free  *Free
	mu    sync.Mutex
	bag   bag
	made  int64
	wake  chan struct{}
	begun time.Time // the sample
	from  int64     // the time it was then
	until int64     // the time at which the last sample ended
	alive atomic.Bool
	ended chan struct{}
	away  sync.WaitGroup // handed to a mailbox and not yet taken
}

type parcel struct {
	at  int64
	seq int64
	to  graph.VertexID
	msg any
}

// bag is a heap of parcels by time.
type bag []parcel

func (b bag) Len() int { return len(b) }
func (b bag) Less(i, j int) bool {
	return b[i].at < b[j].at || b[i].at == b[j].at && b[i].seq < b[j].seq
}
func (b bag) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
func (b *bag) Push(x any)   { *b = append(*b, x.(parcel)) }
func (b *bag) Pop() any {
	old := *b
	p := old[len(old)-1]
	*b = old[:len(old)-1]
	return p
}

func newPostman(f *Free) *postman { return &postman{free: f, wake: make(chan struct{}, 1)} }

// open reports whether the sample is still running.
func (p *postman) open() bool { return p.alive.Load() }

// taken says that a mailbox has handed over what was delivered.
func (p *postman) taken() { p.away.Done() }

// now returns the time.
func (p *postman) now() int64 { return p.from + int64(time.Since(p.begun)/p.free.cfg.Unit) }

// start begins a sample, or goes on with a stream and all that waits. Nothing is handed over until run.
func (p *postman) start(goesOn bool) {
	if p.from = p.until; !goesOn {
		p.bag, p.made, p.from = p.bag[:0], 0, 0
	}
	p.begun = time.Now()
	p.ended = make(chan struct{})
	p.alive.Store(true)
}

// run begins to hand over.
func (p *postman) run() { go p.loop() }

// deliver has msg delivered at the given time.
func (p *postman) deliver(at int64, to graph.VertexID, msg any) {
	p.mu.Lock()
	p.made++
	heap.Push(&p.bag, parcel{at, p.made, to, msg})
	first := p.bag[0].seq == p.made
	p.mu.Unlock()
	if first {
		select {
		case p.wake <- struct{}{}:
		default:
		}
	}
}

// loop delivers what is due until the sample is over.
func (p *postman) loop() {
	defer close(p.ended)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for p.alive.Load() {
		wait := time.Hour
		p.mu.Lock()
		for len(p.bag) > 0 && p.alive.Load() {
			if due := p.begun.Add(time.Duration(p.bag[0].at-p.from) * p.free.cfg.Unit); time.Until(due) > 0 {
				wait = time.Until(due)
				break
			}
			x := heap.Pop(&p.bag).(parcel)
			p.mu.Unlock()
			p.away.Add(1)
			p.free.nodes[x.to].proc.SendUserMessage(nil, x.msg)
			p.mu.Lock()
		}
		p.mu.Unlock()
		timer.Reset(wait)
		select {
		case <-timer.C:
		case <-p.wake:
		}
	}
}

// stop ends the sample. What a mailbox has belongs to it still and is taken in its order, since what an actor has arranged for
// itself, put back, would change places with what follows; what that sends is not handed over any more. When stop returns
// no actor is at work.
func (p *postman) stop() {
	if !p.alive.Swap(false) {
		return
	}
	select {
	case p.wake <- struct{}{}:
	default:
	}
	<-p.ended
	p.away.Wait()
	p.until = p.now()
	select {
	case <-p.wake:
	default:
	}
}
