package op

import (
	"errors"
	"fmt"

	"github.com/retrodict/retrodict/tensor"
)

// errorf returns an error that starts with the Op's name.
func errorf(o Op, format string, args ...any) error {
	return fmt.Errorf("%s: %s", o.Name(), fmt.Sprintf(format, args...))
}

// arity returns an error if o was not given as many arguments as it takes.
func arity(o Op, args []tensor.Shape) error {
	n := o.Arity()
	if n == len(args) || n == -1 && len(args) > 0 {
		return nil
	}
	return errorf(o, "got %d arguments, want %d", len(args), n)
}

// What can be wrong with a shape, without the Op's name and the shape, which errorf adds.
var (
	errRank = fmt.Errorf("the result would have a rank above %d", tensor.MaxRank)
	errDims = errors.New("the dimensions are not ones to reshape to: one may be -1, all others are positive, 0 copies")
	errLen  = errors.New("the number of elements would change")
	errAxis = errors.New("an axis is out of range, given twice, or of the wrong length")
)
