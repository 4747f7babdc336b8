// Package graph provides computational graphs: vertices that are elementary functions or leaves, joined by ordered edges.
//
// Words. The paper [Salvatori et al. 2022] draws arrows along the reverse pass: its C(i), the "children" of i, are the
// forward inputs of i, its P(i) are the consumers of i. Here, and nowhere else, they are mapped: C(i) = In, P(i) = Out.
// An edge leads from an input (From) to its consumer (To), as values travel; errors travel the other way. At the
// consumer an edge has an argument index, at the input a port: its position among the out-edges.
//
//	level(v) = the length of the longest path from v to the output;  level(output) = 0
//
// A graph is levelled if every edge joins neighbouring levels. Level makes one so, by identity vertices or by delays:
// on the edge from j to i, level(j) − level(i) − 1 of them. Edges from leaves need none, since learning is gated at the
// consumer's side.
//
// Storage is compact: vertices and edges are int32 ids into arrays; ids are a topological order, and edges are
// numbered by (consumer, argument). A Graph is immutable and may be shared by goroutines.
package graph
