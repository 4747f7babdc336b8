package neuron

import (
	"math/bits"
	"sync"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
)

// A Shard hosts some of the vertices of a Population: it fires them on one goroutine at a time, puts messages between
// them into their slots itself, and gathers those for other shards in batches. Its vertices make the transitions that
// Fire makes, with the same bits. Vertices of one kind that are ready at the same time are computed in one call where
// their function allows it (op.Cellular). No rule that runs free or accumulates can be hosted.
type Shard struct {
	Predictions int64 // sent, since the shard was made
	Errors      int64
	Hook        func(Message) bool // called for every message that is sent; one for which it returns false is lost. nil: none

	p      *Population
	worker *Worker
	id     uint8
	owner  []uint8 // by vertex; nil: all vertices are of this shard
	ready  [Learn + 1]readySet
	lane   *lane    // nil: all vertices are of this shard
	out    bitset   // of two shards, by port in the order of vertices: the prediction goes to the other; else nil
	in     bitset   // likewise, by edge: the error does
	outbox []*Batch // by shard
	pool   *batchPool
	acks   int

	list   []graph.VertexID // taken from a set
	left   []graph.VertexID // of these, what has not been fired
	firing Transition
	cells  op.Cells
}

// A Batch holds the messages of one shard to another. Their payloads lie in the population's arena.
type Batch struct {
	From, To  int
	stage     int
	receivers []graph.VertexID // of predictions of the forward sweep, or of errors in the sparse form: a count of slots filled
	messages  []Message        // any other
}

// Len returns the number of messages in b.
func (b *Batch) Len() int { return len(b.receivers) + len(b.messages) }

// NewShards returns n shards, at most 256, that host all vertices of p between them. The vertices of every level are cut into n parts
// with about the same number of edges; a parameter goes with its first consumer.
func NewShards(p *Population, n int) []*Shard {
	p.nameOperands()
	var owner []uint8
	var out, in bitset
	if n = min(max(n, 1), 1<<8); n > 1 {
		owner = p.partition(n)
	}
	if n == 2 {
		out, in = p.crossing(owner)
	}
	list, pool := make([]*Shard, n), &batchPool{}
	for i := range list {
		s := &Shard{p: p, id: uint8(i), owner: owner, out: out, in: in, outbox: make([]*Batch, n), pool: pool}
		if owner != nil {
			s.lane = &lane{}
		}
		s.worker = &Worker{Router: s}
		list[i] = s
	}
	return list
}

// partition assigns every vertex to one of n shards.
func (p *Population) partition(n int) []uint8 {
	g := p.g
	load := func(v int) int64 {
		_, k := g.In(graph.VertexID(v))
		return int64(k + 1)
	}
	total := make([]int64, g.Depth()+3) // by level, from −1 on
	group := func(v int) int {
		if g.Role(graph.VertexID(v)) != graph.Computed {
			return len(total) - 1
		}
		return g.Level(graph.VertexID(v)) + 1
	}
	for v := range g.Len() {
		total[group(v)] += load(v)
	}
	owner, sum := make([]uint8, g.Len()), make([]int64, len(total))
	for v := range g.Len() {
		k := group(v)
		owner[v] = uint8(sum[k] * int64(n) / total[k])
		sum[k] += load(v)
	}
	for v := range g.Len() {
		if c := g.Consumers(graph.VertexID(v)); g.Role(graph.VertexID(v)) == graph.Parameter && len(c) > 0 {
			owner[v] = owner[c[0]]
		}
	}
	return owner
}

// Vertices returns the number of vertices that the shard hosts.
func (s *Shard) Vertices() int {
	if s.owner == nil {
		return s.p.g.Len()
	}
	n := 0
	for _, o := range s.owner {
		if o == s.id {
			n++
		}
	}
	return n
}

// Bytes returns the size of the shard's arrays in bytes. What shards have in
// common is counted with the first.
func (s *Shard) Bytes() int64 {
	n := 4*(2*cap(s.cells.Spans)+cap(s.cells.Out)+cap(s.cells.Eps)+cap(s.list)+laneSize) + 40*(cap(s.worker.args)+cap(s.worker.d)+cap(s.worker.parts))
	for t := range s.ready {
		n += 8 * cap(s.ready[t].words)
	}
	list := s.outbox
	if s.id == 0 {
		n += cap(s.owner) + 8*(cap(s.out)+cap(s.in))
		s.pool.mu.Lock()
		list = append(s.pool.list[:len(s.pool.list):len(s.pool.list)], list...)
		s.pool.mu.Unlock()
	}
	for _, b := range list {
		if b != nil {
			n += 4*cap(b.receivers) + 12*cap(b.messages)
		}
	}
	return int64(n)
}

func (s *Shard) mine(v graph.VertexID) bool { return s.owner == nil || s.owner[v] == s.id }

// Turn gives all vertices of the shard that are due in the present stage their turn.
func (s *Shard) Turn() {
	for _, v := range s.p.Due() {
		if s.mine(v) {
			missing, t := s.p.admit(v)
			s.count(v, missing, t)
		}
	}
}

// count takes one off what is missing at v, which is of this shard, and makes it ready for t if that was the last.
func (s *Shard) count(v graph.VertexID, missing *int32, t Transition) {
	if missing != nil {
		if *missing--; *missing != 0 {
			return
		}
	}
	if t != None {
		s.ready[t].add(v, s.p.g.Len())
	}
}

// Receive puts the messages of b, which is for this shard, into their slots.
func (s *Shard) Receive(b *Batch) {
	missing, p := s.p.ports, s.p
	if b.stage == Sweep {
		missing = p.args
	}
	for _, v := range b.receivers {
		if missing[v]--; missing[v] == 0 {
			s.ready[s.full(v, b.stage)].add(v, p.g.Len())
		}
	}
	for _, m := range b.messages {
		v, missing, t := p.accept(m)
		s.count(v, missing, t)
	}
}

// full returns the transition that a slot of v is for, of those that batches name by receiver.
func (s *Shard) full(v graph.VertexID, stage int) Transition {
	switch {
	case stage == Sweep:
		return Predict
	case s.p.g.Role(v) == graph.Parameter:
		return Learn
	}
	return Feedback
}

// Send implements Router: it counts m and puts it into its slot, or into the batch for the shard of its receiver.
func (s *Shard) Send(_ *Worker, m Message) {
	if s.Hook != nil && !s.Hook(m) {
		return
	}
	to := s.p.g.To(m.Edge)
	if m.Kind == Error {
		to = s.p.g.From(m.Edge)
	}
	if s.p.tally != nil { // here, since nobody waits until a batch has been read
		s.p.tally.Add(CountDelivered, to, m.Kind)
	}
	switch {
	case s.mine(to):
		v, missing, t := s.p.accept(m)
		s.count(v, missing, t)
	case m.Tick == Sweep || s.p.rule.Sparse:
		b := s.batch(s.owner[to])
		b.receivers = append(b.receivers, to)
	default:
		b := s.batch(s.owner[to])
		b.messages = append(b.messages, m)
	}
}

// batch returns the batch being filled for shard k.
func (s *Shard) batch(k uint8) *Batch {
	if s.outbox[k] == nil {
		s.outbox[k] = s.fresh(int(k))
	}
	return s.outbox[k]
}

func (s *Shard) fresh(to int) *Batch {
	b := s.pool.get()
	*b = Batch{From: int(s.id), To: to, stage: s.p.now, receivers: b.receivers[:0], messages: b.messages[:0]}
	return b
}

// Outgoing hands over the batch for shard k, nil if there is nothing for it. Whoever receives it gives it to Recycle of
// any shard when it has been read.
func (s *Shard) Outgoing(k int) *Batch {
	b := s.outbox[k]
	s.outbox[k] = nil
	if b != nil && b.Len() == 0 {
		s.Recycle(b)
		return nil
	}
	return b
}

// Recycle takes a batch that has been read, to be filled anew by any shard.
func (s *Shard) Recycle(b *Batch) { s.pool.put(b) }

// A batchPool keeps the batches that are not under way.
type batchPool struct {
	mu   sync.Mutex
	list []*Batch
}

func (l *batchPool) get() *Batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.list); n > 0 {
		b := l.list[n-1]
		l.list = l.list[:n-1]
		return b
	}
	return &Batch{}
}

func (l *batchPool) put(b *Batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, b)
}

// Acks returns the number of acknowledgements since it was last called.
func (s *Shard) Acks() int {
	n := s.acks
	s.acks = 0
	return n
}

// chunk is how many vertices are fired together, at most.
const chunk = 256

// Run fires what is ready until nothing is, with the scratch memory of w. It stops early, without an error, when halted
// returns true, which it is asked from time to time; nil stands for never. A vertex may panic: Firing names it then.
func (s *Shard) Run(w *Worker, halted func() bool) {
	s.worker.Ctx = w.Ctx
	defer s.tally()
	for busy := true; busy; {
		busy = false
		for t := Emit; t <= Learn; t++ {
			r := &s.ready[t]
			for k := r.rewind(); r.any(k); busy = true {
				if halted != nil && halted() {
					return
				}
				s.list, k = r.take(s.list[:0], k, chunk)
				s.fire(s.list, t)
			}
		}
	}
}

// tally moves the counts of the worker to the shard.
func (s *Shard) tally() {
	s.Predictions, s.Errors = s.Predictions+s.worker.Predictions, s.Errors+s.worker.Errors
	s.worker.Predictions, s.worker.Errors = 0, 0
}

// Firing returns the vertex that was being fired when Run panicked, and its transition. Of vertices that are computed in
// one call it is the first.
func (s *Shard) Firing() (graph.VertexID, Transition) {
	if len(s.left) == 0 {
		return -1, None
	}
	return s.left[0], s.firing
}

// fire fires the vertices of the list, in order.
func (s *Shard) fire(list []graph.VertexID, t Transition) {
	s.firing, s.left = t, list
	for len(s.left) > 0 {
		n := s.together(s.left, t)
		if n == 0 {
			if s.p.Fire(s.worker, s.left[0], t) {
				s.acks++
			}
			n = 1
		}
		s.left = s.left[n:]
	}
}

// A readySet is a set of vertices that are ready for one transition: one bit each, made when it is first needed. It is
// emptied in ascending order, which is that of the memory.
type readySet struct {
	words []uint64
	first int // no word before it has got a bit since rewind
	last  int // no word after it has a bit
}

func (r *readySet) add(v graph.VertexID, n int) {
	if r.words == nil {
		r.words = make([]uint64, (n+63)/64)
		r.first, r.last = len(r.words), -1
	}
	k := int(v) >> 6
	r.words[k] |= 1 << (uint(v) & 63)
	r.first, r.last = min(r.first, k), max(r.last, k)
}

// rewind returns the word where to start taking.
func (r *readySet) rewind() int {
	k := r.first
	if r.first = len(r.words); k == r.first {
		r.last = -1
	}
	return k
}

// any reports whether there may be a vertex at word k or later.
func (r *readySet) any(k int) bool { return k <= r.last }

// take moves vertices from word k on into list, in ascending order, until it holds n or more, and returns the word where
// it ended.
func (r *readySet) take(list []graph.VertexID, k, n int) ([]graph.VertexID, int) {
	for ; k <= r.last && len(list) < n; k++ {
		for w := r.words[k]; w != 0; w &= w - 1 {
			list = append(list, graph.VertexID(k<<6|bits.TrailingZeros64(w)))
		}
		r.words[k] = 0
	}
	return list, k
}
