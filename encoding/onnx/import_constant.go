package onnx

import (
	"math"

	"github.com/retrodict/retrodict/op"
	"github.com/retrodict/retrodict/tensor"
)

// constantEntries are the operators that make constants, and the conversions between types.
func constantEntries() []Entry {
	return []Entry{
		{Name: "Cast", From: 1, Doc: "no vertex between floats; to-float, to-integer, to-bool otherwise; no strings, no rounding to 16 bits",
			load: func(c *call) {
				if c.opset() < 6 {
					c.unsupported("before opset 6")
				}
				c.set(0, c.cast(c.x(0), DataType(c.int("to", 0))))
			}},
		{Name: "CastLike", From: 15, Doc: "as Cast", load: func(c *call) { c.set(0, c.cast(c.x(0), c.x(1).elem)) }},
		{Name: "Constant", From: 1, Doc: "a constant; no strings, not sparse", load: constant},
		{Name: "ConstantOfShape", From: 9, Doc: "a constant", load: constantOfShape},
		{Name: "EyeLike", From: 9, Doc: "a constant", load: eyeLike},
		{Name: "Range", From: 11, Doc: "a constant; its arguments must be constant", load: rangeOf},
	}
}

// integerOf returns the integer arithmetic of an element type.
func integerOf(d DataType) op.Integer {
	switch d {
	case Uint8:
		return op.Integer{Bits: 8, Unsigned: true}
	case Int8:
		return op.Integer{Bits: 8}
	case Uint16:
		return op.Integer{Bits: 16, Unsigned: true}
	case Int16:
		return op.Integer{Bits: 16}
	case Uint32:
		return op.Integer{Bits: 32, Unsigned: true}
	case Int32:
		return op.Integer{Bits: 32}
	}
	return op.Integer{}
}

// cast returns v as elements of type to. Every float is computed in the float type of the graph, so that casts between
// floats change nothing; rounding to 16 bits would, and is not supported.
func (c *call) cast(v *value, to DataType) *value {
	switch {
	case v.elem == to:
		return v
	case v.elem.Storage() == tensor.None || to.Storage() == tensor.None || to == Uint64:
		c.unsupported("from %v to %v", v.elem, to)
	case to.IsFloat() && v.elem.IsFloat():
		return c.castFloat(v, to)
	case to.IsFloat():
		if to == Float16 || to == BFloat16 {
			c.unsupported("from %v to %v", v.elem, to)
		}
		return c.applyAs(to, op.ToFloat(), v)
	case to.IsInt():
		return c.applyAs(to, op.ToInteger(integerOf(to)), v)
	}
	return c.applyAs(to, op.ToBool(), v)
}

func (c *call) castFloat(v *value, to DataType) *value {
	if (to == Float16 || to == BFloat16) && v.elem != Float16 && v.elem != BFloat16 || to != v.elem && to == BFloat16 {
		c.unsupported("from %v to %v: nothing is rounded to 16 bits", v.elem, to)
	}
	if v.constant() {
		data := v.data
		if to == Float {
			data = data.Convert(tensor.Float32)
		}
		return constantOf(to, data)
	}
	w := *v
	w.base, w.elem = v, to
	return &w
}

func constant(c *call) {
	if len(c.n.Attributes) != 1 {
		c.fail("it has %d attributes, want one", len(c.n.Attributes))
	}
	switch a := c.n.Attributes[0]; a.Name {
	case "value":
		t := c.attr("value", AttrTensor).Tensor
		if !t.Value.Wanted() {
			c.unsupported("of %v", t.Type)
		}
		c.set(0, constantOf(t.Type, written(t)))
	case "value_float":
		c.set(0, constantOf(Float, tensor.From(tensor.Shape{}, []float64{c.num(a.Name, 0)})))
	case "value_floats":
		x := make([]float32, len(c.attr(a.Name, AttrFloats).Floats))
		copy(x, a.Floats)
		c.set(0, constantOf(Float, tensor.From(tensor.Dims(len(x)), x)))
	case "value_int":
		c.set(0, constantOf(Int64, tensor.From(tensor.Shape{}, []int64{c.attr(a.Name, AttrInt).Int})))
	case "value_ints":
		x := c.attr(a.Name, AttrInts).Ints
		c.set(0, constantOf(Int64, tensor.From(tensor.Dims(len(x)), x)))
	default:
		c.unsupported("with attribute %s", a.Name)
	}
}

// written returns the value of t, a lone float32 as the number that it was probably written as.
func written(t *Tensor) tensor.Tensor {
	if t.Type != Float || t.Shape.Rank() > 0 {
		return t.Value
	}
	return tensor.From(t.Shape, []float64{decimal(float32(t.Value.Float(0)))})
}

// filled accounts for a constant of shape s that is made from little, and returns it.
func (c *call) filled(typ tensor.Type, s tensor.Shape) tensor.Tensor {
	if c.folded += s.Len(); s.Len() > maxFolded || c.folded > maxFoldSum {
		c.check(errFold)
	}
	return tensor.New(typ, s)
}

func constantOfShape(c *call) {
	s := c.shapeOf(c.knownInts(0))
	elem, fill := Float, tensor.New(tensor.Float32, tensor.Shape{})
	if a := c.attr("value", AttrTensor); a != nil {
		elem, fill = a.Tensor.Type, a.Tensor.Value
		if !fill.Wanted() || fill.Len() != 1 {
			c.fail("the value is not one number")
		}
	}
	t := c.filled(fill.Type(), s)
	for i := range t.Len() {
		if fill.Type() == tensor.Int64 {
			t.Int64s()[i] = fill.Int64s()[0]
		} else {
			t.SetFloat(i, fill.Float(0))
		}
	}
	c.set(0, constantOf(elem, t))
}

func eyeLike(c *call) {
	x := c.x(0)
	elem := DataType(c.int("dtype", int(x.elem)))
	if x.rank() != 2 || elem.Storage() == tensor.None {
		c.fail("got %v of shape %v, want a matrix of numbers", elem, x.shape)
	}
	t := c.filled(elem.Storage(), x.shape)
	rows, cols, k := x.shape.Dim(0), x.shape.Dim(1), c.int("k", 0)
	for i := range rows {
		if j := i + k; j >= 0 && j < cols {
			t.SetFloat(i*cols+j, 1)
		}
	}
	c.set(0, constantOf(elem, t))
}

func rangeOf(c *call) {
	elem := c.x(0).elem
	if elem.IsInt() {
		start, limit, step := int64(0), int64(0), int64(0)
		for i, p := range []*int64{&start, &limit, &step} {
			c.scalar(i)
			*p = c.known(i).Convert(tensor.Int64).Int64s()[0]
		}
		n := c.steps(float64(start), float64(limit), float64(step))
		t := c.filled(tensor.Int64, tensor.Dims(n))
		for i := range t.Int64s() {
			t.Int64s()[i] = elem.wrap(start + int64(i)*step)
		}
		c.set(0, constantOf(elem, t))
		return
	}
	start, limit, step := c.scalar(0), c.scalar(1), c.scalar(2)
	t := c.filled(tensor.Float64, tensor.Dims(c.steps(start, limit, step)))
	for i := range t.Float64s() {
		t.Float64s()[i] = start + float64(float64(i)*step)
	}
	c.set(0, constantOf(elem, t))
}

// steps returns the number of elements of a range.
func (c *call) steps(start, limit, step float64) int {
	n := math.Ceil((limit - start) / step)
	if step == 0 || math.IsNaN(n) || n > maxFolded {
		c.fail("a range from %v to %v by %v", start, limit, step)
	}
	return int(max(n, 0))
}
