package record

import (
	"fmt"
	"io"

	"github.com/retrodict/retrodict/encoding/safetensors"
	"github.com/retrodict/retrodict/engine"
)

// WriteParameters writes parameters.safetensors, with the given metadata.
func (f *Folder) WriteParameters(p engine.Params, metadata ...safetensors.Pair) error {
	file := safetensors.File{Metadata: metadata}
	for _, x := range p {
		file.Arrays = append(file.Arrays, safetensors.Array{Name: x.Name, Tensor: x.Value})
	}
	if err := f.Write("parameters.safetensors", func(w io.Writer) error { return safetensors.Write(w, file) }); err != nil {
		return fmt.Errorf("record: parameters: %w", err)
	}
	return nil
}
