package experiments

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The committed folders are those of the registry: each has its results and says what it claims.
func TestFolders(t *testing.T) {
	for _, e := range All() {
		for _, name := range []string{"README.md", "results.csv"} {
			_, err := os.Stat(filepath.Join(e.Name, name))
			assert.NoError(t, err)
		}
		config, err := os.ReadFile(filepath.Join(e.Name, "config.yaml"))
		require.NoError(t, err)
		assert.Equal(t, settings(e.Name, Config{}), string(config))
		readme, err := os.ReadFile(filepath.Join(e.Name, "README.md"))
		require.NoError(t, err)
		assert.Contains(t, string(readme), "retrodict experiment run "+e.Name)
		found, err := Find(e.Name)
		require.NoError(t, err)
		assert.Equal(t, e.About, found.About)
	}
	_, err := Find("nothing")
	assert.ErrorContains(t, err, "salvatori2022-table1")
}
