package config

import (
	"reflect"
	"strings"
)

// suggest returns "; did you mean x?" for the key nearest to the unknown one, or the list of all keys.
func suggest(key string, t reflect.Type) string {
	best, least := "", 3
	var all []string
	for i := range t.NumField() {
		k := keyOf(t.Field(i))
		all = append(all, k)
		if n := distance(clip(key), k); n < least {
			best, least = k, n
		}
	}
	if best != "" {
		return "; did you mean " + best + "?"
	}
	return "; keys here are " + strings.Join(all, ", ")
}

// distance returns the number of insertions, deletions and substitutions that turn a into b [Levenshtein 1966].
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
