package sim

import (
	"math"

	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// parcels hold the payloads of messages under way. What one element holds travels in the event itself, as its bits; the
// load of other payloads is a place here. Memory is used again: in the steady state nothing is allocated.
type parcels struct {
	typ    tensor.Type
	kinds  []kind
	kindOf []int32 // by vertex: the kind of its values
}

// kind is the parcels of one shape; place p is the (p mod perSlab)-th tensor of slab p / perSlab.
type kind struct {
	shape  tensor.Shape
	scalar bool
	cell   tensor.Tensor   // of a scalar: where its payload is unpacked
	slabs  []tensor.Tensor // of shape [perSlab, elements]
	free   []int32
}

// slabLen is the number of parcels that are allocated at a time.
const slabLen = 1024

func newParcels(g *graph.Graph, typ tensor.Type) *parcels {
	p := &parcels{typ: typ, kindOf: make([]int32, g.Len())}
	index := map[tensor.Shape]int32{}
	for v := range graph.VertexID(g.Len()) {
		s := g.Shape(v)
		k, ok := index[s]
		if !ok {
			k = int32(len(p.kinds))
			index[s] = k
			p.kinds = append(p.kinds, kind{shape: s, scalar: s.Len() == 1, cell: tensor.New(typ, s)})
		}
		p.kindOf[v] = k
	}
	return p
}

// scalar reports whether values of v have one element, and so travel as their bits.
func (p *parcels) scalar(v graph.VertexID) bool { return p.kinds[p.kindOf[v]].scalar }

// perSlab returns how many parcels of a kind a slab holds: fewer if they are large.
func (k *kind) perSlab() int32 {
	return int32(max(1, min(slabLen, (1<<20)/max(k.shape.Len(), 1))))
}

// pack copies t, a value or error of vertex v, and returns its load.
func (p *parcels) pack(v graph.VertexID, t tensor.Tensor) int64 {
	k := &p.kinds[p.kindOf[v]]
	if k.scalar {
		return word(t)
	}
	if len(k.free) == 0 {
		n := k.perSlab()
		first := int32(len(k.slabs)) * n
		k.slabs = append(k.slabs, tensor.New(p.typ, tensor.Dims(int(n), k.shape.Len())))
		for i := n - 1; i >= 0; i-- {
			k.free = append(k.free, first+i)
		}
	}
	place := k.free[len(k.free)-1]
	k.free = k.free[:len(k.free)-1]
	k.at(place).CopyFrom(t)
	return int64(place)
}

// word returns the bits of the one element of t.
func word(t tensor.Tensor) int64 {
	if t.Type() == tensor.Float32 {
		return int64(math.Float32bits(t.Float32s()[0]))
	}
	return int64(math.Float64bits(t.Float64s()[0]))
}

func (k *kind) at(place int32) tensor.Tensor {
	n := k.perSlab()
	i := int(place % n)
	return k.slabs[place/n].Rows(i, i+1).Reshape(k.shape)
}

// unpack returns the payload with the given load. It is valid until the next unpack.
func (p *parcels) unpack(v graph.VertexID, load int64) tensor.Tensor {
	k := &p.kinds[p.kindOf[v]]
	if !k.scalar {
		return k.at(int32(load))
	}
	if p.typ == tensor.Float32 {
		k.cell.Float32s()[0] = math.Float32frombits(uint32(load))
	} else {
		k.cell.Float64s()[0] = math.Float64frombits(uint64(load))
	}
	return k.cell
}

// again returns the load of a payload that was unpacked as t and changed.
func (p *parcels) again(v graph.VertexID, load int64, t tensor.Tensor) int64 {
	if p.scalar(v) {
		return word(t)
	}
	return load
}

// release gives the place of a load back.
func (p *parcels) release(v graph.VertexID, load int64) {
	if k := &p.kinds[p.kindOf[v]]; !k.scalar {
		k.free = append(k.free, int32(load))
	}
}

// bytes returns the memory that parcels take.
func (p *parcels) bytes() int {
	n := 0
	for i := range p.kinds {
		for _, t := range p.kinds[i].slabs {
			n += t.Len() * p.typ.Size()
		}
		n += 4 * cap(p.kinds[i].free)
	}
	return n
}
