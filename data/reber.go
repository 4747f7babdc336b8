package data

import (
	"strings"

	"github.com/retrodict/retrodict/tensor"
)

// reberSymbols are the symbols of the grammar, in the order of the one-hot vectors.
const reberSymbols = "BTPSXVE"

// An arc of the grammar's automaton reads a symbol and leads to a state.
type arc struct {
	symbol byte
	to     int
}

// reberEnd is the state after the last symbol.
const reberEnd = 7

// reberArcs lists the arcs that leave each state. A string starts in state 0.
// Source: Reber, "Implicit learning of artificial grammars", 1967, in the form of Cleeremans, Servan-Schreiber and
// McClelland, "Finite state automata and simple recurrent networks", 1989.
func reberArcs(state int) []arc {
	switch state {
	case 0:
		return []arc{{'B', 1}}
	case 1:
		return []arc{{'T', 2}, {'P', 3}}
	case 2:
		return []arc{{'S', 2}, {'X', 4}}
	case 3:
		return []arc{{'T', 3}, {'V', 5}}
	case 4:
		return []arc{{'X', 3}, {'S', 6}}
	case 5:
		return []arc{{'P', 4}, {'V', 6}}
	case 6:
		return []arc{{'E', reberEnd}}
	}
	return nil
}

// IsReber reports whether s is a string of the Reber grammar, such as "BTXSE".
func IsReber(s string) bool {
	state := 0
	for i := range len(s) {
		next := -1
		for _, a := range reberArcs(state) {
			if a.symbol == s[i] {
				next = a.to
			}
		}
		if next < 0 {
			return false
		}
		state = next
	}
	return state == reberEnd
}

// A reber draws strings of one length, all equally likely.
type reber struct {
	source
	length int
	ways   [][reberEnd + 1]uint64 // ways[k][state]: strings of k symbols from state to the end
}

// Strings of fewer than 5 symbols do not exist; above 60 their number might not fit 64 bits.
const reberShortest, reberLongest = 5, 60

func newReber(seed uint64, length int) reber {
	r := reber{newSource(seed, streamReber), length, make([][reberEnd + 1]uint64, length+1)}
	r.ways[0][reberEnd] = 1
	for k := 1; k <= length; k++ {
		for state := range reberEnd {
			for _, a := range reberArcs(state) {
				r.ways[k][state] += r.ways[k-1][a.to]
			}
		}
	}
	return r
}

// draw appends a string to b.
func (r reber) draw(b []byte) []byte {
	state := 0
	for k := r.length; k > 0; k-- {
		pick := r.below(r.ways[k][state])
		for _, a := range reberArcs(state) {
			if w := r.ways[k-1][a.to]; pick < w {
				b, state = append(b, a.symbol), a.to
				break
			} else {
				pick -= w
			}
		}
	}
	return b
}

// symbol returns the index of a symbol.
func symbol(c byte) int64 { return int64(strings.IndexByte(reberSymbols, c)) }

// reberSet checks the arguments and returns a set with X of shape [n, steps, 7].
func reberSet(name string, n, length, steps int) (*Set, error) {
	s := &Set{Name: name}
	if length < reberShortest || length > reberLongest {
		return nil, s.errorf("strings of %d symbols: want %d … %d", length, reberShortest, reberLongest)
	}
	if err := s.checkRows(n, steps*len(reberSymbols)); err != nil {
		return nil, err
	}
	s.X = tensor.New(tensor.Float64, tensor.Dims(n, steps, len(reberSymbols)))
	return s, nil
}

// Reber returns n strings of the Reber grammar, many to many: a row of X [n, length−1, 7] is the string without its
// last symbol, one-hot in the order BTPSXVE, and the row of Y, Int64 [n, length−1], is the next symbol after each.
// Every string of the length, 5 … 60, is equally likely. Mostly two symbols may follow, so that no prediction can be
// right always.
func Reber(seed uint64, n, length int) (*Set, error) {
	s, err := reberSet("reber", n, length, max(length, 1)-1)
	if err != nil {
		return nil, err
	}
	s.Classes = strings.Split(reberSymbols, "")
	s.Y = tensor.New(tensor.Int64, tensor.Dims(n, length-1))
	r, x := newReber(seed, length), tensor.New(tensor.Int64, tensor.Dims(n, length-1))
	var text []byte
	for i := range n {
		text = r.draw(text[:0])
		for j := range length - 1 {
			x.Int64s()[i*(length-1)+j] = symbol(text[j])
			s.Y.Int64s()[i*(length-1)+j] = symbol(text[j+1])
		}
	}
	OneHot(s.X, x)
	return s, nil
}

// ReberGrammatical returns n strings of a length of 5 … 60, many to one: X [n, length, 7] is one-hot in the order
// BTPSXVE, and Y [n] is 1 if the string belongs to the Reber grammar. The rows take turns; in the others one symbol has
// been replaced so that the string does not.
func ReberGrammatical(seed uint64, n, length int) (*Set, error) {
	s, err := reberSet("reber-grammatical", n, length, max(length, 1))
	if err != nil {
		return nil, err
	}
	s.Classes = []string{"ungrammatical", "grammatical"}
	s.Y = tensor.New(tensor.Int64, tensor.Dims(n))
	r, x := newReber(seed, length), tensor.New(tensor.Int64, tensor.Dims(n, length))
	var text []byte
	for i := range n {
		text = r.draw(text[:0])
		s.Y.Int64s()[i] = int64(1 - i%2)
		if i%2 == 1 {
			r.spoil(text)
		}
		for j, c := range text {
			x.Int64s()[i*length+j] = symbol(c)
		}
	}
	OneHot(s.X, x)
	return s, nil
}

// spoil replaces one symbol of a string of the grammar by another, so that it leaves the grammar. It ends: any other
// symbol in place of the first does that.
func (r reber) spoil(text []byte) {
	for {
		at := r.below(uint64(len(text)))
		was := text[at]
		text[at] = reberSymbols[r.below(uint64(len(reberSymbols)))]
		if !IsReber(string(text)) {
			return
		}
		text[at] = was
	}
}
