package onnx

import (
	"fmt"
	"slices"
	"strings"
)

// MaxOpset is the newest version of the default operator set that Import knows.
const MaxOpset = 20

// An Entry is an operator of the default domain that Import knows.
type Entry struct {
	Name     string
	From, To int64  // the versions of the operator set in which it may be used
	Doc      string // what it becomes, and what of it is not supported

	load func(c *call)
}

// Opsets returns the range of versions, such as "1–20".
func (e Entry) Opsets() string { return fmt.Sprintf("%d–%d", e.From, e.To) }

// Table returns every operator that Import knows, by name.
func Table() []Entry {
	var t []Entry
	for _, family := range [][]Entry{
		mathEntries(), activationEntries(), integerEntries(), reduceEntries(), shapeEntries(), layoutEntries(), indexEntries(),
		constantEntries(), linearEntries(), convEntries(), poolEntries(), normEntries(), resizeEntries(), lossEntries(),
		recurrentEntries(), controlEntries(),
	} {
		t = append(t, family...)
	}
	for i := range t {
		if t[i].To == 0 {
			t[i].To = MaxOpset
		}
	}
	slices.SortFunc(t, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return t
}

// index returns the entries of the given opset by name.
func index(opset int64) map[string]*Entry {
	byName := map[string]*Entry{}
	for _, e := range Table() {
		if opset >= e.From && opset <= e.To {
			byName[e.Name] = &e
		}
	}
	return byName
}
