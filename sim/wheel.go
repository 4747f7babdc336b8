package sim

import "math/bits"

// span is how many units ahead the wheel reaches.
const span = 4096

// A wheel holds the messages that arrive within span units from now: a list for each unit, in the order of their ranks,
// so that adding and removing one takes the same time however many there are. Its lists are linked through one array,
// whose places are used again. The zero wheel is empty.
type wheel struct {
	count int
	nodes []node
	free  int32 // first free node; 0: none, since node 0 is not used
	slots [span]struct{ first, last int32 }
	used  [span / 64]uint64 // by slot: its list is not empty
	words uint64            // by word of used: it is not 0
	one   event             // that filter asks for
}

// A node is an element of a list. It takes 40 bytes.
type node struct {
	event
	next int32
}

// add puts e, whose time is less than span ahead, at the end of its list. It returns false if that is not its place.
func (w *wheel) add(e *event) bool {
	s := int(e.time) & (span - 1)
	slot := &w.slots[s]
	if slot.first != 0 && w.nodes[slot.last].rank > e.rank {
		return false
	}
	n := w.free
	if n != 0 {
		w.free = w.nodes[n].next
	} else {
		if len(w.nodes) == 0 {
			w.nodes = append(w.nodes, node{})
		}
		n = int32(len(w.nodes))
		w.nodes = append(w.nodes, node{})
	}
	w.nodes[n] = node{event: *e}
	if slot.first == 0 {
		slot.first = n
		w.used[s/64] |= 1 << (s % 64)
		w.words |= 1 << (s / 64)
	} else {
		w.nodes[slot.last].next = n
	}
	slot.last = n
	w.count++
	return true
}

// earliest returns the slot of the earliest time, seen from now. The wheel must not be empty.
func (w *wheel) earliest(now int64) int {
	s := int(now) & (span - 1)
	if w.slots[s].first != 0 {
		return s
	}
	k := s / 64
	if rest := w.used[k] >> (s % 64); rest != 0 {
		return s + bits.TrailingZeros64(rest)
	}
	ahead := bits.RotateLeft64(w.words, -(k + 1)) // word k itself comes last: its slots before s
	k = (k + 1 + bits.TrailingZeros64(ahead)) & (len(w.used) - 1)
	return k*64 + bits.TrailingZeros64(w.used[k])
}

// first returns the first event of a slot that is not empty.
func (w *wheel) first(slot int) *event { return &w.nodes[w.slots[slot].first].event }

// drop removes the first event of a slot.
func (w *wheel) drop(slot int) {
	s := &w.slots[slot]
	n := s.first
	s.first = w.nodes[n].next
	w.nodes[n].next, w.free = w.free, n
	if s.first == 0 {
		w.leave(slot)
	}
	w.count--
}

// filter removes the events that keep refuses; it asks in the order of time.
func (w *wheel) filter(now int64, keep func(*event) bool) {
	for k := range span {
		slot := int(now+int64(k)) & (span - 1)
		for n := w.detach(slot); n != 0; {
			next := w.nodes[n].next
			w.one = w.nodes[n].event
			w.nodes[n].next, w.free = w.free, n
			w.count--
			if keep(&w.one) {
				w.add(&w.one)
			}
			n = next
		}
	}
}

// detach empties the list of a slot, and returns its first node.
func (w *wheel) detach(slot int) int32 {
	n := w.slots[slot].first
	if n != 0 {
		w.slots[slot].first = 0
		w.leave(slot)
	}
	return n
}

// leave notes that the list of a slot is empty.
func (w *wheel) leave(slot int) {
	w.used[slot/64] &^= 1 << (slot % 64)
	if w.used[slot/64] == 0 {
		w.words &^= 1 << (slot / 64)
	}
}
