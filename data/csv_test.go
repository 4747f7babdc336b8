package data

import (
	"strings"
	"testing"

	"github.com/retrodict/retrodict/tensor"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestLoadCSV(t *testing.T) {
	for _, c := range []struct {
		name, text string
		csv        CSV
		x          []float64
		y          []int64
		classes    []string
	}{
		{"plain", "1,2,0\n3,4,2\n", CSV{}, []float64{1, 2, 3, 4}, []int64{0, 2}, []string{"0", "1", "2"}},
		{"header", "a,b,label\n1,2,0\n3,4,2\n", CSV{}, []float64{1, 2, 3, 4}, []int64{0, 2}, []string{"0", "1", "2"}},
		{"words", "1,2,yes\n3,4,no\n", CSV{}, []float64{1, 2, 3, 4}, []int64{1, 0}, []string{"no", "yes"}},
		{"signs", "1,2,10\n3,4,-1\n", CSV{}, []float64{1, 2, 3, 4}, []int64{1, 0}, []string{"-1", "10"}},
		{"large", "1,2,70000\n3,4,9\n", CSV{}, []float64{1, 2, 3, 4}, []int64{1, 0}, []string{"9", "70000"}},
		{"name", "y,a,b\n1,2,3\n0,5,6\n", CSV{Label: "y"}, []float64{2, 3, 5, 6}, []int64{1, 0}, []string{"0", "1"}},
		{"first", "1,2,3\n0,5,6\n", CSV{Label: "0"}, []float64{2, 3, 5, 6}, []int64{1, 0}, []string{"0", "1"}},
		{"second last", "2,1,3\n5,0,6\n", CSV{Label: "-2"}, []float64{2, 3, 5, 6}, []int64{1, 0}, []string{"0", "1"}},
		{"numbers as names", "7,8\n1,0\n", CSV{Label: "7", Header: HeaderYes}, []float64{0}, []int64{1}, []string{"0", "1"}},
		{"header of numbers", "7,8\n1,0\n", CSV{Header: HeaderYes}, []float64{1}, []int64{0}, []string{"0"}},
		{"semicolon", "1.5; 2;0\n", CSV{Comma: ';'}, []float64{1.5, 2}, []int64{0}, []string{"0"}},
		{"mark, quotes, no newline", "\ufeff\"1\",2,\"a,b\"", CSV{}, []float64{1, 2}, []int64{0}, []string{"a,b"}},
	} {
		for _, file := range []string{"a.csv", "a.csv.gz"} {
			s, err := LoadCSV(put(t, file, []byte(c.text)), c.csv)
			require.NoError(t, err, c.name)
			require.NoError(t, s.Check(), c.name)
			assert.Equal(t, c.x, s.X.Float64s(), c.name)
			assert.Equal(t, c.y, s.Y.Int64s(), c.name)
			assert.Equal(t, c.classes, s.Classes, c.name)
		}
	}
	s, err := LoadCSV(put(t, "a.csv", []byte("1,2,0.5\n3,4,-2\n")), CSV{Regression: true})
	require.NoError(t, err)
	assert.Equal(t, tensor.Dims(2, 1), s.Y.Shape())
	assert.Equal(t, []float64{0.5, -2}, s.Y.Float64s())
	assert.Empty(t, s.Classes)
}

func TestBadCSV(t *testing.T) {
	for _, c := range []struct {
		text string
		csv  CSV
		want string
	}{
		{"", CSV{}, "a.csv:1:1: no rows"},
		{"a,b\n", CSV{}, "a.csv:1:1: no rows"},
		{"1\n", CSV{}, "a.csv:1:1: one column"},
		{"1,2,0\n3,x,1\n", CSV{}, `a.csv:2:3: "x" is not a finite number`},
		{"1,2,0\n3,,1\n", CSV{}, `a.csv:2:3: "" is not a finite number`},
		{"1,2,0\n3, NaN,1\n", CSV{}, `"NaN" is not a finite number`},
		{"1,2,0\n3,1e999,1\n", CSV{}, `a.csv:2:3: "1e999" is not a finite number`},
		{"1,2,0\n3,4\n", CSV{}, "a.csv:2:1: wrong number of fields"},
		{"1,2,0\n3,4,\n", CSV{}, "a.csv:2:5: the label is empty"},
		{"1,2,0\n3,\"4,1\n", CSV{}, "a.csv:2:"},
		{"1,2,0\n3,4,0.5\n", CSV{}, `a.csv:2:5: the label "0.5" is a number but no class: set regression`},
		{"1,2,0\n3,4,a\n", CSV{Regression: true}, `a.csv:2:5: the target "a" is not a finite number`},
		{"a,b,c\n1,2,0\n", CSV{Label: "d"}, `a.csv:1:1: no column "d" in the first line: a, b, c`},
		{"1,2,0\n", CSV{Label: "3"}, "a.csv:1:1: no column 3: there are 3"},
		{"1,2,0\n", CSV{Label: "-4"}, "no column -4"},
		{"a,b,c\n1,2,0\n", CSV{Header: HeaderNo}, `a.csv:1:1: "a" is not a finite number`},
		{"1,2,0\n3,4,1\n", CSV{Limit: Limit{Elements: 3}}, "a.csv:2:1: more than 3 elements"},
		{"1,2,0\n3,4,1\n", CSV{Limit: Limit{Bytes: 7}}, "more than 7 bytes"},
		{"1,2,\"" + strings.Repeat("a\n", 1000), CSV{Limit: Limit{Bytes: 100}}, "more than 100 bytes"},
	} {
		s, err := LoadCSV(put(t, "a.csv", []byte(c.text)), c.csv)
		assert.ErrorContains(t, err, c.want)
		assert.Nil(t, s)
	}
}
