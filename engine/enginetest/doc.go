// Package enginetest is the suite that every engine passes. An engine's own tests call Test with a Factory.
//
//	E1  exact        updates of Z-IL, of Fa-Z-IL by wave and of the event-driven form that gathers equal backprop's to the
//	                 bit: dense and sparse, by identities and by delays
//	E2  schedule     the same bits for any number of workers, of processors, of partitions
//	E3  lemma        before the error arrives a vertex has μ = μ₀, x = μ₀ and ε = 0 (Lemma A.1)
//	E4  energy       inference learning with a small step does not raise the energy
//	E5  controls     whatever breaks a condition of the theorem differs from backprop
//	E7  failure      cancelled, closed twice, given a bad sample: an error, no hang, no goroutine left
//	E8  locality     messages cross edges of the graph, one each way, and nothing else
//	E9  work         sparse Z-IL does exactly the kernel work of backprop
//
// E6, a journal that is fed again in another legal order, belongs to engines that keep one.
//
// The suite knows nothing of how an engine works: it gives it a Setup and compares what comes out with package bp. What is to
// be seen from inside (E3, E4, E8) an engine shows through the optional interfaces Observed and Traced; checks that need one
// are skipped for engines without it. Networks are small, seeds are fixed and printed.
//
// What it is not: a test of kernels (op/optest does that) or of speed.
package enginetest
