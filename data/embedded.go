package data

import (
	"bytes"
	_ "embed" // for the files below
	"strings"
)

var (
	//go:embed embedded/digits.csv.gz
	digitsFile []byte
	//go:embed embedded/iris.csv
	irisFile []byte
	//go:embed embedded/opticks.txt
	opticksFile string
)

// Digits returns 1,797 handwritten digits of 8×8 pixels: X [1797, 64], numbers 0 … 1 (sixteenths), row by row from the
// top left; Y the digit. Reshape(1, 8, 8) makes images of them.
// Source: Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository, 1998: the
// test part, as scikit-learn distributes it.
func Digits() (*Set, error) {
	r, err := unzipped(bytes.NewReader(digitsFile))
	if err != nil {
		return nil, err
	}
	s, err := CSV{Header: HeaderNo}.read("digits", r)
	if err != nil {
		return nil, err
	}
	x := s.X.Float64s()
	for i := range x {
		x[i] /= 16
	}
	return s, nil
}

// Iris returns the measures of 150 flowers of three species: X [150, 4], the length and width of sepal and petal in cm,
// not scaled (see Standardize); Y the species.
// Source: Fisher, "The use of multiple measurements in taxonomic problems", 1936, as scikit-learn distributes it.
func Iris() (*Set, error) {
	s, err := CSV{Header: HeaderYes}.read("iris", bytes.NewReader(irisFile))
	if err != nil {
		return nil, err
	}
	first, _, _ := strings.Cut(string(irisFile), "\n") // rows, columns, names of the classes
	s.Classes = strings.Split(strings.TrimSpace(first), ",")[2:]
	return s.checked()
}

// Opticks returns the beginning of Newton's Opticks, 64 KB of English of 1730, for a character language model. See
// Text.
func Opticks(w Windows) (*Set, error) { return Text("opticks", opticksFile, w) }
