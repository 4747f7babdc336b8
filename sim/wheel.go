package sim

import "math/bits"

// span is how many units ahead the wheel reaches.
const span = 4096

// blockLen is the number of events of a block.
const blockLen = 8

// A wheel holds the messages that arrive within span units from now: a list for each unit, in the order of their ranks, so that
// adding and removing one takes the same time however many there are. A list is a chain of blocks, so that the ends of all lists,
// where events are added, stay in the cache, and its events are read one after the other. Blocks are used again. The zero wheel
// is empty.
type wheel struct {
	count  int
	blocks [][blockLen]event // the first is not used
	next   []int32           // by block: the next of its chain, or of the free ones; 0: none
	free   int32             // first free block; 0: none
	slots  [span]list
	used   [span / 64]uint64 // by slot: its list is not empty
	words  uint64            // by word of used: it is not 0
	one    event             // that filter asks for
}

// A list is the events of one slot: those of its blocks from head in the first one on, before tail in the last one.
type list struct {
	first, last int32 // blocks; 0: the list is empty
	head, tail  int32
}

// add puts e, whose time is less than span ahead, at the end of its list. It returns false if that is not its place.
func (w *wheel) add(e *event) bool {
	s := int(e.time) & (span - 1)
	l := &w.slots[s]
	switch {
	case l.first == 0:
		n := w.take()
		*l = list{first: n, last: n}
		w.used[s/64] |= 1 << (s % 64)
		w.words |= 1 << (s / 64)
	case w.blocks[l.last][l.tail-1].rank > e.rank:
		return false
	case l.tail == blockLen:
		n := w.take()
		w.next[l.last] = n
		l.last, l.tail = n, 0
	}
	w.blocks[l.last][l.tail] = *e
	l.tail++
	w.count++
	return true
}

// take returns a block to be filled.
func (w *wheel) take() int32 {
	if n := w.free; n != 0 {
		w.free, w.next[n] = w.next[n], 0
		return n
	}
	if len(w.blocks) == 0 {
		w.blocks, w.next = append(w.blocks, [blockLen]event{}), append(w.next, 0)
	}
	w.blocks, w.next = append(w.blocks, [blockLen]event{}), append(w.next, 0)
	return int32(len(w.blocks) - 1)
}

// giveBack frees block n, and returns the next of its chain.
func (w *wheel) giveBack(n int32) (next int32) {
	next = w.next[n]
	w.next[n], w.free = w.free, n
	return next
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
func (w *wheel) first(slot int) *event {
	l := &w.slots[slot]
	return &w.blocks[l.first][l.head]
}

// drop removes the first event of a slot.
func (w *wheel) drop(slot int) {
	l := &w.slots[slot]
	w.count--
	l.head++
	switch {
	case l.first == l.last && l.head == l.tail:
		w.giveBack(l.first)
		l.first = 0
		w.leave(slot)
	case l.head == blockLen:
		l.first, l.head = w.giveBack(l.first), 0
	}
}

// each calls f for every event of a slot, in their order.
func (w *wheel) each(slot int, f func(*event)) {
	l := w.slots[slot]
	for n := l.first; n != 0; n = w.next[n] {
		for i := l.head; i < w.filled(&l, n); i++ {
			f(&w.blocks[n][i])
		}
		l.head = 0
	}
}

// filled returns how many places of block n of l are taken, counted from its start.
func (w *wheel) filled(l *list, n int32) int32 {
	if n == l.last {
		return l.tail
	}
	return blockLen
}

// filter removes the events that keep refuses; it asks in the order of time.
func (w *wheel) filter(now int64, keep func(*event) bool) {
	for k := range span {
		slot := int(now+int64(k)) & (span - 1)
		if w.slots[slot].first == 0 {
			continue
		}
		was := w.slots[slot]
		w.slots[slot].first = 0
		w.leave(slot)
		for n := was.first; n != 0; n = w.giveBack(n) {
			for i := was.head; i < w.filled(&was, n); i++ {
				w.one = w.blocks[n][i]
				w.count--
				if keep(&w.one) {
					w.add(&w.one)
				}
			}
			was.head = 0
		}
	}
}

// leave notes that the list of a slot is empty.
func (w *wheel) leave(slot int) {
	w.used[slot/64] &^= 1 << (slot % 64)
	if w.used[slot/64] == 0 {
		w.words &^= 1 << (slot / 64)
	}
}
