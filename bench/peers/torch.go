package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// A setting is how many threads PyTorch has for its own kernels, and its BLAS for products; and whether OpenBLAS chooses its kernels by
// the processor although the environment names others.
type setting struct {
	torch, blas int
	free        bool
}

// forced are the variables by which an environment chooses OpenBLAS's kernels.
var forced = []string{"OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"}

// settings returns all that are tried: the last three only where the environment chooses kernels.
func settings() []setting {
	list := []setting{{1, 1, false}, {1, 2, false}, {2, 1, false}}
	if os.Getenv(forced[0]) == "" {
		return list
	}
	for _, s := range list {
		s.free = true
		list = append(list, s)
	}
	return list
}

// environment returns the environment of a PyTorch process.
func (s setting) environment() []string {
	var list []string
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		if !s.free || !slices.Contains(forced, name) {
			list = append(list, v)
		}
	}
	return append(list, fmt.Sprintf("OMP_NUM_THREADS=%d", s.torch), fmt.Sprintf("OPENBLAS_NUM_THREADS=%d", s.blas), fmt.Sprintf("MKL_NUM_THREADS=%d", s.blas))
}

// A torch is a PyTorch process that measures one job when it is told to.
type torch struct {
	setting
	version string
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// startTorch starts a process for a job and type and waits until it has warmed up.
func startTorch(python, script, job, dtype string, s setting) (*torch, error) {
	t := &torch{setting: s}
	t.cmd = exec.Command(python, script, "--turns", "--jobs", job, "--dtypes", dtype, "--threads", strconv.Itoa(s.torch))
	t.cmd.Env = s.environment()
	t.cmd.Stderr = os.Stderr
	var err error
	if t.in, err = t.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := t.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	t.out = bufio.NewReader(out)
	if err := t.cmd.Start(); err != nil {
		return nil, err
	}
	line := struct{ Version string }{}
	if err := t.read(&line); err != nil {
		t.close()
		return nil, fmt.Errorf("PyTorch does not start: %w", err)
	}
	t.version = line.Version
	return t, nil
}

func (t *torch) read(v any) error {
	line, err := t.out.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, v)
}

// measure returns the milliseconds of an update.
func (t *torch) measure() (float64, error) {
	if _, err := io.WriteString(t.in, "\n"); err != nil {
		return 0, err
	}
	line := struct{ MS float64 }{}
	err := t.read(&line)
	return line.MS, err
}

// close ends the process.
func (t *torch) close() {
	t.in.Close()
	_ = t.cmd.Wait() // its answers are what counts
}

// present reports whether python has PyTorch.
func present(python string) error {
	if out, err := exec.Command(python, "-c", "import torch").CombinedOutput(); err != nil {
		return fmt.Errorf("%s has no PyTorch (Debian: apt-get install python3-torch): %w: %.200s", python, err, out)
	}
	return nil
}
