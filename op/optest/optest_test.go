package optest

import "testing"

func TestTable(t *testing.T) { TestAll(t) }

func TestNamesDiffer(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range Table() {
		if seen[row.Name()] {
			t.Errorf("two rows are named %q: give one a Note", row.Name())
		}
		seen[row.Name()] = true
	}
}

func BenchmarkTable(b *testing.B) { Bench(b) }
