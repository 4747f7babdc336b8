package experiments

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// variables of the polynomials of Figure 3, in the order in which they are printed.
func variables() [5]string { return [5]string{"δ", "z1", "z2", "z3", "s"} }

// A term is coefficient · δ^e₀ z1^e₁ z2^e₂ z3^e₃ s^e₄.
type term struct {
	coefficient int
	exponents   [5]uint8
}

// A polynomial is a sum of terms in a fixed order, without zeros: two polynomials are equal if their strings are.
type polynomial []term

func variable(i int) polynomial {
	t := term{coefficient: 1}
	t.exponents[i] = 1
	return polynomial{t}
}

func (p polynomial) plus(q polynomial) polynomial { return slices.Concat(p, q).collected() }

func (p polynomial) minus(q polynomial) polynomial {
	return p.plus(q.times(polynomial{{coefficient: -1}}))
}

func (p polynomial) times(q polynomial) polynomial {
	var r polynomial
	for _, a := range p {
		for _, b := range q {
			t := term{coefficient: a.coefficient * b.coefficient}
			for i := range t.exponents {
				t.exponents[i] = a.exponents[i] + b.exponents[i]
			}
			r = append(r, t)
		}
	}
	return r.collected()
}

// collected sorts the terms and adds those that are alike.
func (p polynomial) collected() polynomial {
	slices.SortStableFunc(p, func(a, b term) int { return -slices.Compare(a.exponents[:], b.exponents[:]) })
	var r polynomial
	for _, t := range p {
		if n := len(r); n > 0 && r[n-1].exponents == t.exponents {
			r[n-1].coefficient += t.coefficient
		} else {
			r = append(r, t)
		}
	}
	return slices.DeleteFunc(r, func(t term) bool { return t.coefficient == 0 })
}

func (p polynomial) String() string {
	if len(p) == 0 {
		return "0"
	}
	var b strings.Builder
	for i, t := range p {
		c := t.coefficient
		switch {
		case i > 0 && c > 0:
			b.WriteString(" + ")
		case i > 0:
			b.WriteString(" − ")
			c = -c
		case c < 0:
			b.WriteString("−")
			c = -c
		}
		factors := t.factors()
		if c != 1 || factors == "" {
			factors = strings.TrimSpace(strconv.Itoa(c) + " " + factors)
		}
		b.WriteString(factors)
	}
	return b.String()
}

func (t term) factors() string {
	var list []string
	for i, e := range t.exponents {
		switch {
		case e == 1:
			list = append(list, variables()[i])
		case e > 1:
			list = append(list, variables()[i]+"^"+strconv.Itoa(int(e)))
		}
	}
	return strings.Join(list, " ")
}

// at returns the value of p for values of the variables.
func (p polynomial) at(values [5]float64) float64 {
	sum := 0.0
	for _, t := range p {
		x := float64(t.coefficient)
		for i, e := range t.exponents {
			x *= math.Pow(values[i], float64(e))
		}
		sum += x
	}
	return sum
}

// A symbol is a vertex of a graph that is computed in polynomials: a leaf, or the sum or product of others, or one of
// them. Vertices come in topological order, the output last.
type symbol struct {
	name  string
	kind  byte // 'l' leaf, '+', '*' or '=' identity
	args  []int
	value polynomial // of a leaf; else set by the sweep
	level int        // longest path to the output

	mu, eps polynomial
}

// predict returns μ of vertex i at the present values.
func predict(g []symbol, i int) polynomial {
	a := g[i].args
	switch g[i].kind {
	case '+':
		return g[a[0]].value.plus(g[a[1]].value)
	case '*':
		return g[a[0]].value.times(g[a[1]].value)
	}
	return g[a[0]].value
}

// feedback returns ε_i ∂μ_i/∂(argument k).
func feedback(g []symbol, i, k int) polynomial {
	if g[i].kind == '*' {
		return g[i].eps.times(g[g[i].args[1-k]].value)
	}
	return g[i].eps
}

// denseZIL runs the equations of Z-IL with γ = 1, all vertices at every tick, in polynomials. It returns what the leaf
// called name gets: the feedback of its consumers, each at the tick of its level. δ is the error of the output at
// the forward sweep.
func denseZIL(g []symbol, name string) polynomial {
	out := len(g) - 1
	for i := range g {
		if g[i].kind != 'l' {
			g[i].value = predict(g, i)
		}
	}
	target := g[out].value.minus(variable(0))
	var got polynomial
	for tick := range setLevels(g) {
		for i := range g {
			if g[i].kind == 'l' {
				continue
			}
			g[i].mu = predict(g, i)
			if g[i].eps = g[i].mu.minus(g[i].value); i == out {
				g[i].eps = g[i].mu.minus(target)
			}
		}
		next := make([]polynomial, len(g))
		for i := range g {
			next[i] = g[i].value.plus(g[i].eps)
		}
		for i := range g {
			for k, a := range g[i].args {
				switch {
				case g[a].kind != 'l':
					next[a] = next[a].minus(feedback(g, i, k))
				case g[a].name == name && g[i].level == tick:
					got = got.plus(feedback(g, i, k))
				}
			}
		}
		for i := range g[:out] {
			if g[i].kind != 'l' {
				g[i].value = next[i]
			}
		}
	}
	return got
}

// setLevels sets the level of every vertex and returns the number of levels at which something is computed.
func setLevels(g []symbol) int {
	depth := 0
	for i := len(g) - 1; i >= 0; i-- {
		if g[i].kind != 'l' {
			depth = max(depth, g[i].level+1)
		}
		for _, a := range g[i].args {
			g[a].level = max(g[a].level, g[i].level+1)
		}
	}
	return depth
}
