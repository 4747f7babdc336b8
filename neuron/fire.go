package neuron

import (
	"sync/atomic"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A Worker is what a goroutine needs to fire vertices: a Ctx of its own and room for operands. It counts what it sends.
type Worker struct {
	Ctx         *tensor.Ctx
	Router      Router
	Predictions int64
	Errors      int64

	tally  *Tally         // of who is being fired; nil: nobody counts
	vertex graph.VertexID // with a tally: which
	said   [2]bool        // with a tally, by kind: it has sent a message that is not empty

	cells                  op.Cells // of one vertex
	list                   []graph.VertexID
	args, d, parts         []tensor.Tensor
	values, leaves, images []tensor.Tensor                // of a vertex whose errors return through other weights
	zeros                  map[tensor.Shape]tensor.Tensor // what a cut edge gives
}

func (w *Worker) send(m Message) {
	if m.Kind == Prediction {
		w.Predictions++
	} else {
		w.Errors++
	}
	if w.tally != nil {
		w.tally.sent(w, m)
	}
	w.Router.Send(w, m)
}

// Deliver puts m into its slot at the receiver. It returns the receiver and the transition for which its slots are now
// full, None if something is still missing. It may be called by any goroutine.
func (p *Population) Deliver(m Message) (graph.VertexID, Transition) {
	if p.tally != nil {
		p.tally.Add(CountDelivered, p.receiver(m), m.Kind)
	}
	v, missing, t := p.accept(m)
	if missing != nil && atomic.AddInt32(missing, -1) != 0 {
		return v, None
	}
	return v, t
}

// DeliverAlone is Deliver where one goroutine delivers everything.
func (p *Population) DeliverAlone(m Message) (graph.VertexID, Transition) {
	if p.tally != nil {
		p.tally.Add(CountDelivered, p.receiver(m), m.Kind)
	}
	v, missing, t := p.accept(m)
	if missing != nil {
		if *missing--; *missing != 0 {
			return v, None
		}
	}
	return v, t
}

// accept puts m into its slot. It returns the receiver, the count of what is missing there, from which the caller takes m
// off, and the transition for which the slots are full when nothing is missing any more. A count of nil says that t is due
// now.
func (p *Population) accept(m Message) (v graph.VertexID, missing *int32, t Transition) {
	if m.Kind == Prediction {
		v = p.g.To(m.Edge)
		if m.Tick == Sweep {
			return v, &p.args[v], Predict
		}
		p.noteValue(m)
		return v, &p.args[v], Compare
	}
	v = p.g.From(m.Edge)
	if p.rule.Event == Delta {
		v, t = p.Absorb(m, p.outgoing(m.Edge))
		return v, nil, t
	}
	if !p.rule.Sparse {
		p.noteError(m)
		if p.g.Role(v) == graph.Parameter {
			return v, nil, None // it learns at a stage of its own
		}
		return v, &p.ports[v], Relax
	}
	if p.g.Role(v) == graph.Parameter {
		return v, &p.ports[v], Learn
	}
	return v, &p.ports[v], Feedback
}

// receiver returns the vertex that m is sent to.
func (p *Population) receiver(m Message) graph.VertexID {
	if m.Kind == Prediction {
		return p.g.To(m.Edge)
	}
	return p.g.From(m.Edge)
}

// Turn gives v its turn in the present stage. It returns the transition for which v is ready, None if messages are still
// missing.
func (p *Population) Turn(v graph.VertexID) Transition {
	missing, t := p.admit(v)
	if missing != nil && atomic.AddInt32(missing, -1) != 0 {
		return None
	}
	return t
}

// admit is to Turn what accept is to Deliver.
func (p *Population) admit(v graph.VertexID) (missing *int32, t Transition) {
	switch {
	case p.now == Sweep:
		return nil, Emit
	case p.learning:
		return nil, Learn
	case p.rule.Event == Delta:
		return nil, Feedback
	case p.rule.Sparse:
		return &p.ports[v], Feedback
	}
	return &p.args[v], Compare
}

// Fire runs transition t of v, which sends its messages through w. It reports whether v has thereby done its part of the
// tick, or of the sweep, and acknowledges it.
func (p *Population) Fire(w *Worker, v graph.VertexID, t Transition) (ack bool) {
	if p.tally != nil {
		p.tally.fire(w, v, t)
	}
	switch t {
	case Emit:
		if p.freed != nil && p.freed[v] {
			p.rest(v)
		}
		for _, e := range p.g.Out(v) {
			w.send(Message{Edge: e, Tick: Sweep})
		}
		return false
	case Predict:
		return p.predict(w, v)
	case Compare:
		return p.compare(w, v)
	case Relax:
		return p.relax(w, v)
	case Feedback:
		if p.rule.Event == Delta {
			p.change(w, v)
			return false
		}
		return p.sparse(w, v)
	case Learn:
		return p.learn(w, v)
	case Contribute:
		p.derive(w, v, p.view(p.eps[v], v), toParameters)
		return false // the parameters do
	}
	panic("neuron: Fire: no transition")
}

// predict is the forward sweep of v: μ becomes the anchor of its value.
func (p *Population) predict(w *Worker, v graph.VertexID) (ack bool) {
	g := p.g
	if f := p.alone(w, v); f != nil {
		f.ForwardCells(w.Ctx, &w.cells)
	} else {
		w.args = w.args[:0]
		first, _ := g.In(v)
		for k, a := range g.Args(v) {
			w.args = append(w.args, p.unlessCut(w, first+graph.EdgeID(k), p.Value(a)))
		}
		g.Op(v).Forward(w.Ctx, p.Value(v), w.args)
	}
	if p.held != nil && p.held[v].lesioned {
		p.Value(v).Zero()
	}
	if v == g.Output() {
		p.measure()
	}
	p.settle(v)
	for _, e := range g.Out(v) {
		w.send(Message{Edge: e, Tick: Sweep})
	}
	return len(g.Out(v)) == 0
}

// measure computes the loss, the value of the output being there.
func (p *Population) measure() {
	if p.mode != Inference {
		p.lossVal = p.loss.Energy(p.Value(p.g.Output()), p.target)
	}
}

// settle makes the prediction of v the anchor of its value, and v wait for what comes next.
func (p *Population) settle(v graph.VertexID) {
	p.armArgs(v)
	if !p.rule.Sparse && p.active(v) {
		p.rest(v)
	}
}

// armArgs makes v wait for what it needs next after a prediction: all arguments of the next sweep, or its first turn. Turns
// of a clock of its own are not counted.
func (p *Population) armArgs(v graph.VertexID) {
	_, n := p.g.In(v)
	if !p.rule.Sparse && !p.rule.Free && p.rule.Event != Delta && p.mode != Inference && p.active(v) {
		n = 1
	}
	p.args[v] = int32(n)
}

// sparse is one vertex's whole work in an update of the sparse form: its error is the folded feedback, since μ is still
// the anchor (Lemma A.1), and goes through the vector–Jacobian product at the forward values to its arguments. A vertex
// that owes (see Defer) leaves the errors of its parameters to Contribute.
func (p *Population) sparse(w *Worker, v graph.VertexID) (ack bool) {
	p.armPorts(v)
	if f := p.alone(w, v); f != nil {
		w.list = append(w.list[:0], v)
		p.errorsOf(w.list, w.cells.N)
		f.VJPCells(w.Ctx, &w.cells)
		first, _ := p.g.In(v)
		for k, at := range w.cells.D {
			if at >= 0 {
				w.send(Message{Edge: first + graph.EdgeID(k), Tick: int32(p.now), Kind: Error})
			}
		}
		return true
	}
	eps := p.view(p.eps[v], v)
	if v == p.g.Output() {
		p.outputError(eps, p.Value(v))
	} else {
		w.Ctx.Fold(eps, p.gather(w, v))
	}
	to := toAll
	if p.Owes(v) {
		to = toValues
	}
	p.derive(w, v, eps, to)
	return true
}

// derive sends the errors of v to the arguments that to names, ε being there. Under the sparse form.
func (p *Population) derive(w *Worker, v graph.VertexID, eps tensor.Tensor, to recipients) {
	lesioned := p.held != nil && p.held[v].lesioned
	if lesioned {
		eps.Zero()
	}
	first, n := p.g.In(v)
	w.args, w.d = w.args[:0], w.d[:0]
	for k := range n {
		e := first + graph.EdgeID(k)
		w.args = append(w.args, p.unlessCut(w, e, p.Value(p.g.From(e))))
		d := tensor.Tensor{}
		if p.among(e, to) {
			d = p.feedback(e)
		}
		w.d = append(w.d, d)
	}
	if !lesioned {
		p.vjp(w, v, p.Value(v), eps)
	}
	tick := int32(p.Moment(v, Contribute))
	for k := range n {
		if e := first + graph.EdgeID(k); p.among(e, to) {
			if lesioned || p.cut != nil && p.cut[e] {
				p.feedback(e).Zero()
			}
			w.send(Message{Edge: e, Tick: tick, Kind: Error})
		}
	}
}

// gather returns the contents of v's ports, by port; a port without an error has no storage.
func (p *Population) gather(w *Worker, v graph.VertexID) []tensor.Tensor {
	w.parts = w.parts[:0]
	for _, e := range p.g.Out(v) {
		t := tensor.Tensor{}
		if p.carries(e) {
			t = p.incoming(e)
		}
		w.parts = append(w.parts, t)
	}
	return w.parts
}

// learn folds the feedback of the parameter leaf v and applies its plasticity. A contribution that did not come counts as
// +0.
func (p *Population) learn(w *Worker, v graph.VertexID) (ack bool) {
	p.armPorts(v)
	i := int(p.leafIndex[v])
	f := p.Gradient(i)
	w.Ctx.Fold(f, p.gather(w, v))
	if p.scale != 1 && !p.g.Observed(i) {
		tensor.Scale(f, p.scale)
	}
	if p.keeps != nil {
		p.keeps[i].CopyFrom(f)
	}
	if p.mode == Learning && !(p.kept != nil && p.kept[i]) {
		p.plasticityOf(i).Learn(w.Ctx, p.Value(v), f)
		p.reflect(i)
	}
	if !p.rule.Sparse {
		for _, e := range p.g.Out(v) {
			p.hasError[e] = false
		}
	}
	return true
}

// lastPort returns the last out-edge of v on which errors travel.
func (p *Population) lastPort(v graph.VertexID) graph.EdgeID {
	out := p.g.Out(v)
	for k := len(out) - 1; k >= 0; k-- {
		if p.carries(out[k]) {
			return out[k]
		}
	}
	panic("neuron: no port")
}

// Gradient returns the folded and scaled feedback of parameter i after an update, without storage if the parameter gets
// none. After Learning its contents are undefined.
func (p *Population) Gradient(i int) tensor.Tensor {
	v := p.g.ParameterVertex(i)
	if v < 0 || p.live[v] == 0 {
		return tensor.Tensor{}
	}
	return p.feedback(p.lastPort(v))
}
