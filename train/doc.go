// Package train makes epochs: an engine learns the batches of a set in a seeded order, a twin learns the same, and after
// every epoch the two are compared and the held-out rows are predicted.
//
// All batches of an epoch have the same number of rows, because a graph is built for it: the rows that are left over at the end of an
// epoch are dropped (other epochs visit them), and the last batch of an evaluation is padded with rows that do not count.
//
// Results go to callbacks; nothing is printed or written here. When the context ends, the batch under way is finished,
// and what there is so far is handed out.
package train
