package graph

import "unsafe"

// Bytes returns the size of the graph's arrays in bytes. Graphs made of one another by Level may share some.
func (g *Graph) Bytes() int64 {
	perVertex := cap(g.role) + cap(g.typ) + cap(g.observed) + 4*(cap(g.opOf)+cap(g.shape)+cap(g.level)+cap(g.inStart)+cap(g.outFrom))
	perEdge := 4 * (cap(g.from) + cap(g.to) + cap(g.out) + cap(g.heads) + cap(g.delay))
	lists := 4 * (cap(g.outputs) + cap(g.inputs) + cap(g.params))
	n := int64(perVertex + perEdge + lists)
	n += int64(cap(g.shapes))*int64(unsafe.Sizeof(g.shapes[:1][0])) + int64(cap(g.names.runs))*int64(unsafe.Sizeof(run{}))
	for _, c := range g.constants {
		n += int64(c.value.Len() * c.value.Type().Size())
	}
	return n
}
