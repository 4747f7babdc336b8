package graph

import (
	"sort"
	"strconv"
	"strings"
)

// names stores the names of vertices by runs, so that a population of a million neurons "hidden/0" … costs one entry:
// vertex first+k of a run is called prefix/(index+k), or just prefix if the run has a single, unnumbered vertex.
type names struct {
	runs     []run // by first
	byPrefix map[string][]int32
}

type run struct {
	prefix string
	first  VertexID
	count  int32
	index  int32 // number of the first vertex, -1 if it has none
}

func itoa(i int) string { return strconv.Itoa(i) }

// splitName cuts "hidden/12" into "hidden" and 12; index is -1 if the name does not end in a plain number.
func splitName(name string) (prefix string, index int32) {
	i := strings.LastIndexByte(name, '/')
	if i <= 0 {
		return name, -1
	}
	n, err := strconv.ParseInt(name[i+1:], 10, 32)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != name[i+1:] {
		return name, -1
	}
	return name[:i], int32(n)
}

// add gives v, which must follow all vertices named so far, a name.
func (n *names) add(v VertexID, prefix string, index int32) {
	if prefix == "" {
		return
	}
	if k := len(n.runs) - 1; k >= 0 && index > 0 {
		r := &n.runs[k]
		if r.prefix == prefix && r.index >= 0 && r.first+VertexID(r.count) == v && index-r.index == r.count {
			r.count++
			return
		}
	}
	if n.byPrefix == nil {
		n.byPrefix = map[string][]int32{}
	}
	n.byPrefix[prefix] = append(n.byPrefix[prefix], int32(len(n.runs)))
	n.runs = append(n.runs, run{prefix, v, 1, index})
}

func (n *names) name(v VertexID) string {
	k := sort.Search(len(n.runs), func(i int) bool { return n.runs[i].first > v }) - 1
	if k < 0 || n.runs[k].first+VertexID(n.runs[k].count) <= v {
		return ""
	}
	r := n.runs[k]
	if r.index < 0 {
		return r.prefix
	}
	return r.prefix + "/" + itoa(int(r.index)+int(v-r.first))
}

func (n *names) find(name string) (VertexID, bool) {
	for _, k := range n.byPrefix[name] {
		if n.runs[k].index < 0 {
			return n.runs[k].first, true
		}
	}
	prefix, index := splitName(name)
	if index < 0 {
		return 0, false
	}
	for _, k := range n.byPrefix[prefix] {
		if r := n.runs[k]; r.index >= 0 && index >= r.index && index-r.index < r.count {
			return r.first + VertexID(index-r.index), true
		}
	}
	return 0, false
}
