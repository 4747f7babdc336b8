package experiments

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
)

// results is a table that becomes results.csv.
type results struct {
	head []string
	rows [][]string
}

func newResults(head ...string) *results { return &results{head: head} }

// add appends a row; a value is a string, an int, a bool or a float64. Floats are written with as many digits as it
// takes to read the same number back.
func (r *results) add(values ...any) {
	row := make([]string, len(values))
	for i, v := range values {
		if f, ok := v.(float64); ok {
			row[i] = strconv.FormatFloat(f, 'g', -1, 64)
		} else {
			row[i] = fmt.Sprint(v)
		}
	}
	if len(row) != len(r.head) {
		panic("experiments: a row does not fit its head")
	}
	r.rows = append(r.rows, row)
}

// write makes the folder and writes name into it.
func (r *results) write(dir, name string) error {
	return create(dir, name, func(w io.Writer) error {
		c := csv.NewWriter(w)
		if err := c.Write(r.head); err != nil {
			return err
		}
		return c.WriteAll(r.rows)
	})
}

// create makes the folder if need be and writes a file into it.
func create(dir, name string, write func(io.Writer) error) (err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	f, err := os.Create(filepath.Join(dir, name))
	if err == nil {
		err = errors.Join(write(f), f.Close())
	}
	if err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	return nil
}

// round4 rounds to four digits, for measurements that have no more.
func round4(x float64) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return x
	}
	y, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 4, 64), 64)
	if err != nil {
		return x
	}
	return y
}
