package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"retrodict": main})
}

// TestScripts runs every command, with its errors and exit codes. In the scripts, "code N retrodict …" runs a command
// that must exit with N, and "keys FILE PATH a b c" checks that the JSON objects at a path have exactly these keys.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			dir, err := filepath.Abs("../../encoding/onnx/testdata/torch")
			e.Vars = append(e.Vars, "TORCH="+dir)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"code": checkCode,
			"keys": checkKeys,
			"json": checkValue,
			"npy":  makeArrays,
			"onnx": makeModel,
			"same": checkArrays,

			"rename-run": moveRun,
			"edit":       editFile,
			"truncate":   cutFile,
		},
	})
}

// checkCode runs a command and checks its exit code.
func checkCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: code N command…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	if err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if got := fmt.Sprint(code); got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// at returns the values at a dotted path of a JSON file, in which * stands for every element of a list. The file must
// hold one object and nothing else.
func at(ts *testscript.TestScript, file, path string) []any {
	d := json.NewDecoder(strings.NewReader(ts.ReadFile(file)))
	var v any
	ts.Check(d.Decode(&v))
	if _, err := d.Token(); err != io.EOF {
		ts.Fatalf("%s holds more than one value", file)
	}
	list := []any{v}
	for _, key := range strings.Split(path, ".") {
		var next []any
		for _, v := range list {
			switch v := v.(type) {
			case map[string]any:
				if key == "" {
					next = append(next, v)
				} else if x, ok := v[key]; ok {
					next = append(next, x)
				} else {
					ts.Fatalf("%s: no %s", path, key)
				}
			case []any:
				next = append(next, v...)
			default:
				ts.Fatalf("%s: %v has no %s", path, v, key)
			}
		}
		list = next
	}
	return list
}

func checkKeys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: keys FILE PATH key…")
	}
	want := append([]string(nil), args[2:]...)
	sort.Strings(want)
	list := at(ts, args[0], strings.TrimPrefix(args[1], "."))
	if len(list) == 0 {
		ts.Fatalf("nothing at %s", args[1])
	}
	for _, v := range list {
		m, ok := v.(map[string]any)
		if !ok {
			ts.Fatalf("%s: %v is no object", args[1], v)
		}
		var keys []string
		for k := range m {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		if strings.Join(keys, " ") != strings.Join(want, " ") {
			ts.Fatalf("%s has keys %v, want %v", args[1], keys, want)
		}
	}
}

// checkValue checks that all values at a path are equal to one, or with ! that none is.
func checkValue(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH value")
	}
	list := at(ts, args[0], args[1])
	if len(list) == 0 {
		ts.Fatalf("nothing at %s", args[1])
	}
	for _, v := range list {
		text, err := json.Marshal(v)
		ts.Check(err)
		if got := strings.Trim(string(text), `"`); (got == args[2]) == neg {
			ts.Fatalf("%s is %s", args[1], got)
		}
	}
}

// The first interrupt finishes the batch and writes what there is.
func TestInterrupt(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	dir := t.TempDir()
	program := filepath.Join(dir, "retrodict")
	require.NoError(t, os.Symlink(self, program))
	cmd := exec.Command(program, "run", "--set", "learning.epochs=1000000", "--set", "network.grain=layer", "--out", filepath.Join(dir, "runs"))
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	var text []string
	for s, sent := bufio.NewScanner(out), false; s.Scan(); {
		text = append(text, s.Text())
		if !sent && strings.HasPrefix(s.Text(), "      3 ") {
			require.NoError(t, cmd.Process.Signal(os.Interrupt))
			sent = true
		}
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	assert.Equal(t, exitInterrupted, exit.ExitCode(), stderr.String())
	all := strings.Join(text, "\n")
	assert.Contains(t, all, "equal")
	assert.Contains(t, all, "Kept in ")
	for _, name := range []string{"config.yaml", "manifest.json", "metrics.csv", "learning-curve.svg", "parameters.safetensors"} {
		found, err := filepath.Glob(filepath.Join(dir, "runs", "*", name))
		require.NoError(t, err)
		assert.Len(t, found, 1, name)
	}
	manifest, err := filepath.Glob(filepath.Join(dir, "runs", "*", "manifest.json"))
	require.NoError(t, err)
	bytes, err := os.ReadFile(manifest[0])
	require.NoError(t, err)
	assert.Contains(t, string(bytes), `"status": "interrupted"`)
}
