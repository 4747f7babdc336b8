package graph

import (
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A VertexID numbers the vertices of one Graph from 0 in topological order: inputs have smaller ids than consumers.
type VertexID int32

// An EdgeID numbers the edges of one Graph from 0, by consumer and then by argument.
type EdgeID int32

// A Role says what a vertex is.
type Role uint8

const (
	Computed  Role = iota // an elementary function of other vertices
	Input                 // a leaf that every sample sets
	Parameter             // a leaf that learns
	Constant              // a leaf with a fixed value
)

// String returns "computed", "input", "parameter" or "constant".
func (r Role) String() string { return [...]string{"computed", "input", "parameter", "constant"}[r] }

// An Edge is the connection from an input to its consumer.
type Edge struct {
	From, To VertexID
	Arg      int32 // position among the arguments of To
	Port     int32 // position among the out-edges of From
	Delay    int32 // ticks that a message spends on it, beyond the ordinary one
}

// A Graph is a directed acyclic graph of elementary functions with one or more outputs. The first output is v_out, whose
// energy is the loss.
type Graph struct {
	ops    []op.Op
	shapes []tensor.Shape
	role   []Role
	typ    []tensor.Type // Float64 stands for the float type of the engine
	opOf   []int32       // -1 for leaves
	shape  []int32
	level  []int32

	inStart []int32 // edges inStart[v] to inStart[v+1]-1 lead to v
	from    []VertexID
	to      []VertexID
	outFrom []int32 // out[outFrom[v]:outFrom[v+1]] are the edges that leave v, by port
	out     []EdgeID
	heads   []VertexID // heads[i] is where out[i] leads to
	delay   []int32    // nil if there is none

	outputs   []VertexID
	inputs    []VertexID // in the order in which they were declared; ^k is pruned[k]
	params    []VertexID // likewise
	observed  []bool     // by parameter: it is a statistic; nil: none is
	pruned    []leaf
	constants []constant // by vertex
	names     names
	warnings  []string
	depth     int32
}

type leaf struct {
	name  string
	shape tensor.Shape
	typ   tensor.Type
}

type constant struct {
	vertex VertexID
	value  tensor.Tensor
}

// Len returns the number of vertices.
func (g *Graph) Len() int { return len(g.role) }

// Edges returns the number of edges.
func (g *Graph) Edges() int { return len(g.from) }

// Role returns the role of v.
func (g *Graph) Role(v VertexID) Role { return g.role[v] }

// Op returns the elementary function of v, nil for a leaf.
func (g *Graph) Op(v VertexID) op.Op {
	if i := g.opOf[v]; i >= 0 {
		return g.ops[i]
	}
	return nil
}

// Kind returns a number that vertices have in common if they have the same elementary function and a value of the same
// shape.
func (g *Graph) Kind(v VertexID) int64 { return int64(g.opOf[v])<<32 | int64(g.shape[v]) }

// Shape returns the shape of v's value.
func (g *Graph) Shape(v VertexID) tensor.Shape { return g.shapes[g.shape[v]] }

// Type returns the type of v's value; Float64 stands for the float type of the engine.
func (g *Graph) Type(v VertexID) tensor.Type { return g.typ[v] }

// Differentiable reports whether errors travel to v: whether it is a parameter, or a computed vertex of float type.
func (g *Graph) Differentiable(v VertexID) bool {
	return g.typ[v].IsFloat() && (g.role[v] == Computed || g.role[v] == Parameter)
}

// Level returns the length of the longest path from v to v_out, -1 if there is none (v serves another output).
func (g *Graph) Level(v VertexID) int { return int(g.level[v]) }

// Depth returns the number of levels at which a vertex computes: 1 + the largest level of a computed vertex. It is the
// number of ticks of one update under Z-IL.
func (g *Graph) Depth() int { return int(g.depth) }

// In returns the first edge that leads to v and how many there are; they are consecutive, by argument.
func (g *Graph) In(v VertexID) (first EdgeID, n int) {
	return EdgeID(g.inStart[v]), int(g.inStart[v+1] - g.inStart[v])
}

// Args returns the vertices that v takes as arguments. The slice belongs to the graph.
func (g *Graph) Args(v VertexID) []VertexID { return g.from[g.inStart[v]:g.inStart[v+1]] }

// Out returns the edges that leave v, by port. The slice belongs to the graph.
func (g *Graph) Out(v VertexID) []EdgeID { return g.out[g.outFrom[v]:g.outFrom[v+1]] }

// Consumers returns the vertices to which the edges of Out(v) lead. The slice belongs to the graph.
func (g *Graph) Consumers(v VertexID) []VertexID { return g.heads[g.outFrom[v]:g.outFrom[v+1]] }

// ArgsBetween returns the arguments of the vertices from lo to hi−1, vertex by vertex, and the edge of the first: the edges
// follow one another. The slice belongs to the graph.
func (g *Graph) ArgsBetween(lo, hi VertexID) ([]VertexID, EdgeID) {
	first := g.inStart[lo]
	return g.from[first:g.inStart[hi]], EdgeID(first)
}

// ConsumersBetween returns the consumers of the vertices from lo to hi−1, vertex by vertex, and the number of ports of all
// vertices before lo. The slice belongs to the graph.
func (g *Graph) ConsumersBetween(lo, hi VertexID) ([]VertexID, int) {
	first := g.outFrom[lo]
	return g.heads[first:g.outFrom[hi]], int(first)
}

// From returns the input of e, To its consumer.
func (g *Graph) From(e EdgeID) VertexID { return g.from[e] }

// To returns the consumer of e.
func (g *Graph) To(e EdgeID) VertexID { return g.to[e] }

// Arg returns the position of e among the arguments of its consumer.
func (g *Graph) Arg(e EdgeID) int { return int(int32(e) - g.inStart[g.to[e]]) }

// Port returns the position of e among the out-edges of its input. It searches for it.
func (g *Graph) Port(e EdgeID) int {
	for k, x := range g.Out(g.from[e]) {
		if x == e {
			return k
		}
	}
	panic("graph: Port: no such edge")
}

// Delay returns the extra ticks that a message spends on e.
func (g *Graph) Delay(e EdgeID) int {
	if g.delay == nil {
		return 0
	}
	return int(g.delay[e])
}

// Edge returns all that is known of e.
func (g *Graph) Edge(e EdgeID) Edge {
	return Edge{From: g.from[e], To: g.to[e], Arg: int32(g.Arg(e)), Port: int32(g.Port(e)), Delay: int32(g.Delay(e))}
}

// Output returns v_out, the vertex whose energy is the loss.
func (g *Graph) Output() VertexID { return g.outputs[0] }

// Outputs returns all outputs, v_out first. The slice belongs to the graph.
func (g *Graph) Outputs() []VertexID { return g.outputs }

// Warnings returns what Build found worth a word, such as what it pruned.
func (g *Graph) Warnings() []string { return g.warnings }

// Constant returns the value of the constant leaf v.
func (g *Graph) Constant(v VertexID) tensor.Tensor {
	lo, hi := 0, len(g.constants)
	for lo < hi {
		if m := (lo + hi) / 2; g.constants[m].vertex < v {
			lo = m + 1
		} else {
			hi = m
		}
	}
	if lo == len(g.constants) || g.constants[lo].vertex != v {
		panic("graph: Constant: not a constant")
	}
	return g.constants[lo].value
}

// A Leaf describes an input or a parameter. Its Vertex is -1 if it was pruned, having no path to an output.
type Leaf struct {
	Name   string
	Shape  tensor.Shape
	Type   tensor.Type
	Vertex VertexID
}

// Inputs returns the number of inputs, pruned ones included.
func (g *Graph) Inputs() int { return len(g.inputs) }

// Input returns input i in the order of declaration: the order of a sample's inputs.
func (g *Graph) Input(i int) Leaf { return g.leaf(g.inputs[i]) }

// Parameters returns the number of parameters, pruned ones included.
func (g *Graph) Parameters() int { return len(g.params) }

// Parameter returns parameter i in the order of declaration.
func (g *Graph) Parameter(i int) Leaf { return g.leaf(g.params[i]) }

// InputVertex returns Input(i).Vertex, without the cost of making a name.
func (g *Graph) InputVertex(i int) VertexID { return max(g.inputs[i], -1) }

// ParameterVertex returns Parameter(i).Vertex, without the cost of making a name.
func (g *Graph) ParameterVertex(i int) VertexID { return max(g.params[i], -1) }

// Observed reports whether parameter i is a statistic, which observes instead of learning by gradient.
func (g *Graph) Observed(i int) bool { return g.observed != nil && g.observed[i] }

func (g *Graph) leaf(v VertexID) Leaf {
	if v < 0 {
		p := g.pruned[^v]
		return Leaf{Name: p.name, Shape: p.shape, Type: p.typ, Vertex: -1}
	}
	return Leaf{Name: g.Name(v), Shape: g.Shape(v), Type: g.Type(v), Vertex: v}
}

// Name returns the name of v; a vertex without one gets its function and id, such as "tanh#12".
func (g *Graph) Name(v VertexID) string {
	if s := g.names.name(v); s != "" {
		return s
	}
	kind := g.role[v].String()
	if o := g.Op(v); o != nil {
		kind = o.Name()
	}
	return kind + "#" + itoa(int(v))
}

// Find returns the vertex with the given name.
func (g *Graph) Find(name string) (VertexID, bool) { return g.names.find(name) }
