//go:build !linux || !amd64 || noopenblas

package openblas

import (
	"errors"

	"github.com/retrodict/retrodict/tensor"
)

// A Backend cannot be had in this build.
type Backend struct{ tensor.Gonum }

// Open returns an error.
func Open() (*Backend, error) {
	return nil, errors.New("openblas: not in this program, which was built for another platform than Linux on amd64, or without the C library's loader (tag noopenblas: build it with make build TAGS=)")
}
