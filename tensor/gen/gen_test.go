package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// The committed assembly is what the generator writes.
func TestCommittedFilesAreUpToDate(t *testing.T) {
	for _, what := range []string{"gemm", "math", "transpose", "arith", "planes"} {
		dir := t.TempDir()
		asm, stubs := filepath.Join(dir, "asm.s"), filepath.Join(dir, "stubs.go")
		cmd := exec.Command("go", "run", ".", "-what", what, "-out", asm, "-stubs", stubs, "-pkg", "kernel")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		same(t, asm, "../internal/kernel/"+what+"_amd64.s")
		same(t, stubs, "../internal/kernel/"+what+"_amd64.go")
	}
}

// same compares two files but for their first lines, which name the command.
func same(t *testing.T, fresh, committed string) {
	t.Helper()
	var rest [2][]byte
	for i, name := range []string{fresh, committed} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, rest[i], _ = bytes.Cut(data, []byte("\n"))
	}
	if !bytes.Equal(rest[0], rest[1]) {
		t.Errorf("%s is not what the generator writes: run go generate ./tensor/internal/kernel", committed)
	}
}
