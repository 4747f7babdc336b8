package tensor

import (
	"fmt"
	"math"
	"unsafe"
)

// A Type is the element type of a tensor. The zero Type is that of a tensor without storage.
type Type uint8

const (
	None    Type = iota // no storage: "not wanted" in a vector–Jacobian product
	Float64             // IEEE 754 binary64, the default
	Float32             // IEEE 754 binary32
	Int64               // data, not differentiable
	Bool                // data, not differentiable, one byte an element
)

// String returns "f64", "f32", "i64", "bool" or "none".
func (t Type) String() string {
	switch t {
	case Float64:
		return "f64"
	case Float32:
		return "f32"
	case Int64:
		return "i64"
	case Bool:
		return "bool"
	}
	return "none"
}

// Size returns the bytes of one element.
func (t Type) Size() int {
	switch t {
	case Float64, Int64:
		return 8
	case Float32:
		return 4
	case Bool:
		return 1
	}
	return 0
}

// IsFloat reports whether the type is differentiable.
func (t Type) IsFloat() bool { return t == Float64 || t == Float32 }

// ParseType returns the type named "f64", "f32", "i64" or "bool".
func ParseType(name string) (Type, error) {
	for t := Float64; t <= Bool; t++ {
		if t.String() == name {
			return t, nil
		}
	}
	return None, fmt.Errorf("unknown type %q: use f64 or f32", name)
}

// Float is the constraint of kernels on differentiable elements.
type Float interface{ float32 | float64 }

// Element is the constraint of everything that a tensor can hold.
type Element interface {
	float32 | float64 | int64 | bool
}

// A Tensor is a dense row-major array. It is a value of 40 bytes that refers to storage: copying a Tensor does not copy
// elements. The zero Tensor has no storage.
type Tensor struct {
	data  unsafe.Pointer
	shape Shape
	typ   Type
}

// align is the alignment of storage in bytes: a cache line, and the widest vector register.
const align = 64

// New returns a tensor of zeros.
func New(t Type, s Shape) Tensor {
	n := s.Len() * t.Size()
	if t == None {
		panic("tensor: New without a type")
	}
	buf := alignedBytes(n)
	return Tensor{data: unsafe.Pointer(unsafe.SliceData(buf)), shape: s, typ: t}
}

// alignedBytes returns n zero bytes that start on a multiple of align. The array holds no pointers.
func alignedBytes(n int) []byte {
	buf := make([]byte, n+align)
	off := int(-uintptr(unsafe.Pointer(unsafe.SliceData(buf))) & (align - 1))
	return buf[off : off+n : off+n]
}

// TypeOf returns the Type that holds elements of T.
func TypeOf[T Element]() Type {
	var z T
	switch any(z).(type) {
	case float64:
		return Float64
	case float32:
		return Float32
	case int64:
		return Int64
	}
	return Bool
}

// From returns a tensor that refers to data, which must have s.Len() elements. Nothing is copied.
func From[T Element](s Shape, data []T) Tensor {
	if len(data) != s.Len() {
		panic("tensor: From: length does not match shape")
	}
	return Tensor{data: unsafe.Pointer(unsafe.SliceData(data)), shape: s, typ: TypeOf[T]()}
}

// Data returns the elements of t in row-major order, as a slice that refers to t's storage. It panics if t does not
// hold elements of T.
func Data[T Element](t Tensor) []T {
	if t.typ != TypeOf[T]() {
		panic("tensor: Data: wrong element type")
	}
	return unsafe.Slice((*T)(t.data), t.shape.Len())
}

// Float64s is Data[float64].
func (t Tensor) Float64s() []float64 { return Data[float64](t) }

// Float32s is Data[float32].
func (t Tensor) Float32s() []float32 { return Data[float32](t) }

// Int64s is Data[int64].
func (t Tensor) Int64s() []int64 { return Data[int64](t) }

// Bools is Data[bool].
func (t Tensor) Bools() []bool { return Data[bool](t) }

// Bytes returns the storage of t as bytes in the machine's order.
func (t Tensor) Bytes() []byte {
	return unsafe.Slice((*byte)(t.data), t.shape.Len()*t.typ.Size())
}

// Type returns the element type, None if t has no storage.
func (t Tensor) Type() Type { return t.typ }

// Shape returns the shape.
func (t Tensor) Shape() Shape { return t.shape }

// Len returns the number of elements.
func (t Tensor) Len() int { return t.shape.Len() }

// Wanted reports whether t has storage. A vector–Jacobian product computes only the derivatives that are wanted.
func (t Tensor) Wanted() bool { return t.typ != None }

// Reshape returns t with another shape of the same number of elements, on the same storage.
func (t Tensor) Reshape(s Shape) Tensor {
	if s.Len() != t.shape.Len() {
		panic("tensor: Reshape changes the number of elements")
	}
	t.shape = s
	return t
}

// Rows returns rows lo to hi of axis 0, on the same storage.
func (t Tensor) Rows(lo, hi int) Tensor {
	if lo < 0 || hi < lo || hi > t.shape.Dim(0) {
		panic("tensor: Rows out of range")
	}
	row := 1
	for i := 1; i < t.shape.Rank(); i++ {
		row *= t.shape.Dim(i)
	}
	if lo < t.shape.Dim(0) {
		t.data = unsafe.Add(t.data, lo*row*t.typ.Size())
	}
	t.shape = t.shape.With(0, hi-lo)
	return t
}

// Clone returns a copy with storage of its own.
func (t Tensor) Clone() Tensor {
	if !t.Wanted() {
		return t
	}
	c := New(t.typ, t.shape)
	copy(c.Bytes(), t.Bytes())
	return c
}

// CopyFrom copies the elements of src, which must have the same type and number of elements.
func (t Tensor) CopyFrom(src Tensor) {
	if t.typ != src.typ || t.Len() != src.Len() {
		panic("tensor: CopyFrom: operands differ in type or length")
	}
	copy(t.Bytes(), src.Bytes())
}

// Zero sets every element to 0 (false).
func (t Tensor) Zero() { clear(t.Bytes()) }

// Fill sets every element of a floating-point or integer tensor to x, converted to the element type.
func (t Tensor) Fill(x float64) {
	switch t.typ {
	case Float64:
		fill(t.Float64s(), x)
	case Float32:
		fill(t.Float32s(), float32(x))
	case Int64:
		fill(t.Int64s(), int64(x))
	default:
		panic("tensor: Fill: not a number type")
	}
}

func fill[T Element](s []T, x T) {
	for i := range s {
		s[i] = x
	}
}

// Float returns element i of the row-major order as a float64 (0 or 1 for Bool).
func (t Tensor) Float(i int) float64 {
	switch t.typ {
	case Float64:
		return t.Float64s()[i]
	case Float32:
		return float64(t.Float32s()[i])
	case Int64:
		return float64(t.Int64s()[i])
	case Bool:
		if t.Bools()[i] {
			return 1
		}
	}
	return 0
}

// SetFloat sets element i of the row-major order, converted to the element type (Bool: whether x is not 0).
func (t Tensor) SetFloat(i int, x float64) {
	switch t.typ {
	case Float64:
		t.Float64s()[i] = x
	case Float32:
		t.Float32s()[i] = float32(x)
	case Int64:
		t.Int64s()[i] = int64(x)
	case Bool:
		t.Bools()[i] = x != 0
	}
}

// Convert returns t with elements of type to: t itself if it has that type already, otherwise a converted copy.
func (t Tensor) Convert(to Type) Tensor {
	if t.typ == to {
		return t
	}
	c := New(to, t.shape)
	c.ConvertFrom(t)
	return c
}

// ConvertFrom sets the elements of t to those of src, converted to t's type; both must have the same number.
func (t Tensor) ConvertFrom(src Tensor) {
	switch {
	case t.typ == src.typ:
		t.CopyFrom(src)
	case t.typ == Float32 && src.typ == Float64:
		d, s := t.Float32s(), src.Float64s()
		for i := range d {
			d[i] = float32(s[i])
		}
	case t.typ == Int64 && src.typ == Bool, t.typ == Bool && src.typ == Int64, t.typ.IsFloat() || src.typ.IsFloat():
		for i := range t.Len() {
			t.SetFloat(i, src.Float(i))
		}
	default:
		panic("tensor: ConvertFrom: operand without storage")
	}
}

// String returns the type, the shape and up to eight elements.
func (t Tensor) String() string {
	if !t.Wanted() {
		return "none"
	}
	s := t.typ.String() + t.shape.String() + "{"
	for i := range min(t.Len(), 8) {
		if i > 0 {
			s += " "
		}
		s += fmt.Sprintf("%.6g", t.Float(i))
	}
	if t.Len() > 8 {
		s += " …"
	}
	return s + "}"
}

// Bits returns the bits of element i, by which equality is decided: every NaN has the same bits, and +0 and −0 differ.
// A float32 gives 32 bits, an integer its two's complement, a bool 0 or 1.
func (t Tensor) Bits(i int) uint64 {
	switch t.typ {
	case Float64:
		x := t.Float64s()[i]
		if x != x {
			return math.Float64bits(math.NaN())
		}
		return math.Float64bits(x)
	case Float32:
		x := t.Float32s()[i]
		if x != x {
			return uint64(math.Float32bits(float32(math.NaN())))
		}
		return uint64(math.Float32bits(x))
	case Int64:
		return uint64(t.Int64s()[i])
	case Bool:
		if t.Bools()[i] {
			return 1
		}
	}
	return 0
}

// Differing returns the number of elements whose Bits differ. The operands must have the same type and shape.
func Differing(a, b Tensor) int {
	if a.typ != b.typ || a.shape != b.shape {
		panic("tensor: Differing: operands differ in type or shape")
	}
	n := 0
	for i := range a.Len() {
		if a.Bits(i) != b.Bits(i) {
			n++
		}
	}
	return n
}

// View returns a tensor on the bytes of buf from off on. The caller answers for alignment: off must be a multiple of the
// element size in a buffer that comes from Buffer.
func View(buf []byte, off int, t Type, s Shape) Tensor {
	if n := s.Len() * t.Size(); off < 0 || n > len(buf)-off {
		panic("tensor: View out of range")
	}
	return Tensor{data: unsafe.Add(unsafe.Pointer(unsafe.SliceData(buf)), off), shape: s, typ: t}
}

// Buffer returns n zero bytes, aligned as the storage of New is. It is for arenas that View cuts into tensors.
func Buffer(n int) []byte { return alignedBytes(n) }
