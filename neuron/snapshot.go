package neuron

import (
	"errors"
	"fmt"
	"math"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// A snapshot is everything that a population will ever read again: values, errors, slots, what is missing, parameters,
// the state of plasticities, interventions, the sample in progress. It does not hold the graph and the rule: a population
// that is restored must have been made of the same configuration.

// snapshotVersion is the first byte of a snapshot, and so of the state of every engine over a population. It is raised with
// every change of what a snapshot, or such a state, is made of. 2: updates are counted; 3: waves, and links that have changed;
// 4: inputs that are held; 5: an output that is held elsewhere, or by nothing; 6: noise that waits for a forward sweep.
const snapshotVersion = 6

// AppendState appends a snapshot of p to b. No transition may be running.
func (p *Population) AppendState(b []byte) []byte {
	b = append(b, snapshotVersion)
	w := &tensor.Encoder{B: b}
	w.Bytes(p.buf)
	w.Ints(p.args)
	w.Ints(p.ports)
	w.Ints(p.local)
	for _, flags := range [][]bool{p.displaced, p.quiet, p.predicted, p.moved, p.hasError, p.latched, p.reached, p.wave, p.kept, p.cut} {
		w.Bools(flags)
	}
	w.Floats(p.residual)
	w.Floats(p.step)
	for e := range graph.EdgeID(p.g.Edges()) {
		if r := p.rings[e]; r != nil {
			w.Bools(r.moved)
			w.Bools(r.has)
			w.Bools(r.wave)
			w.Tensors(r.values)
			w.Tensors(r.errors)
		}
	}
	w.Tensors(p.mirror)
	w.Tensors(p.pruned)
	w.Tensors(p.external[:len(p.outside)])
	w.Tensor(p.target)
	w.Uint(uint64(len(p.plasticity)))
	for _, l := range p.plasticity {
		w.Tensors(l.Snapshot())
	}
	w.Uint(uint64(len(p.held)))
	for _, h := range p.held {
		w.Bools([]bool{h.lesioned, h.clamped, h.loose})
		w.Tensor(h.fixed)
		w.Tensor(h.pulse)
	}
	w.Bools([]bool{p.last, p.learning, p.stream})
	for _, x := range []uint64{uint64(p.mode), uint64(int64(p.now)), p.samples, p.updates, math.Float64bits(p.scale), math.Float64bits(p.lossVal)} {
		w.Uint(x)
	}
	return w.B
}

// Aside returns copies of what predict returns and makes p what it was before: for a forward sweep in the middle of a stream. No
// transition may be running.
func (p *Population) Aside(predict func() ([]tensor.Tensor, error)) ([]tensor.Tensor, error) {
	state := p.AppendState(nil)
	out, err := predict()
	for i := range out {
		out[i] = out[i].Clone()
	}
	_, lost := p.RestoreState(state)
	return out, errors.Join(err, lost)
}

// Rehearse calls sweep, which makes a forward sweep of the sample that Begin has set, and makes p what it was before, with all that is
// counted, but for the loss. It is for a stream, which makes no sweeps. No transition may be running.
func (p *Population) Rehearse(sweep func()) (err error) {
	if t := p.tally; t != nil {
		counts, event := t.AppendState(nil), t.Event
		t.Event = nil
		defer func() {
			_, lost := t.RestoreState(counts)
			err, t.Event = errors.Join(err, lost), event
		}()
	}
	loss := 0.0
	_, err = p.Aside(func() ([]tensor.Tensor, error) {
		sweep()
		loss = p.lossVal
		return nil, nil
	})
	p.lossVal = loss
	return err
}

// RestoreState makes p what it was when the snapshot was taken, and returns what follows the snapshot in b. The error of
// a snapshot that is damaged, or that comes from another configuration, leaves p in an undefined state.
func (p *Population) RestoreState(b []byte) (rest []byte, err error) {
	if len(b) == 0 {
		return nil, errors.New("neuron: snapshot: it is empty")
	}
	if b[0] != snapshotVersion {
		return nil, fmt.Errorf("neuron: snapshot: its format is version %d, this program reads version %d: finish with the program that made it", b[0], snapshotVersion)
	}
	r := &tensor.Decoder{B: b[1:]}
	copy(p.buf, r.Bytes(len(p.buf)))
	r.Ints(p.args)
	r.Ints(p.ports)
	r.Ints(p.local)
	for _, flags := range []*[]bool{&p.displaced, &p.quiet, &p.predicted, &p.moved, &p.hasError, &p.latched, &p.reached, &p.wave, &p.kept, &p.cut} {
		r.Bools(flags)
	}
	r.Floats(&p.residual)
	r.Floats(&p.step)
	for e := range graph.EdgeID(p.g.Edges()) {
		if g := p.rings[e]; g != nil {
			r.Bools(&g.moved)
			r.Bools(&g.has)
			r.Bools(&g.wave)
			r.Tensors(&g.values)
			r.Tensors(&g.errors)
		}
	}
	r.Tensors(&p.mirror)
	r.Tensors(&p.pruned)
	var inputs []tensor.Tensor
	r.Tensors(&inputs)
	if r.Err == nil && len(inputs) == len(p.outside) {
		copy(p.external, inputs)
	}
	p.target = r.Tensor()
	p.restorePlasticity(r)
	p.restoreHeld(r)
	flags := make([]bool, 3)
	r.Bools(&flags)
	mode, now, samples, updates, scale, loss := r.Uint(), r.Uint(), r.Uint(), r.Uint(), r.Uint(), r.Uint()
	if r.Err != nil {
		return nil, r.Err
	}
	p.last, p.learning, p.stream = flags[0], flags[1], flags[2]
	p.mode, p.now, p.samples, p.updates = Mode(mode), int(int64(now)), samples, updates
	p.scale, p.lossVal = math.Float64frombits(scale), math.Float64frombits(loss)
	return r.B, nil
}

func (p *Population) restorePlasticity(r *tensor.Decoder) {
	if n := r.Uint(); r.Err == nil && n != uint64(len(p.plasticity)) {
		r.Fail("%d plasticities, want %d", n, len(p.plasticity))
	}
	for i, l := range p.plasticity {
		var state []tensor.Tensor
		r.Tensors(&state)
		if r.Err != nil {
			return
		}
		for _, t := range state {
			if w := p.Parameter(i); t.Len() > 1 && t.Len() != w.Len() {
				r.Fail("the plasticity of %s has a state of shape %v", p.g.Parameter(i).Name, t.Shape())
				return
			}
		}
		if err := l.Restore(state); err != nil {
			r.Fail("%v", err)
		}
	}
}

func (p *Population) restoreHeld(r *tensor.Decoder) {
	n := r.Uint()
	p.held = nil
	if n == 0 || r.Err != nil {
		return
	}
	if n != uint64(p.g.Len()) {
		r.Fail("interventions on %d vertices, the graph has %d", n, p.g.Len())
		return
	}
	p.held = make([]hold, n)
	for v := range p.held {
		flags := make([]bool, 3)
		r.Bools(&flags)
		if r.Err != nil {
			return
		}
		p.held[v] = hold{flags[0], flags[1], flags[2], r.Tensor(), r.Tensor()}
	}
}
