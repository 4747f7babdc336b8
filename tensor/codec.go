package tensor

import (
	"encoding/binary"
	"fmt"
	"math"
)

// An Encoder appends values to B: the format of snapshots, which Decoder reads. Lengths come first; floats keep their bits.
type Encoder struct{ B []byte }

// Uint appends x as a varint.
func (w *Encoder) Uint(x uint64) { w.B = binary.AppendUvarint(w.B, x) }

// Bytes appends x.
func (w *Encoder) Bytes(x []byte) {
	w.Uint(uint64(len(x)))
	w.B = append(w.B, x...)
}

// Ints appends x.
func (w *Encoder) Ints(x []int32) {
	w.Uint(uint64(len(x)))
	for _, v := range x {
		w.B = binary.LittleEndian.AppendUint32(w.B, uint32(v))
	}
}

// Floats appends x.
func (w *Encoder) Floats(x []float64) {
	w.Uint(uint64(len(x)))
	for _, v := range x {
		w.B = binary.LittleEndian.AppendUint64(w.B, math.Float64bits(v))
	}
}

// Bools appends x.
func (w *Encoder) Bools(x []bool) {
	w.Uint(uint64(len(x)))
	for _, v := range x {
		k := byte(0)
		if v {
			k = 1
		}
		w.B = append(w.B, k)
	}
}

// Tensors appends a list.
func (w *Encoder) Tensors(list []Tensor) {
	w.Uint(uint64(len(list)))
	for _, t := range list {
		w.Tensor(t)
	}
}

// Tensor appends t, which may be without storage.
func (w *Encoder) Tensor(t Tensor) {
	w.B = append(w.B, byte(t.Type()))
	if !t.Wanted() {
		return
	}
	w.Uint(uint64(t.Shape().Rank()))
	for _, d := range t.Shape().Slice() {
		w.Uint(uint64(d))
	}
	w.B = append(w.B, t.Bytes()...)
}

// A Decoder takes values off B. After the first mistake, which Err keeps, it returns zeros. It allocates no more than a small
// multiple of what B holds.
type Decoder struct {
	B   []byte
	Err error
}

// Fail notes a mistake, if it is the first.
func (r *Decoder) Fail(format string, args ...any) {
	if r.Err == nil {
		r.Err = fmt.Errorf("tensor: snapshot: "+format, args...)
	}
	r.B = nil
}

// Uint returns what Encoder.Uint appended.
func (r *Decoder) Uint() uint64 {
	x, n := binary.Uvarint(r.B)
	if n <= 0 {
		r.Fail("it ends too early")
		return 0
	}
	r.B = r.B[n:]
	return x
}

// take returns the next n bytes.
func (r *Decoder) take(n uint64) []byte {
	if r.Err != nil || n > uint64(len(r.B)) {
		r.Fail("it ends too early")
		return nil
	}
	x := r.B[:n]
	r.B = r.B[n:]
	return x
}

// Bytes returns a run of bytes, which must be want long and belongs to B.
func (r *Decoder) Bytes(want int) []byte {
	if n := r.Uint(); r.Err == nil && n != uint64(want) {
		r.Fail("%d bytes of state, this configuration has %d", n, want)
	}
	return r.take(uint64(want))
}

// Ints fills dst, whose length must be that of the list.
func (r *Decoder) Ints(dst []int32) {
	if n := r.Uint(); r.Err == nil && n != uint64(len(dst)) {
		r.Fail("%d counters, this configuration has %d", n, len(dst))
	}
	for i, raw := 0, r.take(4*uint64(len(dst))); r.Err == nil && i < len(dst); i++ {
		dst[i] = int32(binary.LittleEndian.Uint32(raw[4*i:]))
	}
}

// Floats restores a list that may have been made after the population.
func (r *Decoder) Floats(dst *[]float64) {
	n := r.Uint()
	raw := r.take(8 * n)
	if r.Err != nil || n > math.MaxInt32 {
		return
	}
	*dst = nil
	if n > 0 {
		*dst = make([]float64, n)
	}
	for i := range *dst {
		(*dst)[i] = math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:]))
	}
}

// Bools restores a list that may have been made later, or must have the length it has.
func (r *Decoder) Bools(dst *[]bool) {
	n := r.Uint()
	raw := r.take(n)
	if r.Err != nil {
		return
	}
	if len(*dst) != 0 && n != uint64(len(*dst)) && n != 0 {
		r.Fail("%d flags, this configuration has %d", n, len(*dst))
		return
	}
	if uint64(len(*dst)) != n {
		*dst = make([]bool, n)
		if n == 0 {
			*dst = nil
		}
	}
	for i, k := range raw {
		(*dst)[i] = k != 0
	}
}

// Tensors restores a list; where there is one already, its members keep their storage.
func (r *Decoder) Tensors(dst *[]Tensor) {
	n := r.Uint()
	if r.Err != nil || n > uint64(len(r.B)) {
		r.Fail("it ends too early")
		return
	}
	if len(*dst) != 0 && uint64(len(*dst)) != n {
		r.Fail("a list of %d, this configuration has %d", n, len(*dst))
		return
	}
	if len(*dst) == 0 && n > 0 {
		*dst = make([]Tensor, n)
	}
	for i := range *dst {
		t := r.Tensor()
		if old := (*dst)[i]; r.Err == nil && old.Wanted() && t.Wanted() && old.Type() == t.Type() && old.Shape() == t.Shape() {
			old.CopyFrom(t)
		} else {
			(*dst)[i] = t
		}
	}
}

// Tensor returns a tensor with storage of its own, or without storage.
func (r *Decoder) Tensor() Tensor {
	kind := r.take(1)
	if r.Err != nil {
		return Tensor{}
	}
	typ := Type(kind[0])
	if typ == None {
		return Tensor{}
	}
	rank := r.Uint()
	if typ > Bool || rank > MaxRank {
		r.Fail("no such tensor")
		return Tensor{}
	}
	dims := make([]int64, rank)
	for i := range dims {
		dims[i] = int64(r.Uint())
	}
	s, err := CheckDims(dims, int64(len(r.B)))
	if err != nil {
		r.Fail("%v", err)
		return Tensor{}
	}
	raw := r.take(uint64(s.Len() * typ.Size()))
	if r.Err != nil {
		return Tensor{}
	}
	t := New(typ, s)
	copy(t.Bytes(), raw)
	return t
}

// Int appends x as a signed varint.
func (w *Encoder) Int(x int64) { w.B = binary.AppendVarint(w.B, x) }

// Int returns what Encoder.Int appended.
func (r *Decoder) Int() int64 {
	x, n := binary.Varint(r.B)
	if n <= 0 {
		r.Fail("it ends too early")
		return 0
	}
	r.B = r.B[n:]
	return x
}
