package config

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// A document is a parsed file.
type document struct {
	source string
	body   ast.Node // nil: it is empty
}

// maxIncluded bounds the number of files that one configuration is made of.
const maxIncluded = 64

// collect returns the files that body, of the file source, includes, and itself as the last: each is to be applied on top
// of those before it. Paths are relative to the file that names them. outer are the files around it.
func collect(source string, body ast.Node, outer []string, list []document) ([]document, error) {
	m, ok := body.(ast.MapNode)
	if body == nil || !ok {
		return append(list, document{source, body}), nil
	}
	d := &decoder{source: source, where: positions{}}
	for it := m.MapRange(); it.Next(); {
		if t := it.Key().GetToken(); t == nil || t.Value != includeKey {
			continue
		}
		names, nodes, err := d.includes(it.Value())
		if err != nil {
			return nil, err
		}
		for i, name := range names {
			path := name
			if !filepath.IsAbs(path) {
				path = filepath.Join(filepath.Dir(source), path)
			}
			chain := append(outer[:len(outer):len(outer)], filepath.Clean(source))
			if slices.Contains(chain, filepath.Clean(path)) {
				return nil, d.errorf(nodes[i], includeKey, "%s includes itself: %s", path, strings.Join(append(chain, filepath.Clean(path)), " -> "))
			}
			if len(list)+len(chain) > maxIncluded {
				return nil, d.errorf(nodes[i], includeKey, "more than %d files", maxIncluded)
			}
			if list, err = includeFile(d, nodes[i], path, chain, list); err != nil {
				return nil, err
			}
		}
	}
	return append(list, document{source, body}), nil
}

// includeKey is the key that names the files on which a file builds.
const includeKey = "include"

func includeFile(d *decoder, n ast.Node, path string, chain []string, list []document) ([]document, error) {
	text, err := readFile(path)
	if err != nil {
		var why string
		if e, ok := err.(*Error); ok {
			why = e.Message
		}
		return nil, d.errorf(n, includeKey, "%s: %s", path, why)
	}
	body, err := parse(path, text)
	if err != nil {
		return nil, err
	}
	return collect(path, body, chain, list)
}

// includes returns the names in a value of the key include: one, or a list.
func (d *decoder) includes(n ast.Node) (names []string, nodes []ast.Node, err error) {
	nodes = []ast.Node{n}
	if s, ok := n.(*ast.SequenceNode); ok {
		nodes = s.Values
	}
	for _, v := range nodes {
		s, ok := text(v)
		if !ok || s == "" {
			return nil, nil, d.errorf(v, includeKey, "got %s, want the path of a file, or a list of them", describe(v))
		}
		names = append(names, s)
	}
	return names, nodes, nil
}
