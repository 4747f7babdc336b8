package neuron

import (
	"encoding/binary"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// This file is what a free-running engine needs beside the transitions: there nobody counts slots. The engine fires Compare
// and Relax of a vertex when its own clock says so, copies the payload of a message when it is sent, and puts it into
// the receiver's slot when it arrives. A slot holds what came last.

// Payload returns what m, which has just been handed to Send, carries: the sender's present value, or its error. It
// belongs to the sender and changes with its next transition. A message at rest carries nothing.
func (p *Population) Payload(m Message) tensor.Tensor {
	switch {
	case m.Rest:
		return tensor.Tensor{}
	case m.Kind == Prediction:
		return p.X(p.g.From(m.Edge))
	}
	return p.outgoing(m.Edge)
}

// Receive puts the payload of m into its slot; without one the slot says that the sender is at rest. For free-running
// rules.
func (p *Population) Receive(m Message, payload tensor.Tensor) {
	e := m.Edge
	if p.wave != nil && m.Kind == Error {
		p.wave[e] = m.Wave
	}
	switch {
	case m.Kind == Prediction:
		if p.moved[e] = payload.Wanted(); p.moved[e] {
			p.view(p.latest[e], p.g.From(e)).CopyFrom(payload)
		}
	default:
		if p.hasError[e] = payload.Wanted(); p.hasError[e] {
			p.feedback(e).CopyFrom(payload)
		}
	}
}

// Void empties the slot of m, because m was lost and the link says that silence means zero: a prediction of 0, no error.
func (p *Population) Void(m Message) {
	if m.Kind == Prediction {
		p.moved[m.Edge] = true
		p.view(p.latest[m.Edge], p.g.From(m.Edge)).Zero()
		return
	}
	p.hasError[m.Edge] = false
	if p.wave != nil {
		p.wave[m.Edge] = false
	}
}

// Local returns the number of ticks that v has made in this sample, by its own clock.
func (p *Population) Local(v graph.VertexID) int { return int(p.local[v]) }

// SetStep sets the integration step of v, for clocks whose ticks are not equally long.
func (p *Population) SetStep(v graph.VertexID, gamma float64) {
	if p.step == nil {
		p.step = make([]float64, p.g.Len())
		for i := range p.step {
			p.step[i] = p.rule.Gamma
		}
	}
	p.step[v] = gamma
}

// Sensory reports whether what an input shows travels along e while a sample runs: in a stream, unless the input is inferred and
// has turns of its own.
func (p *Population) Sensory(e graph.EdgeID) bool {
	if !p.rule.Stream {
		return false
	}
	from := p.g.From(e)
	return p.g.Role(from) == graph.Input && !p.dynamic(from) && p.g.Type(from).IsFloat() && p.active(p.g.To(e))
}

// Announce sends what the inputs show in a new sample of a stream, after Continue. Their consumers go by the sample before
// until it arrives. The tick of such a message is the number of the sample.
func (p *Population) Announce(w *Worker) {
	for i := range p.g.Inputs() {
		v := p.g.InputVertex(i)
		if v < 0 {
			continue
		}
		if p.tally != nil {
			p.tally.fire(w, v, Emit)
		}
		for _, e := range p.g.Out(v) {
			if p.Sensory(e) {
				p.moved[e] = true // from now on the slot counts, not what the input shows
				w.send(Message{Edge: e, Tick: int32(p.samples)})
			}
		}
	}
}

// Continue goes on with the values of the last sample under the inputs of the one that Begin has set: no forward sweep is
// made, and what a vertex predicts is computed anew at every tick.
func (p *Population) Continue() {
	p.stream = true
	p.now, p.last, p.learning = 1, false, false
	for _, v := range p.schedule.byLevel {
		p.latched[v] = false
	}
	clear(p.reached)
	clear(p.wave)
	for v := range p.freed { // the anchor of an input that is inferred is what the new sample has
		if v := graph.VertexID(v); p.freed[v] && p.displaced[v] {
			subtract(p.view(p.disp[v], v), p.view(p.x[v], v), p.Value(v))
		}
	}
	p.holdAgain()
}

// Word is Payload as the bits of its one element, for a message that carries one. A message at rest must not be asked.
func (p *Population) Word(m Message) int64 {
	at := int(p.parcel[m.Edge])
	if m.Kind == Prediction {
		at = int(p.x[p.g.From(m.Edge)])
	}
	if p.typ == tensor.Float32 {
		return int64(binary.NativeEndian.Uint32(p.buf[4*at:]))
	}
	return int64(binary.NativeEndian.Uint64(p.buf[8*at:]))
}

// ReceiveWord is Receive of a payload of one element, by its bits.
func (p *Population) ReceiveWord(m Message, word int64) {
	at := 0
	if m.Kind == Prediction {
		p.moved[m.Edge] = true
		at = int(p.latest[m.Edge])
	} else {
		p.hasError[m.Edge] = true
		if p.wave != nil {
			p.wave[m.Edge] = m.Wave
		}
		at = int(p.slot[m.Edge])
	}
	if p.typ == tensor.Float32 {
		binary.NativeEndian.PutUint32(p.buf[4*at:], uint32(word))
		return
	}
	binary.NativeEndian.PutUint64(p.buf[8*at:], uint64(word))
}
