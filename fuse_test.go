package retrodict

import (
	"bufio"
	"bytes"
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// computing are the packages, beside the pure ones, whose numbers reach a parameter or decide when something happens.
var computing = []string{"actors", "config", "data", "model", "train"}

// multiplyAdd is a line of the compiler's listing: a fused multiply-add of arm64, and where it comes from.
var multiplyAdd = regexp.MustCompile(`\((/[^()]*):(\d+)\)\tFN?M(?:ADD|SUB)[SD]\t`)

// A place is a line of source.
type place struct {
	file string
	line int
}

// fused returns the lines of the packages or files for which the compiler makes fused multiply-adds on arm64: it may
// round a·b + c once, across statements and inlined calls too, but where the product is converted: float64(a*b) + c.
// Other processors with the instruction, amd64 from GOAMD64=v3 on, would fuse the same.
func fused(t *testing.T, packages ...string) []place {
	cmd := exec.Command("go", append([]string{"build", "-gcflags=-S"}, packages...)...)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	listing, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", tail(listing))
	var list []place
	for s := bufio.NewScanner(bytes.NewReader(listing)); s.Scan(); {
		if m := multiplyAdd.FindStringSubmatch(s.Text()); m != nil {
			line, _ := strconv.Atoi(m[2])
			if p := (place{m[1], line}); !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
	}
	return list
}

func tail(b []byte) []byte { return b[max(0, len(b)-2000):] }

// source returns the text of a line.
func (p place) source(t *testing.T) string {
	text, err := os.ReadFile(p.file)
	require.NoError(t, err)
	return strings.TrimSpace(strings.Split(string(text), "\n")[p.line-1])
}

// What computes is fused only where it says so, by math.FMA: the bits are the same on every processor.
func TestNothingIsFused(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for another processor")
	}
	names := slices.Clone(computing)
	for name, p := range policies {
		if p.pure && name != "op/optest" { // a suite of tests
			names = append(names, name)
		}
	}
	for i, name := range names {
		names[i] = "./" + name
	}
	slices.Sort(names)
	asked := 0
	for _, p := range fused(t, names...) {
		if strings.Contains(p.source(t), "math.FMA(") {
			asked++
			continue
		}
		t.Errorf("%s:%d: the compiler fuses a product with a sum: convert the product, float64(a*b) + c\n\t%s", p.file, p.line, p.source(t))
	}
	assert.Greater(t, asked, 10, "the kernels ask for some")
}

// The negative control: products in all places from which the compiler takes them, and converted ones, which it leaves.
func TestFusedProductsAreFound(t *testing.T) {
	const text = `package main

func direct(a, b, c float64) float64 { return a*b + c } // found

func minus(a, b, c float32) float32 { return c - a*b } // found

func variable(a, b, c float64) float64 {
	p := a * b
	return p + c // found
}

func square(a float64) float64 { return a * a }

func inlined(a, c float64) float64 { return square(a) + c } // found

func number[T float32 | float64](a, b, c T) T { return a*b + c } // found

func converted(a, b, c float64) float64 { return float64(a*b) + c }

func convertedNumber[T float32 | float64](a, b, c T) T { return T(a*b) + c }

func main() {
	println(direct(1, 2, 3), minus(1, 2, 3), variable(1, 2, 3), inlined(1, 2), number[float32](1, 2, 3), number(1.0, 2, 3),
		converted(1, 2, 3), convertedNumber[float32](1, 2, 3), convertedNumber(1.0, 2, 3))
}
`
	file := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	var got, want []int
	for _, p := range fused(t, "-o="+os.DevNull, file) {
		got = append(got, p.line)
	}
	slices.Sort(got)
	for i, line := range strings.Split(text, "\n") {
		if strings.HasSuffix(line, "// found") {
			want = append(want, i+1)
		}
	}
	assert.Equal(t, want, got)
}

// rounded are the functions of package math whose bits differ: they are written in assembly for some processors, or in Go
// whose products the compiler fuses for some. The others are exact, or rounded once by IEEE 754.
var rounded = strings.Fields("Acos Acosh Asin Asinh Atan Atan2 Atanh Cbrt Cos Cosh Erf Erfc Erfcinv Erfinv Exp Exp2 Expm1 Gamma" +
	" Hypot J0 J1 Jn Lgamma Log Log10 Log1p Log2 Pow Pow10 Sin Sincos Sinh Tan Tanh Y0 Y1 Yn")

// inexact lists the functions that use them, and why that does no harm.
var inexact = map[string]string{
	"tensor Pow":      "exact values alone",
	"tensor Sin":      "large arguments, as documented",
	"tensor Cos":      "large arguments, as documented",
	"tensor Tan":      "large arguments, as documented",
	"synapse Moments": "for reports",
}

// What computes uses the functions of package tensor in place of those of package math, and its normal numbers in place of
// the ones of math/rand, which take logarithms.
func TestFunctionsHaveTheSameBitsEverywhere(t *testing.T) {
	used := map[string]bool{}
	inspect(t, func(name, function string, _ *ast.File, n ast.Node, at string) {
		s, ok := n.(*ast.SelectorExpr)
		if p, _ := policyOf(name); !ok || name == "op/optest" || !p.pure && !slices.Contains(computing, name) {
			return
		}
		x, _ := s.X.(*ast.Ident)
		if !(x != nil && x.Name == "math" && slices.Contains(rounded, s.Sel.Name)) && s.Sel.Name != "NormFloat64" && s.Sel.Name != "ExpFloat64" {
			return
		}
		if key := name + " " + function; inexact[key] != "" {
			used[key] = true
		} else {
			t.Errorf("%s uses %s, whose bits differ between processors: package tensor has one whose do not: %s", name, s.Sel.Name, at)
		}
	})
	for key := range inexact {
		assert.True(t, used[key], "%s uses none of them any more: take it off the list", key)
	}
}
