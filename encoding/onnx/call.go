package onnx

import (
	"fmt"
	"math"
	"strconv"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// A call is the import of one node. Importers are plain functions of a call; what goes wrong in one ends it by a panic
// with a value of type halt, which run turns into an error.
type call struct {
	*importer
	n      *Node
	in     []*value // nil: left out
	out    []*value // what the importer sets
	made   int      // vertices so far
	broken bool
}

// A halt ends an importer: the node is not supported, the model is wrong, or a value is needed that only the caller of
// Import can give.
type halt struct {
	unsupported string
	err         error
	freeze      bool
}

// run calls the importer of the node.
func (c *call) run() (err error) {
	defer func() {
		switch h := recover().(type) {
		case nil:
		case halt:
			c.broken = h.freeze || h.unsupported != ""
			if h.unsupported != "" {
				c.bad.add(c.n, h.unsupported)
			}
			err = h.err
		default:
			panic(h)
		}
	}()
	c.table[c.n.Op].load(c)
	return nil
}

// fail ends the import: the model contradicts the specification.
func (c *call) fail(format string, args ...any) { panic(halt{err: fmt.Errorf(format, args...)}) }

// unsupported ends the import of this node.
func (c *call) unsupported(format string, args ...any) {
	panic(halt{unsupported: fmt.Sprintf(format, args...)})
}

func (c *call) check(err error) {
	if err != nil {
		panic(halt{err: err})
	}
}

// opset returns the version of the operator set.
func (c *call) opset() int64 { return c.bad.Opset }

// has reports whether input i is given.
func (c *call) has(i int) bool { return i < len(c.in) && c.in[i] != nil }

// wants reports whether output i is used.
func (c *call) wants(i int) bool { return i < len(c.n.Outputs) && c.n.Outputs[i] != "" }

// x returns input i, which must be given.
func (c *call) x(i int) *value {
	if !c.has(i) {
		c.fail("input %d is missing", i)
	}
	return c.in[i]
}

// float returns input i, which must be of float type.
func (c *call) float(i int) *value {
	v := c.x(i)
	if !v.elem.IsFloat() {
		c.unsupported("on %v", v.elem)
	}
	return v
}

// set makes v output i, if the node has it.
func (c *call) set(i int, v *value) {
	if i < len(c.out) {
		c.out[i] = v
	}
}

// apply returns o of the arguments. The element type of the result is that of the first argument, if its storage fits.
func (c *call) apply(o op.Op, args ...*value) *value { return c.applyAs(args[0].elem, o, args...) }

// applyAs is apply with another element type of the result.
func (c *call) applyAs(elem DataType, o op.Op, args ...*value) *value {
	return c.named("", elem, o, args...)
}

// named is applyAs with a part of the vertex's name beside that of the node.
func (c *call) named(part string, elem DataType, o op.Op, args ...*value) *value {
	v, err := c.importer.apply(c.label(part, args), elem, o, args)
	c.check(err)
	return v
}

// label returns a name for the next vertex: that of the first output for the first vertex. Constants need none.
func (c *call) label(part string, args []*value) string {
	constant := len(args) > 0
	for _, a := range args {
		constant = constant && a.constant()
	}
	if constant {
		return ""
	}
	name := c.n.Name
	for i := len(c.n.Outputs) - 1; i >= 0; i-- {
		if c.n.Outputs[i] != "" {
			name = c.n.Outputs[i]
		}
	}
	c.made++
	switch {
	case part != "":
		name += "." + part
	case c.made > 1:
		name += "." + strconv.Itoa(c.made)
	}
	return c.unique(name)
}

// number returns a constant with one element, of rank 0.
func number(x float64) *value {
	return constantOf(Double, tensor.From(tensor.Shape{}, []float64{x}))
}

// intsOf returns a constant of rank 1.
func intsOf(x ...int) *value {
	v := make([]int64, len(x))
	for i := range x {
		v[i] = int64(x[i])
	}
	return constantOf(Int64, tensor.From(tensor.Dims(len(v)), v))
}

// known returns the elements of input i, which must be constant: an initializer, computed from constants, or an input
// whose value the caller gave.
func (c *call) known(i int) tensor.Tensor { return c.knownValue(c.x(i), "input "+strconv.Itoa(i)) }

func (c *call) knownValue(v *value, what string) tensor.Tensor {
	if v.data.Wanted() {
		return v.data
	}
	if v.base != nil && v.base.data.Wanted() {
		return v.base.data
	}
	for i, d := range c.inputs {
		if v.inputs>>inputBit(i)&1 == 1 && !d.value.Wanted() {
			c.unsupported("%s must be constant, but depends on graph input %q", what, d.Name)
		}
	}
	if v.inputs == 0 {
		c.unsupported("%s must be constant, but is computed from parameters", what)
	}
	c.importer.freeze |= v.inputs
	panic(halt{freeze: true})
}

// knownInts returns the elements of input i as integers.
func (c *call) knownInts(i int) []int {
	t := c.known(i)
	if t.Type() != tensor.Int64 {
		c.fail("input %d has type %v, want int64", i, c.in[i].elem)
	}
	if t.Len() > maxDims {
		c.fail("input %d has %d elements", i, t.Len())
	}
	x := make([]int, t.Len())
	for k, e := range t.Int64s() {
		x[k] = int(e)
	}
	return x
}

// maxDims bounds lists of dimensions, axes, and the like.
const maxDims = 1 << 16

// scalar returns the only element of input i.
func (c *call) scalar(i int) float64 {
	t := c.known(i)
	if t.Len() != 1 {
		c.fail("input %d has shape %v, want one element", i, t.Shape())
	}
	return t.Float(0)
}

// attr returns an attribute of the given type, nil if the node does not have it.
func (c *call) attr(name string, typ AttributeType) *Attribute {
	a := c.n.Attribute(name)
	if a == nil {
		return nil
	}
	if a.Ref != "" {
		c.unsupported("attribute %s of a function", name)
	}
	if a.Type != typ {
		c.fail("attribute %s has type %d, want %d", name, a.Type, typ)
	}
	return a
}

// hasAttr reports whether the node has an attribute.
func (c *call) hasAttr(name string) bool { return c.n.Attribute(name) != nil }

// int returns an integer attribute.
func (c *call) int(name string, def int) int {
	if a := c.attr(name, AttrInt); a != nil {
		return c.fit(name, a.Int)
	}
	return def
}

// fit returns x as an int32, so that sums of a few never overflow.
func (c *call) fit(name string, x int64) int {
	if x < math.MinInt32 || x > math.MaxInt32 {
		c.fail("attribute %s is %d", name, x)
	}
	return int(x)
}

// flag returns an integer attribute that is 0 or not.
func (c *call) flag(name string, def bool) bool {
	if c.hasAttr(name) {
		return c.int(name, 0) != 0
	}
	return def
}

// num returns a float attribute, as the number that it was probably written as.
func (c *call) num(name string, def float64) float64 {
	if a := c.attr(name, AttrFloat); a != nil {
		return decimal(a.Float)
	}
	return def
}

// str returns a string attribute.
func (c *call) str(name, def string) string {
	if a := c.attr(name, AttrString); a != nil {
		return a.String
	}
	return def
}

// ints returns a list of integers, nil if the node does not have it.
func (c *call) ints(name string) []int {
	a := c.attr(name, AttrInts)
	if a == nil {
		return nil
	}
	x := make([]int, len(a.Ints))
	for i, e := range a.Ints {
		x[i] = c.fit(name, e)
	}
	return x
}

// intsOr returns a list of n integers, each def if the node does not have the attribute.
func (c *call) intsOr(name string, n, def int) []int {
	x := c.ints(name)
	if x == nil {
		x = make([]int, n)
		for i := range x {
			x[i] = def
		}
	}
	if len(x) != n {
		c.fail("attribute %s has %d elements, want %d", name, len(x), n)
	}
	return x
}

// axis returns an axis attribute of a value of the given rank, not negative.
func (c *call) axis(name string, def, rank int) int { return c.inRank(c.int(name, def), rank) }

// inRank makes an axis of a value of the given rank not negative.
func (c *call) inRank(axis, rank int) int {
	if axis < 0 {
		axis += rank
	}
	if axis < 0 || axis >= rank {
		c.fail("axis %d is outside a tensor of rank %d", axis, rank)
	}
	return axis
}

// axes returns the axes of a reduction or the like: an attribute before the given opset, then input i. ok is false if
// there are none.
func (c *call) axes(i int, since int64) (axes []int, ok bool) {
	if c.opset() < since {
		axes = c.ints("axes")
		return axes, axes != nil
	}
	if !c.has(i) {
		return nil, false
	}
	return c.knownInts(i), true
}

// shapeOf checks dimensions that come from a file.
func (c *call) shapeOf(dims []int) tensor.Shape {
	d := make([]int64, len(dims))
	for i := range dims {
		d[i] = int64(dims[i])
	}
	s, err := tensor.CheckDims(d, maxElements)
	c.check(err)
	return s
}
