package op

// An Aparter is an Op that may have derivatives in different arguments that share no work: calling VJP for some arguments, and
// again for the others, then costs what one call for all costs.
type Aparter interface {
	// Apart reports whether they share none.
	Apart() bool
}

// Apart reports whether o's derivatives in different arguments are known to share no work.
func Apart(o Op) bool {
	a, ok := o.(Aparter)
	return ok && a.Apart()
}

// Apart implements Aparter: every derivative is a product, or a sum, of its own.
func (linear) Apart() bool { return true }

// Apart implements Aparter.
func (matMul) Apart() bool { return true }

// Apart implements Aparter. With α ≠ 1 both products take the scaled ε.
func (o gemm) Apart() bool { return o.Alpha == 1 }

// Apart implements Aparter: what a product of one derivative packs, the other does not need.
func (conv) Apart() bool { return true }

// Apart implements Aparter.
func (convTranspose) Apart() bool { return true }
