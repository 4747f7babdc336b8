package config

import (
	"fmt"
	"strings"

	"github.com/retrodict/retrodict/tensor"
	"github.com/retrodict/retrodict/tensor/openblas"
)

// Backends returns the names of the backends of matrix products, in a fixed order.
func Backends() []string { return []string{"builtin", "openblas", "gonum"} }

// OpenBackend returns the backend of the given name, "" being builtin: this is the only place that knows them all. It is an
// error if there is none of that name, or if it is a library that cannot be loaded; the error says what to do.
func OpenBackend(name string) (tensor.Backend, error) {
	switch name {
	case "":
		return tensor.Default(), nil
	case "openblas":
		b, err := openblas.Open()
		if err != nil {
			return nil, fmt.Errorf("backend %s cannot be used: %w; or use builtin or gonum", name, err)
		}
		return b, nil
	}
	b, err := tensor.ParseBackend(name)
	if err != nil {
		return nil, fmt.Errorf("unknown backend %q: use one of %s", clip(name), strings.Join(Backends(), ", "))
	}
	return b, nil
}
