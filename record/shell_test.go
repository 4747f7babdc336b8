package record

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A shell splits a command line into the words that it was made of.
func TestCommandLine(t *testing.T) {
	assert.Equal(t, "retrodict run x.yaml --set 'network.layers=[64, 10]'", CommandLine("retrodict", "run", "x.yaml", "--set", "network.layers=[64, 10]"))
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell")
	}
	words := []string{"", "a b", "it's", "$HOME", "* -> *", "~", "#", "a\nb", "\\", `"`, "!x", "--set=links=[{match: 'a/* -> b'}]", "`id`", "é", "a;b", "{a,b}"}
	out, err := exec.Command(sh, "-c", `printf '%s|' `+CommandLine(words...)).Output()
	require.NoError(t, err)
	assert.Equal(t, strings.Join(words, "|")+"|", string(out))
}

// What must be the same for the same bits depends on what multiplies matrices.
func TestScope(t *testing.T) {
	assert.Contains(t, Scope("builtin"), "on every processor")
	for _, b := range []string{"gonum", "openblas"} {
		assert.NotContains(t, Scope(b), "every")
		assert.Contains(t, Scope(b), "and processor")
	}
}
