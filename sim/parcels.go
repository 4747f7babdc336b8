package sim

import (
	"github.com/retrodict/retrodict/graph"
	"github.com/retrodict/retrodict/tensor"
)

// parcels hold the payloads of messages under way. Their memory is used again: in the steady state nothing is
// allocated.
type parcels struct {
	typ    tensor.Type
	kinds  []kind
	kindOf []int32 // by vertex: the kind of its values
}

// kind is the parcels of one shape; place p is the p-th of size bytes of slab p / perSlab.
type kind struct {
	shape tensor.Shape
	slabs []tensor.Tensor // of shape [perSlab, shape...] flattened
	free  []int32
}

// slabLen is the number of parcels that are allocated at a time.
const slabLen = 1024

func newParcels(g *graph.Graph, typ tensor.Type) *parcels {
	p := &parcels{typ: typ, kindOf: make([]int32, g.Len())}
	index := map[tensor.Shape]int32{}
	for v := range graph.VertexID(g.Len()) {
		k, ok := index[g.Shape(v)]
		if !ok {
			k = int32(len(p.kinds))
			index[g.Shape(v)] = k
			p.kinds = append(p.kinds, kind{shape: g.Shape(v)})
		}
		p.kindOf[v] = k
	}
	return p
}

// perSlab returns how many parcels of a kind a slab holds: fewer if they are large.
func (k *kind) perSlab() int32 {
	return int32(max(1, min(slabLen, (1<<20)/max(k.shape.Len(), 1))))
}

// put copies t, a value or error of vertex v, and returns its place.
func (p *parcels) put(v graph.VertexID, t tensor.Tensor) int32 {
	k := &p.kinds[p.kindOf[v]]
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
	return place
}

func (k *kind) at(place int32) tensor.Tensor {
	n := k.perSlab()
	i := int(place % n)
	return k.slabs[place/n].Rows(i, i+1).Reshape(k.shape)
}

// get returns the payload at the given place.
func (p *parcels) get(v graph.VertexID, place int32) tensor.Tensor {
	return p.kinds[p.kindOf[v]].at(place)
}

// release gives the place back.
func (p *parcels) release(v graph.VertexID, place int32) {
	k := &p.kinds[p.kindOf[v]]
	k.free = append(k.free, place)
}
