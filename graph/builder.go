package graph

import (
	"errors"
	"fmt"
	"slices"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A Builder collects vertices and makes a Graph of them. Its methods return ids of the Builder, which Build renumbers.
// The first mistake is kept and returned by Build, so that building needs no error check at every line.
type Builder struct {
	ops      []op.Op
	opIndex  map[string]int32
	shapes   []tensor.Shape
	shapeIdx map[tensor.Shape]int32

	role  []Role
	typ   []tensor.Type // None: not inferred yet
	opOf  []int32
	shape []int32
	args  []VertexID
	start []int32 // args[start[v]:start[v+1]] are the arguments of v

	prefixes  []string
	prefixIdx map[string]int32
	lastIndex []int32 // per prefix: the largest number used so far, -1 for none
	plain     []bool  // per prefix: whether it stands alone as a name too
	prefix    []int32 // per vertex, -1 for no name
	number    []int32

	refs      map[string]VertexID // named before they were declared
	constants []constant
	inputs    []VertexID
	params    []VertexID
	observed  map[VertexID]bool // parameters that are statistics
	outputs   []VertexID
	err       error
}

const (
	unresolved Role = 0xff // stands for a vertex that was named by Ref and not declared yet
	alias      Role = 0xfe // a reference that was declared later: args has the real vertex
)

// NewBuilder returns an empty Builder.
func NewBuilder() *Builder {
	return &Builder{opIndex: map[string]int32{}, shapeIdx: map[tensor.Shape]int32{}, prefixIdx: map[string]int32{}, refs: map[string]VertexID{}, start: []int32{0}}
}

// Reserve makes room for so many more vertices and edges, so that large graphs are built without copying.
func (b *Builder) Reserve(vertices, edges int) {
	b.role, b.typ = slices.Grow(b.role, vertices), slices.Grow(b.typ, vertices)
	b.opOf, b.shape, b.start = slices.Grow(b.opOf, vertices), slices.Grow(b.shape, vertices), slices.Grow(b.start, vertices)
	b.prefix, b.number = slices.Grow(b.prefix, vertices), slices.Grow(b.number, vertices)
	b.args = slices.Grow(b.args, edges)
}

// Input declares a leaf that every sample sets. typ is Float64 for the engine's float type, Int64 or Bool.
func (b *Builder) Input(name string, typ tensor.Type, s tensor.Shape) VertexID {
	v := b.add(name, Input, typ, s, -1, nil)
	b.inputs = append(b.inputs, v)
	return v
}

// Parameter declares a leaf of float type that learns.
func (b *Builder) Parameter(name string, s tensor.Shape) VertexID {
	v := b.add(name, Parameter, tensor.Float64, s, -1, nil)
	b.params = append(b.params, v)
	return v
}

// Statistic declares a parameter that observes instead of learning by gradient: what its consumers send to it is how far
// it is from what they see, and it follows by a fixed share, whatever the plasticity of the other parameters and the
// scale of the sample. Running means of normalisation are such leaves.
func (b *Builder) Statistic(name string, s tensor.Shape) VertexID {
	v := b.Parameter(name, s)
	if b.observed == nil {
		b.observed = map[VertexID]bool{}
	}
	b.observed[v] = true
	return v
}

// Constant declares a leaf with a fixed value, which must not be modified afterwards. A float value is converted to
// the engine's type.
func (b *Builder) Constant(name string, value tensor.Tensor) VertexID {
	typ := value.Type()
	if typ.IsFloat() {
		typ = tensor.Float64
	}
	v := b.add(name, Constant, typ, value.Shape(), -1, nil)
	b.constants = append(b.constants, constant{v, value})
	return v
}

// Apply declares a vertex that computes o of the given arguments. An empty name is allowed. A name that ends in a
// number, such as "hidden/12", makes the vertex a member of a population.
func (b *Builder) Apply(name string, o op.Op, args ...VertexID) VertexID {
	k, ok := b.opIndex[o.Name()]
	if !ok {
		k = int32(len(b.ops))
		b.ops = append(b.ops, o)
		b.opIndex[o.Name()] = k
	}
	v := b.add(name, Computed, tensor.None, tensor.Shape{}, k, args)
	if err := b.infer(v); err != nil {
		b.fail(err)
	}
	return v
}

// Ref returns the vertex with the given name, which may be declared later.
func (b *Builder) Ref(name string) VertexID {
	if v, ok := b.find(name); ok {
		return v
	}
	if v, ok := b.refs[name]; ok {
		return v
	}
	v := b.add("", unresolved, tensor.None, tensor.Shape{}, -1, nil)
	b.refs[name] = v
	return v
}

// Output declares v an output. The first is v_out, whose energy is the loss.
func (b *Builder) Output(v VertexID) { b.outputs = append(b.outputs, v) }

// Shape returns the shape of v, if it is known yet.
func (b *Builder) Shape(v VertexID) tensor.Shape { return b.shapes[b.shape[v]] }

// Type returns the type of v, None if it is not known yet.
func (b *Builder) Type(v VertexID) tensor.Type { return b.typ[v] }

// Len returns the number of vertices declared so far.
func (b *Builder) Len() int { return len(b.role) }

// Err returns the first mistake so far.
func (b *Builder) Err() error { return b.err }

func (b *Builder) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *Builder) add(name string, r Role, typ tensor.Type, s tensor.Shape, o int32, args []VertexID) VertexID {
	v := VertexID(len(b.role))
	b.role = append(b.role, r)
	b.typ = append(b.typ, typ)
	b.opOf = append(b.opOf, o)
	b.shape = append(b.shape, b.intern(s))
	for k, a := range args {
		if a < 0 || int(a) >= int(v) {
			b.fail(fmt.Errorf("graph: vertex %q: argument %d is no vertex of this builder", name, k))
			a = 0
		}
		b.args = append(b.args, a)
	}
	b.start = append(b.start, int32(len(b.args)))
	b.name(name)
	return v
}

func (b *Builder) intern(s tensor.Shape) int32 {
	k, ok := b.shapeIdx[s]
	if !ok {
		k = int32(len(b.shapes))
		b.shapes = append(b.shapes, s)
		b.shapeIdx[s] = k
	}
	return k
}

// name gives the vertex just added a name.
func (b *Builder) name(name string) {
	if name == "" {
		b.prefix, b.number = append(b.prefix, -1), append(b.number, -1)
		return
	}
	p, n := splitName(name)
	k, ok := b.prefixIdx[p]
	if !ok {
		k = int32(len(b.prefixes))
		b.prefixes = append(b.prefixes, p)
		b.prefixIdx[p] = k
		b.lastIndex, b.plain = append(b.lastIndex, -1), append(b.plain, false)
	}
	switch {
	case n < 0 && !b.plain[k]:
		b.plain[k] = true
	case n > b.lastIndex[k]:
		b.lastIndex[k] = n
	case n < 0:
		b.fail(fmt.Errorf("graph: two vertices are called %q", name))
	default:
		b.fail(fmt.Errorf("graph: vertex %q: numbers of a population must increase; %s/%d is there already", name, p, b.lastIndex[k]))
	}
	b.prefix, b.number = append(b.prefix, k), append(b.number, n)
	if v, ok := b.refs[name]; ok {
		b.role[v] = alias
		b.opOf[v] = int32(len(b.role) - 1)
		delete(b.refs, name)
	}
}

func (b *Builder) find(name string) (VertexID, bool) {
	p, n := splitName(name)
	k, ok := b.prefixIdx[p]
	if !ok {
		return 0, false
	}
	for v := range b.prefix {
		if b.prefix[v] == k && b.number[v] == n {
			return VertexID(v), true
		}
	}
	return 0, false
}

func (b *Builder) argsOf(v VertexID) []VertexID { return b.args[b.start[v]:b.start[v+1]] }

// resolve follows references to the vertex they were declared as.
func (b *Builder) resolve(v VertexID) VertexID {
	for b.role[v] == alias {
		v = VertexID(b.opOf[v])
	}
	return v
}

// label names v for an error message.
func (b *Builder) label(v VertexID) string {
	s := "#" + itoa(int(v))
	if p := b.prefix[v]; p >= 0 {
		s = b.prefixes[p]
		if n := b.number[v]; n >= 0 {
			s += "/" + itoa(int(n))
		}
		s = fmt.Sprintf("%q", s)
	}
	if b.role[v] == Computed {
		s += " (" + b.ops[b.opOf[v]].Name() + ")"
	}
	return s
}

// infer sets type and shape of the computed vertex v, if those of its arguments are known.
func (b *Builder) infer(v VertexID) error {
	args := b.argsOf(v)
	var sbuf [8]tensor.Shape
	var tbuf [8]tensor.Type
	shapes, types := sbuf[:0], tbuf[:0]
	for _, a := range args {
		a = b.resolve(a)
		if b.typ[a] == tensor.None {
			return nil
		}
		shapes, types = append(shapes, b.Shape(a)), append(types, b.typ[a])
	}
	o := b.ops[b.opOf[v]]
	if n := o.Arity(); n >= 0 && n != len(args) || len(args) == 0 {
		return fmt.Errorf("graph: vertex %s: got %d arguments, want %d", b.label(v), len(args), n)
	}
	typ, err := op.ResultType(o, types...)
	if err == nil {
		var s tensor.Shape
		if s, err = o.Shape(shapes...); err == nil {
			b.typ[v], b.shape[v] = typ, b.intern(s)
			return nil
		}
	}
	return fmt.Errorf("graph: vertex %s: %w", b.label(v), err)
}

// errNoOutput is returned for a graph without an output.
var errNoOutput = errors.New("graph: no output: call Output for the vertex whose energy is the loss")
