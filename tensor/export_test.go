package tensor

import "github.com/retrodict/retrodict/tensor/internal/kernel"

// Builtins returns the built-in backend for every instruction set of this machine, plain Go first.
func Builtins() (all []Backend) {
	for _, isa := range kernel.ISAs() {
		all = append(all, Builtin{force: uint8(isa) + 1})
	}
	return all
}

// BuiltinISA returns "-go", "-avx2" or "-avx512" for a backend of Builtins.
func BuiltinISA(b Backend) string {
	if b, ok := b.(Builtin); ok {
		return "-" + b.isa().String()
	}
	return ""
}
