package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// software is what the other side computes with, and the operating system of both.
type software struct {
	Kernel string `json:"kernel"` // of the operating system
	Python string `json:"python"`
	BLAS   string `json:"torch_blas"` // PyTorch's library of products, with the type of core whose kernels it has chosen
	OneDNN string `json:"onednn"`     // its library of convolutions; "": none
}

//go:embed versions.py
var versions string

// inspect asks a Python that has PyTorch.
func inspect(python string) (software, error) {
	s := software{}
	cmd := exec.Command(python, "-c", versions)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return s, fmt.Errorf("%s: versions of PyTorch's libraries: %w", python, err)
	}
	if err := json.Unmarshal(out, &s); err != nil {
		return s, fmt.Errorf("%s: versions of PyTorch's libraries: %w", python, err)
	}
	if b, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		s.Kernel = strings.TrimSpace(string(b))
	}
	return s, nil
}

// String returns "kernel 6.1, Python 3.11; PyTorch computes with OpenBLAS 0.3.21 … and oneDNN v2.6".
func (s software) String() string {
	libraries := s.BLAS
	if s.OneDNN != "" {
		libraries += " and oneDNN " + s.OneDNN
	}
	return fmt.Sprintf("kernel %s, Python %s; PyTorch computes with %s", s.Kernel, s.Python, libraries)
}
