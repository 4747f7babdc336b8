package record

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/retrodict/retrodict/engine"
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/neuron"
	"github.com/retrodict/retrodict/tensor"
)

// A target is a vertex, a level or the network: columns offset to offset+elements-1 of a frame's rows are its own.
type target struct {
	name     string
	vertex   graph.VertexID // −1: a level or the network
	level    int            // −1: the network, or a vertex that serves another output
	param    int            // number of the parameter; −1: it is none
	leaves   bool           // all inputs and parameters together, of what is counted
	shape    tensor.Shape
	offset   int
	elements int
}

// A track is what one Spec asks for, laid out on a graph.
type track struct {
	Spec
	kinds   []int            // of What, in List
	counts  [][]neuron.Count // of What, what adds up to it; nil: it is not counted, empty: it is, but otherwise
	targets []target
	width   int
	next    float64     // of intervals of time: number of the next frame; on the clock of the wall its time
	last    int         // update of the last frame
	before  [][]float64 // by target: a parameter when its update was last recorded
	levels  []float64   // scratch: by level, twice; nil unless targets are levels
	piles   []pile      // scratch: by level, likewise
	events  *eventTrack // nil unless events are recorded
}

// lay finds the targets of s on g.
func lay(s Spec, g *graph.Graph, params engine.Params) (*track, error) {
	t := &track{Spec: s, next: math.Inf(-1)}
	for _, w := range s.What {
		k, _ := quantity(w)
		t.kinds = append(t.kinds, k)
		var c []neuron.Count
		if List()[k].Counts() {
			c = append([]neuron.Count{}, countsOf(w)...)
		}
		t.counts = append(t.counts, c)
	}
	var err error
	switch {
	case s.Unit == Events && s.Of == "":
		for v := range graph.VertexID(g.Len()) {
			if g.Role(v) == graph.Computed {
				t.targets = append(t.targets, vertexTarget(g, v))
			}
		}
	case s.Of == "":
		t.targets = []target{{name: "network", vertex: -1, level: -1, param: -1, elements: 1}}
	case s.Of == "level":
		t.layLevels(g)
	default:
		err = t.layVertices(g)
	}
	if err == nil {
		err = t.checkKinds(g)
	}
	if err != nil {
		return nil, err
	}
	t.before = make([][]float64, len(t.targets))
	for i := range t.targets {
		x := &t.targets[i]
		if s.Unit == Events {
			x.elements = 1
		}
		x.offset = t.width
		t.width += x.elements
		if x.param >= 0 && x.param < len(params) && slices.Contains(s.What, "update") {
			t.before[i] = make([]float64, x.elements)
			copyTo(t.before[i], params[x.param].Value)
		}
	}
	if s.Unit == Events {
		t.layEvents(g)
	}
	return t, nil
}

func vertexTarget(g *graph.Graph, v graph.VertexID) target {
	return target{name: g.Name(v), vertex: v, level: g.Level(v), param: -1, shape: g.Shape(v), elements: g.Shape(v).Len()}
}

// layLevels makes every level a target, the network if something has a total, and what is left of it if something is counted.
func (t *track) layLevels(g *graph.Graph) {
	if slices.ContainsFunc(t.kinds, func(k int) bool { return List()[k].Of == "total" }) {
		t.targets = []target{{name: "network", vertex: -1, level: -1, param: -1, elements: 1}}
	}
	for l := range g.Depth() {
		t.targets = append(t.targets, target{name: "level " + strconv.Itoa(l), vertex: -1, level: l, param: -1, elements: 1})
	}
	if slices.ContainsFunc(t.kinds, func(k int) bool { return List()[k].Counts() }) {
		t.targets = append(t.targets, target{name: "leaves", vertex: -1, level: -1, param: -1, leaves: true, elements: 1})
	}
	t.levels, t.piles = make([]float64, 2*g.Depth()), make([]pile, g.Depth())
}

// layVertices makes the vertices that fit targets, if they have any of the quantities.
func (t *track) layVertices(g *graph.Graph) error {
	list, err := graph.Match(g, t.Of)
	if err != nil {
		return err
	}
	number := map[graph.VertexID]int{}
	for i := range g.Parameters() {
		number[g.Parameter(i).Vertex] = i
	}
	for _, v := range list {
		x := vertexTarget(g, v)
		if i, ok := number[v]; ok {
			x.param = i
		}
		if t.counted() {
			x.elements, x.shape = 1, tensor.Dims()
		}
		if t.hasAny(g, &x) {
			t.targets = append(t.targets, x)
		}
	}
	return nil
}

// counted reports whether all quantities are counted, so that a vertex has one number.
func (t *track) counted() bool {
	return !slices.ContainsFunc(t.kinds, func(k int) bool { return !List()[k].Counts() && List()[k].Of != "total" })
}

// hasAny reports whether a target has one of the quantities.
func (t *track) hasAny(g *graph.Graph, x *target) bool {
	for _, k := range t.kinds {
		if t.has(g, k, x) {
			return true
		}
	}
	return false
}

// checkKinds returns an error if a quantity exists for none of the targets.
func (t *track) checkKinds(g *graph.Graph) error {
	for i, k := range t.kinds {
		found := false
		for j := range t.targets {
			found = found || t.has(g, k, &t.targets[j])
		}
		if !found {
			of := t.Of
			if of == "" {
				of = "the whole network"
			}
			return fmt.Errorf("there is no %s of %s: %s", t.What[i], of, List()[k].whose())
		}
	}
	return nil
}

// has reports whether a target has a quantity.
func (t *track) has(g *graph.Graph, k int, x *target) bool {
	q := List()[k]
	switch q.Of {
	case "parameter":
		return x.param >= 0
	}
	switch {
	case x.leaves:
		return q.Counts()
	case x.vertex < 0:
		return x.level >= 0 || q.Of == "total"
	case q.Counts():
		return true
	case q.Name == "value":
		return g.Role(x.vertex) != graph.Parameter
	}
	return g.Role(x.vertex) == graph.Computed
}

// fill writes the quantities of m into row, one block of t.width for each. What m does not show is NaN.
func (t *track) fill(row []float64, m *Moment) {
	for i := range row {
		row[i] = math.NaN()
	}
	for i, w := range t.What {
		block := row[i*t.width : (i+1)*t.width]
		if t.counts[i] != nil {
			t.fillCounts(block, w, t.counts[i], m)
			continue
		}
		switch w {
		case "residual":
			if m.State != nil {
				t.fillResidual(block, m.State)
			}
		case "weight", "update", "feedback":
			t.fillParams(block, w, m)
		case "energy":
			if m.State != nil {
				t.fillEnergy(block, m.State)
			}
		default:
			if m.State != nil {
				t.fillState(block, w, m.State)
			}
		}
	}
}

func (t *track) fillParams(block []float64, what string, m *Moment) {
	for i := range t.targets {
		x := &t.targets[i]
		if x.param < 0 {
			continue
		}
		at := block[x.offset : x.offset+x.elements]
		switch {
		case what == "feedback":
			if x.param < len(m.Feedback) {
				copyTo(at, m.Feedback[x.param].Value)
			}
		case x.param >= len(m.Params):
		case what == "weight":
			copyTo(at, m.Params[x.param].Value)
		default:
			old := t.before[i]
			if old == nil {
				break
			}
			copyTo(at, m.Params[x.param].Value)
			for k, now := range at {
				at[k] = now - old[k]
				old[k] = now
			}
		}
	}
}

// fillState writes values, predictions or errors.
func (t *track) fillState(block []float64, what string, s State) {
	switch t.Of {
	case "level":
		t.fillLevels(block, what, s)
		return
	case "":
		return
	}
	g := s.Graph()
	for i := range t.targets {
		x := &t.targets[i]
		if r := g.Role(x.vertex); r != graph.Computed && (what != "value" || r == graph.Parameter) {
			continue
		}
		copyTo(block[x.offset:x.offset+x.elements], look(s, what, x.vertex))
	}
}

func look(s State, what string, v graph.VertexID) tensor.Tensor {
	switch what {
	case "value":
		return s.X(v)
	case "prediction":
		return s.Prediction(v)
	}
	return s.Err(v)
}

// fillLevels writes root mean squares over the computed vertices of every level, summed in the order of the vertices.
func (t *track) fillLevels(block []float64, what string, s State) {
	g := s.Graph()
	n := len(t.levels) / 2
	sums, counts := t.levels[:n], t.levels[n:]
	clear(t.levels)
	for v := range graph.VertexID(g.Len()) {
		if l := g.Level(v); g.Role(v) == graph.Computed && l >= 0 && l < n {
			sums[l] += squares(look(s, what, v))
			counts[l] += float64(g.Shape(v).Len())
		}
	}
	for i := range t.targets {
		if l := t.targets[i].level; l >= 0 && counts[l] > 0 {
			block[i] = math.Sqrt(sums[l] / counts[l])
		}
	}
}

// squares returns the sum of squares of t, from the first element on.
func squares(t tensor.Tensor) float64 {
	s := 0.0
	if t.Wanted() {
		for i := range t.Len() {
			x := t.Float(i)
			s += float64(x * x)
		}
	}
	return s
}

// copyTo writes the elements of t to dst: zeros if t has no storage.
func copyTo(dst []float64, t tensor.Tensor) {
	switch {
	case !t.Wanted():
		clear(dst)
	case t.Type() == tensor.Float64:
		copy(dst, tensor.Data[float64](t))
	default:
		for i := range dst {
			dst[i] = t.Float(i)
		}
	}
}
