package onnx

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// Bounds on what a model may make the importer build.
const (
	maxElements = 1<<31 - 1 // of one value
	maxFolded   = 1 << 24   // elements of one constant computed at import
	maxFoldSum  = 1 << 27   // elements of all of them
	maxSmall    = 1 << 12   // elements of what is computed from parameters in case a node needs it at import
	maxVertices = 1 << 22
)

// A value is what a name of the model stands for during import: a constant, a float initializer (which becomes a
// parameter when a vertex takes it as argument), or a vertex.
type value struct {
	name   string
	elem   DataType
	shape  tensor.Shape
	data   tensor.Tensor // of constants and initializers
	param  bool          // a float initializer
	learns bool          // a parameter, or computed from one: not a constant even if data is known
	vertex graph.VertexID
	still  *value // the same initializer as a constant
	base   *value // the value of another type with the same vertex; casts between floats have it
	inputs uint64 // the graph inputs it depends on, by inputBit
	broken bool   // its node is not supported
}

const noVertex graph.VertexID = -1

// inputBit returns the bit of graph input i in value.inputs; the inputs from 63 on share one.
func inputBit(i int) int { return min(i, 63) }

// constant reports whether v is known at import and cannot learn.
func (v *value) constant() bool { return v.data.Wanted() && !v.learns }

// rank returns the number of dimensions of v.
func (v *value) rank() int { return v.shape.Rank() }

func constantOf(elem DataType, data tensor.Tensor) *value {
	return &value{elem: elem, shape: data.Shape(), data: data, vertex: noVertex}
}

// An importer is one pass over a model.
type importer struct {
	model  *Model
	table  map[string]*Entry
	inputs []declared
	b      *graph.Builder
	ctx    *tensor.Ctx
	scope  []map[string]*value // innermost last
	names  map[string]bool     // of vertices
	used   map[graph.VertexID]bool
	result *Imported
	bad    Unsupported
	freeze uint64 // inputs whose value is needed
	folded int    // elements computed so far
}

func newImporter(m *Model, table map[string]*Entry, inputs []declared) *importer {
	return &importer{model: m, table: table, inputs: inputs, b: graph.NewBuilder(), ctx: tensor.NewCtx(tensor.Config{Workers: 1}),
		names: map[string]bool{}, used: map[graph.VertexID]bool{}, result: &Imported{}, bad: Unsupported{Opset: m.Opset("")}}
}

func (im *importer) run() (*Imported, error) {
	defer im.ctx.Close()
	top := map[string]*value{}
	im.scope = append(im.scope, top)
	for i, d := range im.inputs {
		top[d.Name] = im.input(i, d)
	}
	if err := im.graph(im.model.Graph); err != nil {
		return nil, err
	}
	if im.freeze != 0 {
		return nil, nil
	}
	if len(im.bad.Problems) > 0 {
		return nil, &im.bad
	}
	return im.result, im.finish()
}

// input declares graph input i, or makes a constant of it if it is frozen.
func (im *importer) input(i int, d declared) *value {
	if d.frozen {
		im.result.Frozen = append(im.result.Frozen, d.Name)
		return constantOf(d.Type, d.value)
	}
	typ := d.Type.Storage()
	if typ.IsFloat() {
		typ = tensor.Float64
	}
	im.result.Inputs = append(im.result.Inputs, d.Leaf)
	return &value{name: d.Name, elem: d.Type, shape: d.Shape, inputs: 1 << inputBit(i),
		vertex: im.b.Input(im.unique(d.Name), typ, d.Shape)}
}

// graph imports the initializers and nodes of g into the innermost scope.
func (im *importer) graph(g *Graph) error {
	names := im.scope[len(im.scope)-1]
	for i := range g.Initializers {
		t := &g.Initializers[i]
		if names[t.Name] != nil {
			return fmt.Errorf("two values are called %q", t.Name)
		}
		names[t.Name] = &value{name: t.Name, elem: t.Type, shape: t.Shape, data: t.Value, param: t.Type.IsFloat(),
			learns: t.Type.IsFloat(), vertex: noVertex, broken: !t.Value.Wanted()}
	}
	for i := range g.Nodes {
		if err := im.node(&g.Nodes[i]); err != nil {
			return fmt.Errorf("node %s: %w", &g.Nodes[i], err)
		}
		if im.b.Len() > maxVertices {
			return fmt.Errorf("more than %d vertices", maxVertices)
		}
	}
	return nil
}

// node imports one node. Those that are not supported are noted, so that all of them can be reported.
func (im *importer) node(n *Node) (err error) {
	c := &call{importer: im, n: n}
	for _, name := range n.Inputs {
		v, err := im.lookup(name)
		if err != nil {
			return err
		}
		c.broken = c.broken || v != nil && v.broken
		c.in = append(c.in, v)
	}
	c.out = make([]*value, len(n.Outputs))
	if !c.broken {
		if err := c.run(); err != nil {
			return err
		}
	}
	names := im.scope[len(im.scope)-1]
	for i, name := range n.Outputs {
		if name == "" {
			continue
		}
		if names[name] != nil {
			return fmt.Errorf("its output %q is the name of another value already", name)
		}
		if c.broken {
			c.out[i] = &value{broken: true, vertex: noVertex}
		} else if c.out[i] == nil {
			im.bad.add(n, "output "+strconv.Itoa(i)+" is used")
			c.out[i] = &value{broken: true, vertex: noVertex}
		}
		names[name] = c.out[i]
	}
	return nil
}

// lookup returns the value with the given name, nil for the empty name of an optional input that is left out.
func (im *importer) lookup(name string) (*value, error) {
	if name == "" {
		return nil, nil
	}
	for i := len(im.scope) - 1; i >= 0; i-- {
		if v := im.scope[i][name]; v != nil {
			return v, nil
		}
	}
	return nil, fmt.Errorf("its input %q is produced by no input, initializer or earlier node", name)
}

// unique returns name, changed as little as needed to be a name that no other vertex has and that is not a member of a
// population.
func (im *importer) unique(name string) string {
	if i := strings.LastIndexByte(name, '/'); i >= 0 && i+1 < len(name) && strings.Trim(name[i+1:], "0123456789") == "" {
		name += "."
	}
	for im.names[name] {
		name += "'"
	}
	im.names[name] = true
	return name
}

// leaf returns the vertex of v, and declares it if v is a constant or initializer that no vertex has used yet.
func (im *importer) leaf(v *value) graph.VertexID {
	for v.base != nil {
		v = v.base
	}
	if v.vertex != noVertex {
		return v.vertex
	}
	name := ""
	if v.name != "" {
		name = im.unique(v.name)
	}
	if v.param {
		v.vertex = im.b.Parameter(name, v.shape)
		im.result.Parameters = append(im.result.Parameters, Parameter{v.name, v.elem, v.data})
	} else {
		v.vertex = im.b.Constant(name, v.data)
	}
	return v.vertex
}

// apply returns o of the arguments: a constant if all of them are, otherwise a vertex called name. Small values that depend on
// parameters alone are known too. elem is the element
// type of the result if it is of the storage that the Op says, otherwise Float, Int64 or Bool.
func (im *importer) apply(name string, elem DataType, o op.Op, args []*value) (*value, error) {
	shapes, types := make([]tensor.Shape, len(args)), make([]tensor.Type, len(args))
	v := &value{elem: elem, vertex: noVertex}
	known, size := true, 0
	for k, a := range args {
		shapes[k], types[k] = a.shape, a.elem.Storage()
		if types[k].IsFloat() {
			types[k] = tensor.Float64
		}
		known, v.learns, v.inputs = known && a.data.Wanted(), v.learns || a.learns, v.inputs|a.inputs
		size += a.shape.Len()
	}
	typ, err := op.ResultType(o, types...)
	if err != nil {
		return nil, err
	}
	v.shape, err = shapeOf(o, shapes)
	if err != nil {
		return nil, err
	}
	v.elem = resultElem(elem, typ)
	if v.shape.Len() > maxElements {
		return nil, fmt.Errorf("%s: the result has more than %d elements", o.Name(), maxElements)
	}
	if known && (!v.learns || size+v.shape.Len() <= maxSmall) {
		v.data, err = im.fold(o, typ, v.shape, args)
		if err != nil || !v.learns {
			return v, err
		}
	}
	ids := make([]graph.VertexID, len(args))
	for k, a := range args {
		ids[k] = im.leaf(a)
		im.used[ids[k]] = true
	}
	v.vertex = im.b.Apply(name, o, ids...)
	return v, im.b.Err()
}

// shapeOf returns o.Shape. Package tensor panics, with a string, on dimensions beyond an int32: sizes that only a file
// which nobody exported asks for are an error here.
func shapeOf(o op.Op, shapes []tensor.Shape) (s tensor.Shape, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case string:
			err = fmt.Errorf("%s: %s", o.Name(), p)
		default:
			panic(p)
		}
	}()
	return o.Shape(shapes...)
}

// resultElem returns elem if its storage is that of typ, otherwise the plain element type of typ.
func resultElem(elem DataType, typ tensor.Type) DataType {
	switch {
	case typ == elem.Storage() || typ.IsFloat() && elem.IsFloat():
		return elem
	case typ == tensor.Int64:
		return Int64
	case typ == tensor.Bool:
		return Bool
	}
	return Float
}

var errFold = errors.New("constants computed at import would be too large")

// fold computes o of constants, floats in float64.
func (im *importer) fold(o op.Op, typ tensor.Type, s tensor.Shape, args []*value) (tensor.Tensor, error) {
	n := s.Len()
	if im.folded += n; n > maxFolded || im.folded > maxFoldSum {
		return tensor.Tensor{}, errFold
	}
	in := make([]tensor.Tensor, len(args))
	for k, a := range args {
		in[k] = a.data
		if a.elem.IsFloat() {
			in[k] = a.data.Convert(tensor.Float64)
		}
	}
	dst := tensor.New(typ, s)
	o.Forward(im.ctx, dst, in)
	return dst, nil
}

// finish declares the outputs and builds the graph.
func (im *importer) finish() error {
	var order []*value
	for _, info := range im.model.Graph.Outputs {
		v, err := im.lookup(info.Name)
		if err != nil || v == nil {
			return fmt.Errorf("output %q is produced by no node", info.Name)
		}
		elem := info.Type
		if elem.Storage() != v.elem.Storage() && !(elem.IsFloat() && v.elem.IsFloat()) {
			elem = v.elem
		}
		out := Output{Name: info.Name, Type: elem, Index: -1}
		if v.constant() {
			out.Value = v.data
		} else {
			order = append(order, v)
		}
		im.result.Outputs = append(im.result.Outputs, out)
	}
	if len(order) == 0 {
		return nil
	}
	return im.build(order)
}

// build chooses v_out, the first differentiable output, and numbers the outputs by their place in the graph.
func (im *importer) build(order []*value) error {
	first := -1
	ids := make([]graph.VertexID, len(order))
	for i, v := range order {
		ids[i] = im.leaf(v)
		if first < 0 && v.elem.IsFloat() {
			first = i
		}
	}
	if first < 0 { // no output is a float: the graph needs one to measure an energy at
		out := im.b.Apply(im.unique("out"), op.ToFloat(), ids[0])
		im.b.Output(out)
	} else {
		if im.used[ids[first]] || im.isLeaf(order[first]) || count(ids, ids[first]) > 1 {
			ids[first] = im.b.Apply(im.unique("out"), op.Identity(), ids[first])
		}
		im.b.Output(ids[first])
	}
	place := 1
	index := make([]int, len(ids))
	for i, id := range ids {
		if i != first {
			im.b.Output(id)
			index[i] = place
			place++
		}
	}
	k := 0
	for i := range im.result.Outputs {
		if out := &im.result.Outputs[i]; !out.Value.Wanted() {
			out.Index = index[k]
			k++
		}
	}
	var err error
	im.result.Graph, err = im.b.Build()
	return err
}

func (im *importer) isLeaf(v *value) bool {
	for v.base != nil {
		v = v.base
	}
	return v.param || v.data.Wanted() || v.name != ""
}

func count(ids []graph.VertexID, id graph.VertexID) int {
	n := 0
	for _, x := range ids {
		if x == id {
			n++
		}
	}
	return n
}
