package graph

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Match returns the vertices of g whose name fits the pattern, in the order of their ids. A pattern is one or more terms,
// separated by commas; a vertex fits if it fits one of them. A term is a name in which
//
//   - stands for any run of characters, none included, and
//     0..7  for a plain number from 0 to 7, if it is all that follows the last '/'.
//
// "prefix/*" fits a vertex with the bare name "prefix" too: at the grain of layers a population is one vertex. White space
// around terms is left out. A term that is empty or malformed is an error, and so is one that fits nothing.
func Match(g *Graph, pattern string) ([]VertexID, error) {
	in, err := match(g, pattern)
	if err != nil {
		return nil, fmt.Errorf("graph: pattern %q: %w", pattern, err)
	}
	var list []VertexID
	for v := range in {
		if in[v] {
			list = append(list, VertexID(v))
		}
	}
	return list, nil
}

// MatchEdges returns the edges of g that fit a pattern such as "hidden/* -> output/*": those that lead from a vertex that
// fits what is before the arrow, as Match has it, to one that fits what is behind. They are in the order of their ids; there
// may be none, if the vertices exist and nothing connects them.
func MatchEdges(g *Graph, pattern string) ([]EdgeID, error) {
	a, b, ok := strings.Cut(pattern, "->")
	if !ok || strings.Contains(b, "->") {
		return nil, fmt.Errorf("graph: pattern %q: want one arrow, such as \"hidden/* -> output/*\"", pattern)
	}
	from, err := match(g, a)
	if err != nil {
		return nil, fmt.Errorf("graph: pattern %q: %w", pattern, err)
	}
	to, err := match(g, b)
	if err != nil {
		return nil, fmt.Errorf("graph: pattern %q: %w", pattern, err)
	}
	var list []EdgeID
	for e := range g.from {
		if from[g.from[e]] && to[g.to[e]] {
			list = append(list, EdgeID(e))
		}
	}
	return list, nil
}

// match returns whether each vertex fits.
func match(g *Graph, pattern string) ([]bool, error) {
	in := make([]bool, g.Len())
	for text := range strings.SplitSeq(pattern, ",") {
		t, err := parseTerm(strings.TrimSpace(text))
		if err != nil {
			return nil, err
		}
		found := false
		if v, ok := g.Find(t.text); ok { // a name may contain a star
			in[v], found = true, true
		}
		for v := range in {
			if in[v] && found {
				continue
			}
			if t.all || t.fits(g.Name(VertexID(v))) {
				in[v], found = true, true
			}
		}
		if !found {
			return nil, fmt.Errorf("no vertex is called %q: there are %s", t.text, populationNames(g))
		}
	}
	return in, nil
}

// Beyond returns the first term of a pattern of vertices or edges, such as "hidden/0..70", whose range of numbers ends behind the
// last vertex that there is, and the name of that vertex; "" if there is none.
func Beyond(g *Graph, pattern string) (term, last string) {
	for text := range strings.SplitSeq(strings.ReplaceAll(pattern, "->", ","), ",") {
		t, err := parseTerm(strings.TrimSpace(text))
		if err != nil || !t.ranged {
			continue
		}
		most := int32(-1)
		for v := range VertexID(g.Len()) {
			if prefix, index := splitName(g.Name(v)); index > most && t.glob.MatchString(prefix) {
				most, last = index, g.Name(v)
			}
		}
		if most >= 0 && t.hi > most {
			return t.text, last
		}
	}
	return "", ""
}

// populationNames lists what vertices are called, populations once: "input/…, hidden1/…, output".
func populationNames(g *Graph) string {
	const most = 8
	var list []string
	for v := range VertexID(g.Len()) {
		name := g.Name(v)
		if prefix, index := splitName(name); index >= 0 {
			name = prefix + "/…"
		}
		if name == "" || slices.Contains(list, name) {
			continue
		}
		if list = append(list, name); len(list) > most {
			list[most] = "…"
			break
		}
	}
	return strings.Join(list, ", ")
}

// A term is one part of a pattern.
type term struct {
	text   string
	all    bool           // fits everything
	glob   *regexp.Regexp // of the name, or of what is before the number
	bare   *regexp.Regexp // of a bare name that fits too; nil: none
	ranged bool           // a number from lo to hi follows
	lo, hi int32
}

func parseTerm(text string) (term, error) {
	t := term{text: text, all: text == "*"}
	if text == "" {
		return t, fmt.Errorf("an empty name")
	}
	if len(text) > 1000 || !utf8.ValidString(text) || strings.Contains(text, "\x00") {
		return t, fmt.Errorf("no name is as long as that, or not plain text")
	}
	i := strings.LastIndexByte(text, '/')
	a, b, dots := strings.Cut(text[i+1:], "..")
	if i < 0 || !dots {
		t.glob = glob(text)
		if prefix, ok := strings.CutSuffix(text, "/*"); ok {
			t.bare = glob(prefix)
		}
		return t, nil
	}
	_, lo := splitName("x/" + a)
	_, hi := splitName("x/" + b)
	if lo < 0 || hi < lo {
		return t, fmt.Errorf("%q: want a range of numbers such as 0..7", text[i+1:])
	}
	return term{text: text, glob: glob(text[:i]), ranged: true, lo: lo, hi: hi}, nil
}

// fits reports whether the name fits.
func (t *term) fits(name string) bool {
	if t.ranged {
		prefix, index := splitName(name)
		return index >= t.lo && index <= t.hi && t.glob.MatchString(prefix)
	}
	return t.glob.MatchString(name) || t.bare != nil && t.bare.MatchString(name)
}

// glob returns the expression of a pattern with stars. Matching takes time linear in the name.
func glob(pattern string) *regexp.Regexp {
	s := regexp.QuoteMeta(pattern)
	s = strings.ReplaceAll(s, `\*\*`, "\x00")
	s = strings.ReplaceAll(s, `\*`, "[^/]*")
	return regexp.MustCompile("(?s)^" + strings.ReplaceAll(s, "\x00", ".*") + "$")
}
