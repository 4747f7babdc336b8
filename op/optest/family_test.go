package optest

import (
	"strings"
	"testing"

	"github.com/retrodict/retrodict/op"
	"github.com/stretchr/testify/assert"
)

// The list of names is that of the table: no function is left out, none is made up.
func TestFamiliesAreTheTable(t *testing.T) {
	listed, tested := map[string]bool{}, map[string]bool{}
	for _, f := range op.Families() {
		for _, n := range f.Ops {
			assert.False(t, listed[n], "%s is listed twice", n)
			listed[n] = true
		}
	}
	for _, r := range Table() {
		n, _, _ := strings.Cut(r.Op.Name(), "[")
		tested[n] = true
	}
	assert.Equal(t, tested, listed)
}
