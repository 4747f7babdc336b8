package npy

import (
	"fmt"
	"io"

	"github.com/retrodict/retrodict/encoding/internal/atomicfile"
	"github.com/retrodict/retrodict/encoding/internal/raw"
	"github.com/retrodict/retrodict/tensor"
)

// Write writes t, which must have storage, as one NPY array.
func Write(w io.Writer, t tensor.Tensor) error {
	if err := write(w, t); err != nil {
		return fmt.Errorf("npy: %w", err)
	}
	return nil
}

func write(w io.Writer, t tensor.Tensor) error {
	if !t.Wanted() {
		return fmt.Errorf("a tensor without storage cannot be written")
	}
	if _, err := w.Write(formatHeader(t.Type(), t.Shape(), -1, 0)); err != nil {
		return err
	}
	return raw.Write(w, t)
}

// WriteFile creates or replaces the NPY file at path, whole or not at all.
func WriteFile(path string, t tensor.Tensor) error {
	if err := atomicfile.Write(path, func(w io.Writer) error { return write(w, t) }); err != nil {
		return fmt.Errorf("npy: %s: %w", path, pathless(err))
	}
	return nil
}
